/** MCP servers as flows and `.vscode/mcp.json` write them, and as they are started. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Json } from '../../engine/format/json.ts';
import { type McpServer, mcpServerSchema, SERVER_NAME } from '../../engine/format/model.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import { invalidServer } from './errors.ts';

/** A server of somebody's list, with what its texts stand for not yet put in. */
export interface ServerDefinition {
  name: string;
  server: McpServer;
  /** Where its list stands, for people: the flow, or `.vscode/mcp.json`. */
  from: string;
  /** Absolute: where a program is started. */
  cwd: string;
  /** Puts in what a text stands for: secrets, inputs. Throws what says which one is missing. */
  fill(text: string): Promise<string>;
  /** Further environment variables of a program, read when it is started. */
  more?(): Promise<Record<string, string>>;
}

/** What is started or reached: everything filled in. */
export type ReadyServer =
  | { type: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd: string }
  | { type: 'http'; url: URL; headers: Record<string, string> };

/**
 * One entry of a list. Throws `MCP_SERVER_INVALID`.
 * @param folder relative to the root: where a relative `cwd` starts
 */
export function defineServer(
  name: string,
  entry: Json,
  at: { root: string; folder: string; from: string; fill(text: string): Promise<string> },
): ServerDefinition {
  if (!SERVER_NAME.test(name)) throw invalidServer(name, 'such a name cannot stand before the "/" of a tool.');
  const parsed = mcpServerSchema().safeParse(entry);
  if (!parsed.success) {
    throw invalidServer(name, 'it has to be {"command": …, "args", "env", "cwd"} or {"url": …, "headers"}, by stdio or streamable HTTP.');
  }
  const server = parsed.data;
  const { root, folder, from, fill } = at;
  const cwd = 'command' in server && server.cwd !== undefined ? resolve(root, folder, server.cwd) : root;
  const below = relative(root, cwd);
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
    throw invalidServer(name, '"cwd" lies outside of the workspace.');
  return { name, server, from, cwd, fill };
}

/** Names the definition as it is written, so that consent to one does not hold for another. 64 hex digits. */
export function definitionHash({ name, server, cwd }: Pick<ServerDefinition, 'name' | 'server' | 'cwd'>): string {
  const written =
    'command' in server
      ? ['stdio', name, server.command, server.args ?? [], sorted(server.env), cwd]
      : ['http', name, server.url, sorted(server.headers)];
  return sha256(JSON.stringify(written));
}

function sorted(texts: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(texts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * What is going to be started or reached, and what it is handed, in a line for people. Placeholders stand for themselves, so that it can
 * be seen where secrets go.
 */
export function describeServer({ server }: Pick<ServerDefinition, 'server'>): string {
  const handed = Object.entries(('url' in server ? server.headers : server.env) ?? {}).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  const what =
    'url' in server
      ? server.url
      : [server.command, ...(server.args ?? [])].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
  return handed.length === 0 ? what : `${what} (with ${handed.join(', ')})`;
}

/** Throws what `fill` throws, and `MCP_SERVER_INVALID`. */
export async function readyServer({ name, server, cwd, fill, more }: ServerDefinition): Promise<ReadyServer> {
  const filled = async (texts: Readonly<Record<string, string>> | undefined): Promise<Record<string, string>> =>
    Object.fromEntries(await Promise.all(Object.entries(texts ?? {}).map(async ([key, text]) => [key, await fill(text)] as const)));
  if ('command' in server) {
    const [command, args, env] = await Promise.all([fill(server.command), Promise.all((server.args ?? []).map(fill)), filled(server.env)]);
    return { type: 'stdio', command, args, env: { ...(await more?.()), ...env }, cwd };
  }
  const [url, headers] = await Promise.all([fill(server.url), filled(server.headers)]);
  if (!URL.canParse(url)) throw invalidServer(name, 'its "url" is no address.');
  if (Object.values(headers).some((value) => /[\r\n\0]/.test(value))) throw invalidServer(name, 'a header holds a line end.');
  return { type: 'http', url: new URL(url), headers };
}

const SECRET = /\{\{\s*secrets\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/** Replaces each match by what `of` gives for its first group, one after the other: some ask a person. */
export async function replaceEach(text: string, pattern: RegExp, of: (name: string) => Promise<string>): Promise<string> {
  let result = '';
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    result += text.slice(last, match.index) + (await of(match[1] ?? ''));
    last = match.index + match[0].length;
  }
  return result + text.slice(last);
}

/** Puts secrets in for `{{ secrets.NAME }}`. Throws `MCP_SERVER_INVALID` where one is missing. */
export function fillSecrets(server: string, secret: (name: string) => Promise<string | undefined>): (text: string) => Promise<string> {
  return (text) =>
    replaceEach(text, SECRET, async (name) => {
      const value = await secret(name);
      if (value === undefined) {
        throw invalidServer(server, `there is no secret "${name}". Store it in the editor's secret storage, or set BELAY_SECRET_${name}.`);
      }
      return value;
    });
}
