/** Servers for tests, with everything a host gives them. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../../engine/format/json.ts';
import type { ToolCallContext } from '../../../engine/ports.ts';
import { createMcpTools, type McpHost, type McpTools } from '../tools.ts';

const require = createRequire(import.meta.url);

/** A program of a package (of one that hides it: its package.json, beside which cli.js stands), as a server of a flow. */
export function packaged(file: string, ...args: string[]): JsonObject {
  const path = require.resolve(file);
  return { command: process.execPath, args: [path.endsWith('.json') ? join(dirname(path), 'cli.js') : path, ...args] };
}

export function hostile(manner: string): { command: string; args: string[] } {
  return { command: process.execPath, args: [fileURLToPath(new URL('./hostile-server.ts', import.meta.url)), manner] };
}

export interface Bench {
  tools: McpTools;
  root: string;
  notes: string[];
  asked: string[];
  list(...names: string[]): ReturnType<McpTools['list']>;
  call(name: string, args?: JsonObject, more?: Partial<ToolCallContext>): ReturnType<McpTools['call']>;
}

/** Everything is allowed, unless `more` says otherwise. Ended with the test. */
export function benchWith(servers: JsonObject, more: Partial<McpHost> = {}): Bench {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'belay-mcp-')));
  const notes: string[] = [];
  const asked: string[] = [];
  const tools = createMcpTools({
    root,
    version: '1.0.0',
    environment: process.env,
    secrets: { get: async () => undefined },
    note: (message) => void notes.push(message),
    allow: async ({ what }) => {
      asked.push(what);
      return true;
    },
    howToAllow: () => 'Say yes.',
    ...more,
  });
  onTestFinished(async () => {
    await tools.dispose();
    rmSync(root, { recursive: true, force: true });
  });
  const scope = { flow: 'a.flow.json', servers };
  const { signal } = new AbortController();
  return {
    tools,
    root,
    notes,
    asked,
    list: (...names) => tools.list(names.length === 0 ? undefined : names, { scope, signal }),
    call: (name, args = {}, context = {}) => tools.call(name, args, { scope, signal, idempotencyKey: 'k', ...context }),
  };
}

/** Whether the process is there and no zombie (Linux). */
export function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
