/** `belay mcp` as its clients meet it: our own client on the one end, real processes between. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../engine/format/json.ts';
import type { ToolProgress } from '../../engine/ports.ts';
import type { Elicit, Elicitation } from '../../providers/mcp/elicitation.ts';
import { benchWith, packaged } from '../../providers/mcp/testing/tools.ts';
import { Belay, belay, hasTerminal, workspaceWith } from '../testing/belay.ts';

const { script: CLI, cache } = inject('cli');

const FLOWS: Record<string, JsonObject> = {
  'hello.flow.json': {
    version: 1,
    title: 'Hello',
    description: 'Greets somebody.',
    inputs: { name: { type: 'string' }, times: { type: 'integer', default: 2 } },
    nodes: { greet: { type: 'template', title: 'Write', with: { template: 'Hello {{ inputs.name }}, {{ inputs.times }} times' } } },
    outputs: { text: { value: { $expr: 'steps.greet.output.text' }, schema: { type: 'string' } } },
  },
  'deep/ask.flow.json': {
    version: 1,
    title: 'Ask',
    inputs: { what: { type: 'string' } },
    nodes: {
      approve: { type: 'approval', with: { message: 'Save it?', show: { $expr: 'inputs.what' } } },
      save: { type: 'file', after: { approve: 'approved' }, with: { action: 'write', path: 'out.txt', content: '{{ inputs.what }}' } },
    },
    outputs: { path: { value: { $expr: 'steps.save.output.path' } } },
  },
  'wait.flow.json': { version: 1, title: 'Wait', nodes: { wait: { type: 'wait', with: { for: '1h' } } } },
  'broken.flow.json': { version: 1, title: 'Broken', nodes: { a: { type: 'nonsense' } } },
};

const server = (root: string, ...args: string[]): JsonObject => ({
  command: process.execPath,
  args: [CLI, 'mcp', '--root', root, ...args],
  env: { BELAY_STATE_DIR: root, XDG_CACHE_HOME: cache },
});

function answering(decision: string, questions: Elicitation[] = []): { elicit: Elicit } {
  return {
    elicit: async (question) => {
      questions.push(question);
      return { action: 'accept', content: { decision } };
    },
  };
}

describe('belay mcp', () => {
  test('offers each flow that can be run, with its inputs, and gives what it gives', async () => {
    const root = await workspaceWith(FLOWS);
    const bench = benchWith({ belay: server(root) });
    const { tools, unavailable } = await bench.list('belay/*');
    expect(unavailable).toEqual([]);
    expect(tools.map(({ name }) => name)).toEqual(['belay/deep_ask', 'belay/hello', 'belay/wait']);
    expect(tools[1]).toMatchObject({
      title: 'Hello',
      description: expect.stringContaining('Greets somebody.'),
      parameters: { properties: { name: { type: 'string' }, times: { type: 'integer', default: 2 } }, required: ['name'] },
    });
    const progress: ToolProgress[] = [];
    const result = await bench.call('belay/hello', { name: 'Ada' }, { onProgress: (it) => void progress.push(it) });
    expect(result.structured).toMatchObject({ status: 'succeeded', outputs: { text: 'Hello Ada, 2 times' } });
    expect(progress[0]?.message).toMatch(/^Write/);
    expect(await bench.call('belay/hello', { name: 3 })).toMatchObject({
      failed: true,
      content: [{ text: expect.stringContaining('INPUT_INVALID') }],
    });
    await expect(bench.call('belay/broken')).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });
    const { stdout } = await belay(root, 'runs');
    expect(stdout).toMatch(/succeeded +hello\.flow\.json/);
  });

  test('asks for approvals by elicitation, with what they cover', async () => {
    const root = await workspaceWith(FLOWS);
    const questions: Elicitation[] = [];
    const bench = benchWith({ belay: server(root) }, answering('approved', questions));
    const result = await bench.call('belay/deep_ask', { what: 'a text' });
    expect(result.structured).toMatchObject({ status: 'succeeded', outputs: { path: 'deep/out.txt' } });
    expect(questions[0]?.message).toMatch(/Save it\?[\s\S]*a text[\s\S]*read it with care/);
    expect(readFileSync(join(root, 'deep/out.txt'), 'utf8')).toBe('a text');
    const rejected = benchWith({ belay: server(root) }, answering('rejected'));
    expect(await rejected.call('belay/deep_ask', { what: 'x' })).toMatchObject({ failed: true, structured: { status: 'rejected' } });
  });

  test('a run whose question nobody answers is parked, and it is said how it goes on', async () => {
    const root = await workspaceWith(FLOWS);
    const result = await benchWith({ belay: server(root) }).call('belay/deep_ask', { what: 'a text' });
    const text = (result.content[0] as { text: string }).text;
    const [, command = '', run = ''] = /belay (approve) (\S+) approve/.exec(text) ?? [];
    expect(result.structured).toMatchObject({ status: 'parked', run, waiting: [expect.stringMatching(/^approve: /)] });
    expect((await belay(root, command, run)).code).toBe(0);
    expect(readFileSync(join(root, 'deep/out.txt'), 'utf8')).toBe('a text');
  });

  test('a cancelled call is a cancelled run', async () => {
    const root = await workspaceWith(FLOWS);
    const abort = new AbortController();
    const bench = benchWith({ belay: server(root) });
    const call = bench.call('belay/wait', {}, { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
    await expect(call).rejects.toThrow('enough');
    await expect.poll(async () => (await belay(root, 'runs')).stdout, { timeout: 10_000 }).toMatch(/cancelled/);
  });
});

describe('belay mcp --http', () => {
  async function serve(root: string): Promise<string> {
    const child = spawn(process.execPath, [CLI, 'mcp', '--root', root, '--http', '0'], {
      env: {
        PATH: process.env.PATH,
        XDG_CACHE_HOME: cache,
        BELAY_STATE_DIR: mkdtempSync(join(tmpdir(), 'belay-')),
        BELAY_MCP_TOKEN: 'the-token',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    });
    let said = '';
    for await (const chunk of child.stderr.setEncoding('utf8')) {
      said += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(said)?.[0];
      if (url !== undefined) return url;
    }
    throw new Error(said);
  }

  test('answers whoever has the token, asks by elicitation, and nobody else', async () => {
    const root = await workspaceWith(FLOWS);
    const url = await serve(root);
    const bench = benchWith({ belay: { url, headers: { Authorization: 'Bearer the-token' } } }, answering('approved'));
    expect((await bench.call('belay/hello', { name: 'Ada' })).structured).toMatchObject({ outputs: { text: 'Hello Ada, 2 times' } });
    expect((await bench.call('belay/deep_ask', { what: 'x' })).structured).toMatchObject({ status: 'succeeded' });

    const stranger = benchWith({ belay: { url, headers: { Authorization: 'Bearer another' } } }, { limits: { backOffMs: [] } });
    await expect(stranger.call('belay/hello', { name: 'Ada' })).rejects.toMatchObject({ code: 'MCP_UNAUTHORIZED' });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const ask = (headers: Record<string, string>) =>
      fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', authorization: 'Bearer the-token', ...headers } });
    expect((await ask({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask({ authorization: '' })).status).toBe(401);
    expect((await ask({ 'mcp-session-id': 'guessed' })).status).toBe(404);
    expect((await ask({})).status).toBe(400);
  });
});

describe('a flow with a tool of an MCP server', () => {
  const echo: JsonObject = {
    version: 1,
    title: 'Echo',
    mcpServers: { all: packaged('@modelcontextprotocol/server-everything/dist/index.js') },
    nodes: { say: { type: 'tool', with: { tool: 'all/echo', arguments: { message: 'from a flow' } } } },
    outputs: { said: { value: { $expr: 'steps.say.output' } } },
  };
  const run = (root: string, ...args: string[]) =>
    new Belay(root, ['run', 'echo.flow.json', '--json', ...args], { env: { BELAY_STATE_DIR: root } }).ended;

  test('runs from the terminal, after a yes to the server and one to the step', async () => {
    const root = await workspaceWith({ 'echo.flow.json': echo });
    const refused = await run(root, '--approve', 'say');
    expect(refused.stdout).toMatch(/has not been allowed.*--allow-server all/);
    expect(refused.code).toBe(1);
    const waiting = await run(root, '--allow-server', 'all');
    expect(waiting.code).toBe(3);
    const { code, stdout } = await run(root, '--allow-server', 'all', '--approve', 'say');
    expect(stdout).toMatch(/Echo: from a flow/);
    expect(code).toBe(0);
  });

  test.runIf(hasTerminal)('asks at the prompt once, with the command line', async () => {
    const root = await workspaceWith({ 'echo.flow.json': echo });
    const start = () => new Belay(root, ['run', 'echo.flow.json', '--approve', 'say'], { terminal: true, env: { BELAY_STATE_DIR: root } });
    const first = start();
    await first.until('as the MCP server "all"');
    await first.until('server-everything/dist/index.js');
    await first.until('Do you trust it?');
    first.type('y\r');
    expect((await first.ended).stdout).toMatch(/Succeeded/);
    const second = start();
    const { stdout } = await second.ended;
    expect(stdout).toMatch(/Succeeded/);
    expect(stdout).not.toMatch(/Do you trust it/);
  });
});
