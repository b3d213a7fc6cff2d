import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { definitionHash, describeServer, readyServer } from './definitions.ts';
import { type McpInput, readMcpJson } from './mcp-json.ts';

const FILE = `{
  // As VS Code writes it.
  "inputs": [
    { "type": "promptString", "id": "api-key", "description": "Key", "password": true },
    { "type": "pickString", "id": "region", "description": "Region", "options": ["eu", "us"], "default": "eu" },
  ],
  "servers": {
    "local": { "type": "stdio", "command": "node", "args": ["\${workspaceFolder}/s.js", "\${input:region}"], "env": { "KEY": "\${input:api-key}" }, "envFile": "\${workspaceFolder}/.env", "dev": {} },
    "far": { "type": "http", "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer \${env:TOKEN}" } },
    "old": { "type": "sse", "url": "https://example.com/sse" },
    "outside": { "command": "node", "cwd": "../.." },
    "files": { "command": "node" },
  },
}`;

function read(more: { environment?: Record<string, string>; ask?: (input: McpInput) => Promise<string>; text?: string | undefined } = {}) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'belay-mcp-json-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, '.vscode'));
  const text = 'text' in more ? more.text : FILE;
  if (text !== undefined) writeFileSync(join(root, '.vscode', 'mcp.json'), text);
  writeFileSync(join(root, '.env'), 'FROM_FILE=1\nKEY=hidden by the list\n');
  const learnt: string[] = [];
  const list = readMcpJson({ root, environment: more.environment ?? {}, ask: more.ask, learn: (secret) => void learnt.push(secret) });
  return { root, learnt, server: async (name: string) => (await list).get(name)?.(), list };
}

describe('.vscode/mcp.json', () => {
  it('is filled in when a server is started: each input is asked for once, passwords are learnt', async () => {
    const asked: string[] = [];
    const { root, learnt, server } = read({
      ask: async ({ id }) => {
        asked.push(id);
        return id === 'region' ? 'us' : 'the-secret-key';
      },
    });
    const local = await server('local');
    if (!local) throw new Error('it is not there');
    // What is asked about shows where secrets go, and not what they are.
    expect(describeServer(local)).toMatch(/with KEY="\$\{input:api-key\}"/);
    const ready = {
      type: 'stdio',
      command: 'node',
      args: [`${root}/s.js`, 'us'],
      env: { FROM_FILE: '1', KEY: 'the-secret-key' },
      cwd: root,
    };
    expect(await readyServer(local)).toEqual(ready);
    expect(await readyServer(local)).toEqual(ready);
    expect(asked.toSorted()).toEqual(['api-key', 'region']);
    expect(learnt).toContain('the-secret-key');
  });

  it('is answered by the environment where nobody can be asked, or says what is missing', async () => {
    const { server } = read({ environment: { BELAY_INPUT_API_KEY: 'k', BELAY_INPUT_REGION: 'eu', TOKEN: 'a-long-token' } });
    const [local, far] = [await server('local'), await server('far')];
    expect(local && (await readyServer(local))).toMatchObject({ env: { KEY: 'k' } });
    expect(far && (await readyServer(far))).toMatchObject({ headers: { Authorization: 'Bearer a-long-token' } });
    const missing = await read().server('local');
    await expect(missing && readyServer(missing)).rejects.toMatchObject({
      code: 'MCP_INPUT_MISSING',
      hint: expect.stringMatching(/BELAY_INPUT_/),
    });
  });

  it.each(['old', 'outside', 'files'])('says why "%s" cannot be used, and does not keep the others from it', async (name) => {
    await expect(read().server(name)).rejects.toMatchObject({ code: 'MCP_SERVER_INVALID' });
  });

  it('may be missing, and is told where it is broken', async () => {
    expect(await read({ text: undefined }).list).toEqual(new Map());
    await expect(read({ text: '{ "servers": ' }).list).rejects.toMatchObject({ code: 'MCP_JSON_INVALID' });
  });
});

describe('what a yes is bound to', () => {
  const server = { command: 'node', args: ['a', 'b'], env: { A: '1', B: '2' } };
  const hash = (more: object, name = 's', cwd = '/w') => definitionHash({ name, cwd, server: { ...server, ...more } });
  it('is every part of the definition, whatever the order of its variables', () => {
    expect(hash({ env: { B: '2', A: '1' } })).toBe(hash({}));
    const others = [hash({ args: ['a b'] }), hash({ env: { A: '1' } }), hash({ command: 'deno' }), hash({}, 't'), hash({}, 's', '/x')];
    expect(new Set([hash({}), ...others]).size).toBe(6);
  });
});
