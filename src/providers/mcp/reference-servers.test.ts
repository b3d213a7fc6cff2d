/** The reference servers and Playwright's, as flows name them: real programs, by stdio and by HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolProgress } from '../../engine/ports.ts';
import type { Elicitation } from './elicitation.ts';
import { benchWith, packaged } from './testing/tools.ts';

const EVERYTHING = '@modelcontextprotocol/server-everything/dist/index.js';
const FILESYSTEM = '@modelcontextprotocol/server-filesystem/dist/index.js';
const MEMORY = '@modelcontextprotocol/server-memory/dist/index.js';

describe('server-everything by stdio', () => {
  it('lists, answers, gives structure, images and links, and says how far it is', async () => {
    const bench = benchWith({ all: packaged(EVERYTHING) });
    const { tools, unavailable } = await bench.list('all/*', 'nobody/x');
    expect(unavailable).toMatchObject([{ name: 'nobody/x', error: { code: 'TOOL_UNKNOWN' } }]);
    expect(tools.length).toBeGreaterThan(10);
    expect(tools.find(({ name }) => name === 'all/echo')).toMatchObject({ effect: 'irreversible', parameters: { type: 'object' } });

    expect(await bench.call('all/echo', { message: 'hi' })).toEqual({ content: [{ type: 'text', text: 'Echo: hi' }] });
    expect(await bench.call('all/get-structured-content', { location: 'New York' })).toMatchObject({
      structured: { temperature: 33, conditions: 'Cloudy', humidity: 82 },
    });
    const image = await bench.call('all/get-tiny-image');
    expect(image.content.find(({ type }) => type === 'image')).toMatchObject({ mediaType: 'image/png' });
    expect(JSON.stringify(await bench.call('all/get-resource-links', { count: 2 }))).toMatch(/\[Resource \\"/);
    expect(await bench.call('all/echo', {})).toMatchObject({ failed: true });
    await expect(bench.call('all/none')).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });

    const progress: ToolProgress[] = [];
    await bench.call('all/trigger-long-running-operation', { duration: 0.6, steps: 3 }, { onProgress: (it) => void progress.push(it) });
    expect(progress.map(({ total }) => total)).toContain(3);
    expect(bench.asked).toHaveLength(1);
  });

  it('keys of the host are not handed to programs, but what the flow gives them is', async () => {
    const bench = benchWith(
      { all: { ...packaged(EVERYTHING), env: { TOKEN: 'a{{ secrets.KEY }}b' } } },
      { environment: { ...process.env, OPENAI_API_KEY: 'sk-host' }, secrets: { get: async (name) => `<${name}>` } },
    );
    const { content } = await bench.call('all/get-env');
    const env = (content[0] as { text: string }).text;
    expect(env).toContain('"TOKEN": "a<KEY>b"');
    expect(env).not.toContain('sk-host');
  });

  it('what it asks is put to a person, and declined where there is none', async () => {
    const questions: Elicitation[] = [];
    const asked = benchWith(
      { all: packaged(EVERYTHING) },
      {
        elicit: async (question) => {
          questions.push(question);
          return { action: 'accept', content: { name: 'Ada', check: true } };
        },
      },
    );
    const answer = JSON.stringify(await asked.call('all/trigger-elicitation-request'));
    expect(answer).toContain('Ada');
    const kinds = Object.fromEntries(questions[0]?.fields.map(({ name, kind }) => [name, kind]) ?? []);
    expect(kinds).toMatchObject({
      name: 'text',
      check: 'boolean',
      integer: 'integer',
      untitledSingleSelectEnum: 'choice',
      untitledMultipleSelectEnum: 'choices',
    });

    const nobody = benchWith({ all: packaged(EVERYTHING) });
    expect(JSON.stringify(await nobody.call('all/trigger-elicitation-request'))).toMatch(/declined/);
  });
});

describe('server-everything by HTTP', () => {
  let port = 0;
  let server: ReturnType<typeof spawn>;
  beforeAll(async () => {
    port = await freePort();
    const { command, args } = packaged(EVERYTHING, 'streamableHttp') as { command: string; args: string[] };
    server = spawn(command, args, { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] });
    await Promise.race([once(server.stderr as NonNullable<typeof server.stderr>, 'data'), once(server, 'exit')]);
  });
  afterAll(() => void server.kill('SIGKILL'));

  it('lists, answers, says how far it is, and is cancelled', async () => {
    const bench = benchWith({ all: { url: `http://127.0.0.1:${port}/mcp`, headers: { 'x-a': 'b' } } });
    expect(await bench.call('all/echo', { message: 'hi' })).toEqual({ content: [{ type: 'text', text: 'Echo: hi' }] });
    const progress: ToolProgress[] = [];
    const call = bench.call(
      'all/trigger-long-running-operation',
      { duration: 0.6, steps: 3 },
      { onProgress: (it) => void progress.push(it) },
    );
    expect(await call).toMatchObject({ content: [{ text: expect.stringContaining('completed') }] });
    expect(progress.length).toBeGreaterThan(0);
    const abort = new AbortController();
    const long = bench.call(
      'all/trigger-long-running-operation',
      { duration: 60, steps: 300 },
      { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) },
    );
    await expect(long).rejects.toThrow('enough');
    expect(await bench.call('all/echo', { message: 'still here' })).toMatchObject({ content: [{ text: 'Echo: still here' }] });
  });

  it('an address where nobody is, is tried again after a while and then told', async () => {
    const bench = benchWith({ none: { url: `http://127.0.0.1:${await freePort()}/mcp` } }, { limits: { backOffMs: [10, 20] } });
    const progress: ToolProgress[] = [];
    await expect(bench.call('none/x', {}, { onProgress: (it) => void progress.push(it) })).rejects.toMatchObject({
      code: 'MCP_UNREACHABLE',
    });
    expect(progress).toHaveLength(2);
    expect(bench.notes.join('\n')).toMatch(/tried again in 0.02 s \(2 of 2\).*ECONNREFUSED/);
  });
});

describe('the others', () => {
  it('server-filesystem reads what it may', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'belay-files-')));
    writeFileSync(join(folder, 'note.txt'), 'Remember the rope.');
    try {
      const bench = benchWith({ fs: packaged(FILESYSTEM, folder) });
      expect(await bench.call('fs/read_text_file', { path: join(folder, 'note.txt') })).toMatchObject({
        content: [{ text: 'Remember the rope.' }],
      });
      expect(await bench.call('fs/read_text_file', { path: '/etc/hostname' })).toMatchObject({ failed: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('server-memory remembers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'belay-memory-'));
    try {
      const bench = benchWith({ memory: { ...packaged(MEMORY), env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') } } });
      await bench.call('memory/create_entities', { entities: [{ name: 'Ada', entityType: 'person', observations: ['climbs'] }] });
      expect(await bench.call('memory/search_nodes', { query: 'climbs' })).toMatchObject({ structured: { entities: [{ name: 'Ada' }] } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('@playwright/mcp lists what it can do in a browser', async () => {
    const { tools } = await benchWith({ web: packaged('@playwright/mcp/package.json', '--headless', '--isolated') }).list('web/*');
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['web/browser_navigate', 'web/browser_snapshot', 'web/browser_click']),
    );
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
