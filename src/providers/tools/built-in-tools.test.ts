import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../engine/format/json.ts';
import { effectOfTools, expandTools } from '../../engine/format/tool-names.ts';
import { textOf } from '../../engine/messages.ts';
import type { HttpResponse, WorkspaceFiles } from '../../engine/ports.ts';
import { builtInTools } from '../../engine/tools/built-in.ts';
import { readableText } from '../../engine/tools/readable.ts';
import { createWorkspaceFiles } from '../files/files.ts';

let root: string;
let files: WorkspaceFiles;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'belay-tools-'));
  files = createWorkspaceFiles(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (tree: Record<string, string>): void => {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};

const ports = (answer?: Partial<HttpResponse>) => ({
  files,
  http: { request: async ({ url }: { url: string }) => ({ url, status: 200, headers: {}, body: '', ...answer }) },
  commands: { run: async () => ({ stdout: 'out\n', stderr: '', exitCode: 3, signal: null, truncated: false }) },
  secrets: { get: async () => undefined, redact: (text: string) => text },
});

async function call(name: string, args: JsonObject, answer?: Partial<HttpResponse>) {
  const tool = builtInTools.get(name)!;
  const work = { ports: ports(answer), signal: new AbortController().signal, idempotencyKey: 'k', show() {} };
  return tool.run(args, work).then(
    ({ content, structured }) => ({ text: textOf({ content }), data: structured as Json, code: undefined }),
    (error: { code?: string }) => ({ text: '', data: null, code: error.code ?? String(error) }),
  );
}

describe('names', () => {
  it.each([
    [['read'], ['files/read', 'files/list'], 'read'],
    [['files/*'], ['files/read', 'files/list', 'files/search', 'files/edit', 'files/write'], 'write'],
    [['web', 'todo', 'http/get'], ['http/get'], 'read'],
    [['execute'], ['command/run'], 'irreversible'],
    [['github/*', 'flow/a.flow.json'], ['github/*', 'flow/a.flow.json'], 'irreversible'],
    [[], [], 'read'],
  ])('%j', (written, tools, effect) => {
    expect(expandTools(written).sort()).toEqual([...tools].sort());
    expect(effectOfTools(written)).toBe(effect);
  });
});

describe('files', () => {
  beforeEach(() =>
    put({
      'a.md': 'one\ntwo\nthree\n',
      'src/b.ts': 'const Two = 2;\n',
      'node_modules/x/c.js': 'two',
      '.git/config': 'two',
      '.belay/local/runs/r': 'two',
      '.belay/cassettes/a.jsonl': 'x',
    }),
  );

  it.each<[string, JsonObject, string]>([
    ['files/read', { path: 'a.md' }, 'one\ntwo\nthree\n'],
    ['files/read', { path: 'a.md', line: 2, lines: 1 }, 'two\n[2 more lines; read on from line 3]'],
    ['files/list', {}, '.belay/\na.md\nsrc/'],
    ['files/list', { recursive: true }, 'a.md\n.belay/cassettes/a.jsonl\nsrc/b.ts'],
    ['files/list', { path: 'src' }, 'b.ts'],
    ['files/search', { text: 'two' }, 'a.md:2: two\nsrc/b.ts:1: const Two = 2;'],
    ['files/search', { text: 'two', caseSensitive: true }, 'a.md:2: two'],
    ['files/search', { text: 't[wh]', regex: true, files: '*.md' }, 'a.md:2: two\na.md:3: three'],
    ['files/search', { text: 't[wh]' }, '[nothing in 3 files]'],
    ['files/search', { text: 'two', path: 'src' }, 'src/b.ts:1: const Two = 2;'],
    ['files/search', { text: 'two', files: 'src/**' }, 'src/b.ts:1: const Two = 2;'],
    ['files/search', { text: '', regex: true, most: 1 }, 'a.md:1: one\n[there are more]'],
  ])('%s %j', async (name, args, text) => {
    expect((await call(name, args)).text).toBe(text);
  });

  it.each<[string, JsonObject, string]>([
    ['files/read', { path: '../x' }, 'FILE_OUTSIDE'],
    ['files/read', { path: 'out/x' }, 'FILE_OUTSIDE'],
    ['files/read', { path: '.git/config' }, 'TOOL_PATH_HIDDEN'],
    ['files/read', { path: 'src/../.GIT/config' }, 'TOOL_PATH_HIDDEN'],
    ['files/read', { path: '.belay/local/runs/r' }, 'TOOL_PATH_HIDDEN'],
    ['files/write', { path: '.git/hooks/x', content: 'x' }, 'TOOL_PATH_HIDDEN'],
    ['files/list', { path: '/etc' }, 'FILE_OUTSIDE'],
    ['files/search', { text: 'x', path: '..' }, 'FILE_OUTSIDE'],
    ['files/search', { text: '(', regex: true }, 'TOOL_PATTERN_INVALID'],
    ['files/edit', { path: 'a.md', old: 'four', new: 'x' }, 'TOOL_EDIT_UNCLEAR'],
    ['files/edit', { path: 'a.md', old: 'e', new: 'x' }, 'TOOL_EDIT_UNCLEAR'],
    ['command/run', { run: ['x'], cwd: '..' }, 'FILE_OUTSIDE'],
  ])('%s %j is refused', async (name, args, code) => {
    symlinkSync(tmpdir(), join(root, 'out'));
    expect((await call(name, args)).code).toBe(code);
  });

  it('links are not followed by those who look everywhere', async () => {
    symlinkSync(root, join(root, 'src/loop'));
    expect((await call('files/list', { recursive: true })).text).toBe('a.md\n.belay/cassettes/a.jsonl\nsrc/b.ts');
  });

  it('a hostile pattern and text take linear time', async () => {
    put({ 'evil.txt': `${'a'.repeat(100_000)}!\n` });
    const before = process.cpuUsage();
    await call('files/search', { text: '^(a+)+$', regex: true });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(10_000);
  });

  it('are edited at one place, or at all', async () => {
    expect((await call('files/edit', { path: 'a.md', old: 'two', new: 'TWO' })).data).toMatchObject({ path: 'a.md', places: 1 });
    await call('files/edit', { path: 'a.md', old: 'e', new: '$&', all: true });
    expect(readFileSync(join(root, 'a.md'), 'utf8')).toBe('on$&\nTWO\nthr$&$&\n');
  });

  it.each([
    ['files/write', { path: 'a.md', content: 'x' }, 'write'],
    ['files/write', { path: 'x.flow.json', content: 'x' }, 'irreversible'],
    ['files/edit', { path: '.github/agents/a.agent.md', old: 'x', new: 'y' }, 'irreversible'],
  ])('%s %j is of the effect %s', async (name, args, effect) => {
    expect(await builtInTools.get(name)!.effect!(args, ports())).toBe(effect);
  });

  it.each<[string, JsonObject]>([
    ['files/write', { path: 'a.md', content: 'new' }],
    ['files/edit', { path: 'a.md', old: 'two', new: 'TWO' }],
  ])('a crash in the middle of %s is told from somebody else’s work', async (name, args) => {
    const { before, reconcile, run } = builtInTools.get(name)!;
    const was = await before!(args, ports());
    expect(await reconcile!(args, was, ports())).toEqual({ is: 'repeat' });
    const result = await run(args, { ports: ports(), signal: new AbortController().signal, idempotencyKey: 'k', show() {} });
    expect(await reconcile!(args, was, ports())).toEqual({ is: 'done', output: result });
    put({ 'a.md': 'mine' });
    expect(await reconcile!(args, was, ports())).toMatchObject({ is: 'ask' });
  });
});

it('a command tells its exit code, whatever it is', async () => {
  expect(await call('command/run', { run: ['x'] })).toMatchObject({ text: 'exit code 3\nout\n', data: { exitCode: 3 } });
});

describe('pages', () => {
  const page =
    '<html><head><title>T &amp; U</title></head><body><script>evil()</script><h1>Head</h1><p>One <a href="/x">link</a></p><ul><li>a<li>b</ul></body>';

  it('come as text', async () => {
    const { text, data } = await call(
      'http/get',
      { url: 'https://example.org/a' },
      { body: page, headers: { 'content-type': 'text/html' } },
    );
    expect(text).toBe('https://example.org/a\n\n# T & U\n\n# Head\n\nOne link (https://example.org/x)\n\n- a\n- b');
    expect(data).toMatchObject({ status: 200 });
  });

  it.each([
    ['<p>a<!-- never closed', 'a'],
    ['a < b &lt;c&gt; &#x41;&#0;&nope;', 'a < b <c> A&#0;&nope;'],
    ['<a href="javascript:x()">j</a>', 'j'],
    ['<style>x{}', ''],
    [`${'<'.repeat(200_000)}`, undefined],
    [`${'<script>'.repeat(100_000)}`, ''],
  ])('%.30s is read in linear time', (html, text) => {
    const before = process.cpuUsage();
    const found = readableText(html, 'https://example.org/');
    if (text !== undefined) expect(found).toBe(text);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(10_000);
  });

  it.each([
    ['ftp://x', 'HTTP_ADDRESS'],
    ['http://u:p@x/', 'HTTP_ADDRESS'],
  ])('%s is no address', async (url, code) => {
    expect((await call('http/get', { url })).code).toBe(code);
  });

  it('secrets cannot be named by whoever calls', async () => {
    const { data } = await call('http/get', { url: 'https://example.org/?k=⦃secret:KEY⦄' });
    expect(decodeURIComponent(String((data as JsonObject).url))).toContain('⦃secret:KEY⦄');
  });
});
