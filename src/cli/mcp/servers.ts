/** MCP servers in a terminal: what is asked of people about them, and where their answers are kept. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Log, Secrets } from '../../engine/ports.ts';
import type { ElicitationAnswer } from '../../providers/mcp/elicitation.ts';
import { type McpInput, readMcpJson } from '../../providers/mcp/mcp-json.ts';
import { createMcpTools, type McpTools, type ServerRequest } from '../../providers/mcp/tools.ts';
import { UserFile, userStateFolder } from '../../providers/mcp/user-file.ts';
import type { Terminal } from '../terminal.ts';
import { harmless, oneLine } from '../text.ts';
import { askFields } from './fields.ts';

export interface McpSettings {
  /** Names of servers that are allowed for this process, whatever they are. `*`: all. */
  allowed: readonly string[];
  /** Nobody is asked: the output is for a program. */
  quiet: boolean;
}

export interface TerminalMcp {
  root: string;
  environment: Readonly<Record<string, string | undefined>>;
  terminal: Terminal;
  version: string;
  log: Log;
  secrets: Pick<Secrets, 'get'>;
  /** A value that must never be written down. */
  learn(secret: string): void;
  settings(): McpSettings;
  /** Where the state of the user is; absolute. Default: `~/.local/state/belay`. */
  state?: string;
}

export function createTerminalMcp(options: TerminalMcp): McpTools {
  const { root, environment, terminal, version, log, secrets, learn } = options;
  const state = options.state ?? environment.BELAY_STATE_DIR ?? userStateFolder();
  const allowed = new UserFile(join(state, 'mcp-servers.json'));
  const tokens = new UserFile(join(state, 'mcp-sign-ins.json'));
  const asks = (): boolean => terminal.interactive && !options.settings().quiet;
  let list: ReturnType<typeof readMcpJson> | undefined;
  return createMcpTools({
    root,
    version,
    environment,
    secrets,
    note: (message) => log.warn(message),
    allow: (request, signal) => allow(request, { root, terminal, allowed, settings: options.settings(), asks: asks() }, signal),
    howToAllow: (server) =>
      `If you trust it, run the command again with --allow-server ${server}, or in a terminal, where you are asked. It is another yes than the one before its step.`,
    configured: () => {
      list ??= readMcpJson({ root, environment, learn, ...(asks() ? { ask: (input: McpInput) => askInput(terminal, input) } : {}) });
      return list;
    },
    elicit: async (question, signal): Promise<ElicitationAnswer> => {
      if (!asks()) return { action: 'decline' };
      return terminal.alone(() => askFields(terminal, question, signal));
    },
    oauth: {
      open: async (url, server) => {
        if (!asks()) return false;
        await terminal.alone(async () => {
          terminal.print(`The MCP server "${oneLine(server)}" wants to know who you are. Sign in here:\n${harmless(url.href)}`);
        });
        openInBrowser(url);
        return true;
      },
      load: (server) => tokens.get(server),
      keep: (server, value) => tokens.set(server, value),
      learn,
    },
  });
}

interface Allowing {
  root: string;
  terminal: Terminal;
  allowed: UserFile;
  settings: McpSettings;
  asks: boolean;
}

async function allow(request: ServerRequest, { root, terminal, allowed, settings, asks }: Allowing, signal: AbortSignal): Promise<boolean> {
  // A yes holds in this folder only: the same words can mean another program elsewhere.
  const key = `${request.hash} ${root}`;
  if (settings.allowed.includes(request.name) || settings.allowed.includes('*')) return true;
  if ((await allowed.get(key)) !== undefined) return true;
  if (!asks) return false;
  return terminal.alone(async () => {
    const does = request.kind === 'program' ? 'start this program on your machine' : 'connect to this address';
    terminal.print(
      `\n${terminal.style('bold', `${oneLine(request.from)} wants to ${does}, as the MCP server "${oneLine(request.name)}":`)}`,
    );
    terminal.print(`  ${oneLine(request.what)}`);
    const answer = await terminal.ask('Do you trust it? It is remembered until this changes. [y]es  [n]o › ', signal);
    if ('none' in answer || !/^y(es)?$/i.test(answer.line.trim())) return false;
    await allowed.set(key, `${request.name}: ${request.what}`);
    return true;
  });
}

async function askInput(terminal: Terminal, input: McpInput): Promise<string> {
  return terminal.alone(async () => {
    const choices = input.options.length === 0 ? '' : ` (${input.options.map(oneLine).join(', ')})`;
    const initial = input.initial === undefined || input.password ? '' : ` [${oneLine(input.initial)}]`;
    const prompt = `${oneLine(input.description)}${choices}${initial} › `;
    const { signal } = new AbortController();
    for (;;) {
      const answer = input.password ? await terminal.askHidden(prompt, signal) : await terminal.ask(prompt, signal);
      if ('none' in answer) throw new Error(`"${input.description}" was not answered`);
      const value = answer.line === '' ? (input.initial ?? '') : answer.line;
      if (input.options.length === 0 || input.options.includes(value)) return value;
    }
  });
}

/** Where there is no browser, the address that was printed has to do. */
function openInBrowser(url: URL): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url.href]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url.href]
        : ['xdg-open', url.href];
  if (program === undefined) return;
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
