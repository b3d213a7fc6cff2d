/** The official conformance suites against Belay's client and server. What is not passed is listed, with the reason; docs/mcp.md says the same. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { workspaceWith } from '../../src/cli/testing/belay.ts';
import { withToken } from './proxy.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..', '..');
const SUITE = join(ROOT, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');

const CLIENT_PASSED = [
  ...['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry'],
  ...['metadata-default', 'metadata-var1', 'metadata-var2', 'metadata-var3', 'pre-registration'].map((name) => `auth/${name}`),
  ...['scope-from-www-authenticate', 'scope-from-scopes-supported', 'scope-omitted-when-undefined'].map((name) => `auth/${name}`),
  ...['scope-step-up', 'scope-retry-limit', 'resource-mismatch'].map((name) => `auth/${name}`),
  ...['token-endpoint-auth-basic', 'token-endpoint-auth-post', 'token-endpoint-auth-none'].map((name) => `auth/${name}`),
  ...['2025-03-26-oauth-endpoint-fallback', 'offline-access-scope', 'offline-access-not-supported'].map((name) => `auth/${name}`),
];
/** Not passed, each with its reason in docs/mcp.md. */
const CLIENT_FAILED = [
  ...['auth/basic-cimd', 'auth/2025-03-26-oauth-metadata-backcompat', 'auth/client-credentials-jwt', 'auth/client-credentials-basic'],
  'auth/cross-app-access-complete-flow',
];

const SERVER_PASSED = [
  ...['server-initialize', 'ping', 'tools-list', 'tools-call-simple-text', 'tools-call-error', 'tools-call-with-progress'],
  ...['server-sse-polling', 'server-sse-multiple-streams', 'dns-rebinding-protection'],
];
const SERVER_FAILED = [
  ...['logging-set-level', 'completion-complete', 'tools-call-image', 'tools-call-audio', 'tools-call-embedded-resource'],
  ...['tools-call-mixed-content', 'tools-call-with-logging', 'tools-call-sampling', 'tools-call-elicitation', 'json-schema-2020-12'],
  ...['elicitation-sep1034-defaults', 'elicitation-sep1330-enums', 'resources-list', 'resources-read-text', 'resources-read-binary'],
  ...['resources-templates-read', 'resources-subscribe', 'resources-unsubscribe', 'prompts-list', 'prompts-get-simple'],
  ...['prompts-get-with-args', 'prompts-get-embedded-resource', 'prompts-get-with-image'],
];

describe.concurrent("Belay's MCP client", () => {
  it.each([...CLIENT_PASSED.map((name) => [name, true] as const), ...CLIENT_FAILED.map((name) => [name, false] as const)])(
    '%s: %s',
    async (scenario, passed) => {
      const { code, output } = await suite(
        'client',
        '--command',
        `"${process.execPath}" "${join(HERE, 'client.ts')}"`,
        '--scenario',
        scenario,
        '--timeout',
        '100000',
      );
      expect(code === 0, output.slice(-3000)).toBe(passed);
    },
    // Three programs are started for each, and a busy machine is no failure.
    120_000,
  );
});

describe("Belay's MCP server", () => {
  it('passes what is listed, and nothing else', async () => {
    const steps = Object.fromEntries(['a', 'b', 'c'].map((id) => [id, { type: 'template', with: { template: id } }]));
    const root = await workspaceWith({
      'test_simple_text.flow.json': { version: 1, nodes: steps, outputs: { text: { value: { $expr: 'steps.a.output.text' } } } },
      'test_tool_with_progress.flow.json': { version: 1, nodes: steps },
      'test_error_handling.flow.json': { version: 1, nodes: { read: { type: 'file', with: { action: 'read', path: 'none.txt' } } } },
    });
    const cli = inject('cli');
    const belay = spawn(process.execPath, [cli.script, 'mcp', '--root', root, '--http', '0'], {
      env: { PATH: process.env.PATH, XDG_CACHE_HOME: cli.cache, BELAY_STATE_DIR: root, BELAY_MCP_TOKEN: 'token' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const proxy = await withToken(await addressOf(belay.stderr.setEncoding('utf8')), 'token');
    try {
      const { output } = await suite('server', '--url', proxy.url, '--suite', 'all');
      const results = [...output.matchAll(/^([✓✗]) (\S+): \d+ passed/gmu)].map(([, mark, name]) => [name, mark === '✓'] as const);
      const expected = [...SERVER_PASSED.map((name) => [name, true] as const), ...SERVER_FAILED.map((name) => [name, false] as const)];
      expect(Object.fromEntries(results), output.slice(-2000)).toEqual(Object.fromEntries(expected));
    } finally {
      proxy.server.close();
      belay.kill('SIGTERM');
    }
  }, 120_000);
});

it('docs/mcp.md lists what is not passed, and nothing else', () => {
  const text = readFileSync(join(ROOT, 'docs', 'mcp.md'), 'utf8');
  const told = [...text.slice(text.indexOf('## Conformance')).matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(told.toSorted()).toEqual([...CLIENT_FAILED, ...SERVER_FAILED].toSorted());
});

async function suite(...args: string[]): Promise<{ code: number; output: string }> {
  // What has been compiled once need not be compiled for every scenario.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'belay-conformance-compiled') };
  const results = mkdtempSync(join(tmpdir(), 'belay-conformance-'));
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [SUITE, ...args, '-o', results],
      { cwd: ROOT, maxBuffer: 20_000_000, env },
      (_error, stdout, stderr) => {
        rmSync(results, { recursive: true, force: true });
        resolve({ code: child.exitCode ?? 1, output: stdout + stderr });
      },
    );
  });
}

async function addressOf(said: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of said) {
    text += chunk;
    const url = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(text)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(text);
}
