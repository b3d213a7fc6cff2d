/**
 * MCP servers as tools: `SERVER/TOOL`. A server is started or reached at its first use, after its user allowed exactly this definition of
 * it, and kept for a while. Loads the SDK at the first use of a server.
 */
import { dirname } from 'node:path';
import type { BelayError } from '../../engine/errors.ts';
import { BelayError as Fault } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/format/json.ts';
import type { Secrets, ToolInfo, ToolList, ToolProgress, ToolScope, Tools } from '../../engine/ports.ts';
import type { Connection, ListedTool } from './connection.lazy.ts';
import { defineServer, definitionHash, describeServer, fillSecrets, readyServer, type ServerDefinition } from './definitions.ts';
import type { Elicit } from './elicitation.ts';
import { notAllowed, toolUnavailable, toolUnknown } from './errors.ts';
import { MCP_LIMITS, type McpLimits } from './limits.ts';
import type { OAuthHost } from './oauth.ts';
import { describedBy, visible } from './text.ts';

/** A server that wants to be started or reached, as it is shown to whoever has to allow it. */
export interface ServerRequest {
  name: string;
  kind: 'program' | 'address';
  /** The command line, or the address, as it is written. */
  what: string;
  /** The flow or file that names it. */
  from: string;
  /** Of the definition: a yes holds for this one only. */
  hash: string;
}

export interface McpHost {
  /** Absolute. */
  root: string;
  version: string;
  /** Of the host, of which programs inherit what commands do. */
  environment: Readonly<Record<string, string | undefined>>;
  secrets: Pick<Secrets, 'get'>;
  /** Something people should know of. */
  note(message: string): void;
  /** Whether the user allows it. Asked for each definition until there is a yes. */
  allow(request: ServerRequest, signal: AbortSignal): Promise<boolean>;
  /** What to do for it, where they did not. */
  howToAllow(server: string): string;
  /** Servers besides those of flows, by name. Throws what is wrong with the whole list. */
  configured?(): Promise<ReadonlyMap<string, () => ServerDefinition>>;
  elicit?: Elicit;
  oauth?: OAuthHost;
  limits?: Partial<McpLimits>;
}

export interface McpTools extends Tools {
  /** Ends every server. What is under way is lost. */
  dispose(): Promise<void>;
}

/** Names that a model and a flow can write. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

interface Known {
  info: ToolInfo;
  /** As the server calls it. */
  name: string;
}

interface Live {
  connection: Connection;
  tools: Promise<{ known: Map<string, Known>; dropped: Map<string, string> }> | undefined;
  /** Calls under way. */
  calls: number;
  idle: NodeJS.Timeout | undefined;
}

export function createMcpTools(host: McpHost): McpTools {
  return new Servers(host);
}

class Servers implements McpTools {
  readonly #host: McpHost;
  readonly #limits: McpLimits;
  readonly #live = new Map<string, Promise<Live>>();
  readonly #allowed = new Map<string, Promise<boolean>>();
  readonly #over = new AbortController();

  constructor(host: McpHost) {
    this.#host = host;
    this.#limits = { ...MCP_LIMITS, ...host.limits };
  }

  async list(names: readonly string[] | undefined, { scope, signal }: { scope: ToolScope; signal: AbortSignal }): Promise<ToolList> {
    const wanted = new Map<string, string[]>();
    const result: ToolList = { tools: [], unavailable: [] };
    if (names === undefined) for (const server of await this.#names(scope)) wanted.set(server, [`${server}/*`]);
    for (const name of names ?? []) {
      const slash = name.indexOf('/');
      if (slash < 1) result.unavailable.push({ name, error: toolUnknown(name) });
      else wanted.set(name.slice(0, slash), [...(wanted.get(name.slice(0, slash)) ?? []), name]);
    }
    const lists = await Promise.all([...wanted].map(([server, asked]) => this.#listOf(server, asked, scope, signal)));
    return {
      tools: lists.flatMap(({ tools }) => tools),
      unavailable: [...result.unavailable, ...lists.flatMap(({ unavailable }) => unavailable)],
    };
  }

  async call(name: string, args: JsonObject, context: Parameters<Tools['call']>[2]) {
    const server = name.slice(0, Math.max(0, name.indexOf('/')));
    const live = await this.#connect(server, name, context.scope, context.signal, context.onProgress);
    return this.#using(live, async () => {
      const { known, dropped } = await this.#toolsOf(server, live, context.signal);
      const tool = known.get(name);
      if (!tool) throw missing(name, dropped);
      return live.connection.call({ full: name, name: tool.name }, args, context);
    });
  }

  async dispose(): Promise<void> {
    this.#over.abort(new Fault('MCP_CLOSED', 'The MCP servers are being ended.', { hint: 'Run the flow again.', kind: 'cancelled' }));
    const lives = await Promise.allSettled(this.#live.values());
    await Promise.all(
      lives.map(async (it) => {
        if (it.status !== 'fulfilled') return;
        clearTimeout(it.value.idle);
        await it.value.connection.close();
      }),
    );
  }

  async #listOf(server: string, asked: readonly string[], scope: ToolScope, signal: AbortSignal): Promise<ToolList> {
    try {
      const live = await this.#connect(server, asked[0] ?? server, scope, signal);
      return await this.#using(live, async () => {
        const { known, dropped } = await this.#toolsOf(server, live, signal);
        if (asked.includes(`${server}/*`)) {
          const unavailable = [...dropped].map(([name, reason]) => ({ name, error: toolUnavailable(name, reason) }));
          return { tools: [...known.values()].map(({ info }) => info), unavailable };
        }
        const tools = asked.flatMap((name) => known.get(name)?.info ?? []);
        const unavailable = asked.flatMap((name) => (known.has(name) ? [] : [{ name, error: missing(name, dropped) }]));
        return { tools, unavailable };
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Fault)) throw error;
      return { tools: [], unavailable: asked.map((name) => ({ name, error })) };
    }
  }

  async #names({ servers }: ToolScope): Promise<Set<string>> {
    const configured = await this.#host.configured?.();
    return new Set([...Object.keys(servers ?? {}), ...(configured?.keys() ?? [])]);
  }

  /** The flow's own server comes first: the flow was written with it in mind. */
  async #define(server: string, tool: string, { flow, servers }: ToolScope): Promise<ServerDefinition> {
    const { root, secrets } = this.#host;
    const entry = servers !== undefined && Object.hasOwn(servers, server) ? servers[server] : undefined;
    if (entry !== undefined) {
      return defineServer(server, entry, {
        root,
        folder: dirname(flow),
        from: flow,
        fill: fillSecrets(server, (name) => secrets.get(name)),
      });
    }
    const configured = (await this.#host.configured?.())?.get(server);
    if (configured) return configured();
    throw toolUnknown(tool, `No MCP server is called "${server}".`);
  }

  async #connect(
    server: string,
    tool: string,
    scope: ToolScope,
    signal: AbortSignal,
    onProgress?: (progress: ToolProgress) => void,
  ): Promise<Live> {
    signal.throwIfAborted();
    const definition = await this.#define(server, tool, scope);
    const hash = definitionHash(definition);
    for (;;) {
      const before = this.#live.get(hash);
      const found = before && (await before.catch(() => undefined));
      if (found && !found.connection.closed) return found;
      // Somebody else may have begun anew while we waited.
      if (this.#live.get(hash) === before) break;
    }
    // It belongs to all who wait for it: who gives up leaves it to the others.
    const opening = this.#open(definition, hash, onProgress);
    this.#live.set(hash, opening);
    opening.catch(() => {
      if (this.#live.get(hash) === opening) this.#live.delete(hash);
    });
    return abandoned(opening, signal);
  }

  async #open(definition: ServerDefinition, hash: string, onProgress?: (progress: ToolProgress) => void): Promise<Live> {
    const { name } = definition;
    const signal = this.#over.signal;
    await this.#demandConsent(definition, hash);
    const ready = await readyServer(definition);
    const { connect } = await import('./connection.lazy.ts');
    const { version, environment, elicit, oauth, note } = this.#host;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const connection = await connect(name, ready, { version, environment, elicit, oauth, note, limits: this.#limits }, signal);
        const live: Live = { connection, tools: undefined, calls: 0, idle: undefined };
        connection.onClosed = () => clearTimeout(live.idle);
        return live;
      } catch (error) {
        const wait = this.#limits.backOffMs[attempt];
        if (signal.aborted || wait === undefined || !(error instanceof Fault) || error.code !== 'MCP_UNREACHABLE') throw error;
        const message = `The MCP server "${name}" cannot be reached; it is tried again in ${wait / 1000} s (${attempt + 1} of ${this.#limits.backOffMs.length}).`;
        note(`${message} ${error.message}`);
        onProgress?.({ message });
        await pause(wait, signal);
      }
    }
  }

  async #demandConsent(definition: ServerDefinition, hash: string): Promise<void> {
    const { name, from, server } = definition;
    const kind = 'command' in server ? 'program' : 'address';
    const what = describeServer(definition);
    const asking = this.#allowed.get(hash) ?? this.#host.allow({ name, kind, what, from, hash }, this.#over.signal);
    this.#allowed.set(hash, asking);
    const allowed = await asking.catch((error: unknown) => {
      this.#allowed.delete(hash);
      throw error;
    });
    if (allowed) return;
    // Asked again the next time: who said no may think better of it.
    this.#allowed.delete(hash);
    throw notAllowed(name, visible(what, 300), this.#host.howToAllow(name));
  }

  async #using<T>(live: Live, work: () => Promise<T>): Promise<T> {
    clearTimeout(live.idle);
    live.calls += 1;
    try {
      return await work();
    } finally {
      live.calls -= 1;
      if (live.calls === 0 && !live.connection.closed) {
        live.idle = setTimeout(() => void live.connection.close(), this.#limits.idleMs);
        live.idle.unref();
      }
    }
  }

  async #toolsOf(server: string, live: Live, signal: AbortSignal): Promise<{ known: Map<string, Known>; dropped: Map<string, string> }> {
    if (live.tools === undefined || live.connection.changed) {
      // Whoever is first lists for all; one who gives up must not take it from the others.
      live.tools = live.connection.listTools(this.#over.signal).then((tools) => known(server, tools, this.#limits));
      live.tools.catch(() => {
        live.tools = undefined;
      });
    }
    return abandoned(live.tools, signal);
  }
}

/** What of a server's list can be used, and why the rest cannot. */
function known(
  server: string,
  tools: readonly ListedTool[],
  limits: McpLimits,
): { known: Map<string, Known>; dropped: Map<string, string> } {
  const found = new Map<string, Known>();
  const dropped = new Map<string, string>();
  for (const tool of tools) {
    const name = `${server}/${visible(tool.name, 128)}`;
    if (!TOOL_NAME.test(tool.name)) {
      dropped.set(name, 'its name has other signs than letters, digits, "_", "-" and ".".');
      continue;
    }
    if (found.size >= limits.tools) {
      dropped.set(name, `the server has more than ${limits.tools} tools.`);
      if (dropped.size > 50) break;
      continue;
    }
    if (found.has(name)) continue;
    const title = visible(tool.title ?? tool.annotations?.title ?? '', 200);
    found.set(name, {
      name: tool.name,
      info: {
        name,
        ...(title === '' ? {} : { title }),
        description: describedBy(server, tool.description, limits.descriptionChars),
        parameters: tool.inputSchema as JsonObject,
        ...(tool.outputSchema === undefined ? {} : { output: tool.outputSchema as JsonObject }),
        // What a server says of its own tools never lowers it.
        effect: 'irreversible',
        source: 'mcp',
      },
    });
  }
  return { known: found, dropped };
}

function missing(name: string, dropped: ReadonlyMap<string, string>): BelayError {
  const reason = dropped.get(name);
  return reason === undefined ? toolUnknown(name, 'Its MCP server has no such tool.') : toolUnavailable(name, reason);
}

/** Rejects with the signal's reason when it is aborted; what was waited for goes on. */
function abandoned<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return abandoned(
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
    signal,
  );
}
