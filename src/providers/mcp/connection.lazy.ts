/** One connection to a server, by the SDK. A bundle of its own: what needs no MCP never reads it. */
import {
  Client,
  OAuthClientFlowError,
  OAuthError,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Tool,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { BelayError } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/format/json.ts';
import type { ToolProgress, ToolResult } from '../../engine/ports.ts';
import { boundedFetch } from './bounded-fetch.ts';
import type { ReadyServer } from './definitions.ts';
import { answerProblem, type Elicit, elicitationOf } from './elicitation.ts';
import { connectionLost, resultInvalid, resultTooLarge, toolFailed, toolTimeout, unauthorized, unreachable } from './errors.ts';
import type { McpLimits } from './limits.ts';
import { type OAuthHost, OAuthSession } from './oauth.ts';
import { toolResult } from './results.ts';
import { type Ending, StdioTransport } from './stdio-transport.ts';
import { visible } from './text.ts';

export interface ConnectionHost {
  version: string;
  /** Of the host, of which programs inherit a part. */
  environment: Readonly<Record<string, string | undefined>>;
  limits: McpLimits;
  /** Undefined: nobody can be asked, and questions are declined. */
  elicit?: Elicit | undefined;
  /** Undefined: nobody can sign in. */
  oauth?: OAuthHost | undefined;
  /** Something people should know of: a stream that is taken up again, output that is no message. */
  note(message: string): void;
}

/** A tool as the server describes it, unchecked but for its form. */
export type ListedTool = Pick<Tool, 'name' | 'title' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations'>;

/** How often a message is given on, at most, in ms: a server may send thousands. */
const PROGRESS_EVERY = 100;
/** Given up after so many pages of tools. */
const MOST_PAGES = 30;
/** A program that does not know the newest protocol may stay silent when it is asked for it. */
const PROBE_MS = 3000;

export class Connection {
  readonly #name: string;
  readonly #limits: McpLimits;
  readonly #host: ConnectionHost;
  readonly #client: Client;
  readonly #ending: () => Ending & { stderr?: string };
  readonly #signIn: (error: unknown, signal: AbortSignal) => Promise<boolean>;
  #questions = 0;
  #closed = false;
  #closing: Promise<void> | undefined;
  /** The tools have changed since they were listed. */
  changed = false;
  /** Told once, when the connection has ended for whatever reason. */
  onClosed: (() => void) | undefined;

  /** @param signIn waits until somebody has signed in, where the error says that one has to; false: it does not say so */
  constructor(
    name: string,
    client: Client,
    host: ConnectionHost,
    ending: () => Ending & { stderr?: string },
    signIn: (error: unknown, signal: AbortSignal) => Promise<boolean> = async () => false,
  ) {
    this.#signIn = signIn;
    this.#name = name;
    this.#client = client;
    this.#host = host;
    this.#limits = host.limits;
    this.#ending = ending;
    client.onclose = () => {
      this.#closed = true;
      this.onClosed?.();
    };
    client.onerror = (error) => host.note(`MCP server "${name}": ${visible(error.message, 300)}`);
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      this.changed = true;
    });
    client.setRequestHandler('elicitation/create', async ({ params }, context) => {
      if ('mode' in params && params.mode === 'url') return { action: 'decline' };
      return this.#ask(params.message, (params as { requestedSchema?: unknown }).requestedSchema, context.mcpReq.signal);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  async listTools(signal: AbortSignal): Promise<ListedTool[]> {
    this.changed = false;
    try {
      const { tools } = await this.#client.listTools(undefined, { signal, timeout: this.#limits.listMs, cacheMode: 'refresh' });
      return tools;
    } catch (error) {
      throw this.#explain(error, signal, undefined);
    }
  }

  /** One call, repeated only where the server refused it because somebody has to sign in first. Throws what errors.ts has. */
  async call(
    tool: { full: string; name: string },
    args: JsonObject,
    context: { signal: AbortSignal; onProgress?(progress: ToolProgress): void },
  ): Promise<ToolResult> {
    try {
      return await this.#callOnce(tool, args, context);
    } catch (error) {
      const cause = error instanceof BelayError ? error.cause : error;
      if (!(await this.#signIn(cause, context.signal))) throw error;
      return this.#callOnce(tool, args, context);
    }
  }

  async #callOnce(
    tool: { full: string; name: string },
    args: JsonObject,
    context: { signal: AbortSignal; onProgress?(progress: ToolProgress): void },
  ): Promise<ToolResult> {
    context.signal.throwIfAborted();
    const quiet = new AbortController();
    let moved = Date.now();
    let shown = 0;
    const watch = setInterval(
      () => {
        if (this.#questions > 0) moved = Date.now();
        if (Date.now() - moved > this.#limits.quietMs) quiet.abort();
      },
      Math.min(1000, this.#limits.quietMs / 4),
    );
    const total = setTimeout(() => quiet.abort(), this.#limits.callMs);
    const signal = AbortSignal.any([context.signal, quiet.signal]);
    try {
      const result = await this.#client.callTool(
        { name: tool.name, arguments: args },
        {
          signal,
          timeout: this.#limits.callMs + 60_000,
          onprogress: ({ message, progress, total }) => {
            moved = Date.now();
            if (moved - shown < PROGRESS_EVERY) return;
            shown = moved;
            context.onProgress?.({
              progress,
              ...(total === undefined ? {} : { total }),
              ...(message === undefined ? {} : { message: visible(message, 500) }),
            });
          },
        },
      );
      return toolResult(tool.full, result, this.#limits);
    } catch (error) {
      // An aborted request is rejected as a time-out by the SDK: the signals say what it was.
      context.signal.throwIfAborted();
      if (quiet.signal.aborted) throw toolTimeout(tool.full, Math.round((Date.now() - moved) / 1000), error);
      throw this.#explain(error, context.signal, tool.full);
    } finally {
      clearInterval(watch);
      clearTimeout(total);
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#closing ??= this.#client.close().catch(() => undefined);
    return this.#closing;
  }

  async #ask(message: string, schema: unknown, signal: AbortSignal) {
    const { elicit } = this.#host;
    const question = elicitationOf(this.#name, message, schema);
    if (!elicit || !question) return { action: 'decline' as const };
    this.#questions += 1;
    try {
      const answer = await elicit(question, signal);
      if (answer.action !== 'accept') return answer;
      const problem = await answerProblem(schema, answer.content);
      if (problem === undefined) return answer;
      this.#host.note(`MCP server "${this.#name}": the answer does not fit what it asked for: ${problem}`);
      return { action: 'cancel' as const };
    } finally {
      this.#questions -= 1;
    }
  }

  #explain(error: unknown, signal: AbortSignal, tool: string | undefined): BelayError {
    signal.throwIfAborted();
    if (error instanceof BelayError) return error;
    return explain(this.#name, error, { ...this.#ending(), closed: this.#closed, tool, limits: this.#limits });
  }
}

/**
 * Starts or reaches the server and lets it introduce itself.
 * @throws `MCP_UNREACHABLE`, `MCP_NOT_FOUND`, `MCP_UNAUTHORIZED`; the signal's reason
 */
export async function connect(name: string, server: ReadyServer, host: ConnectionHost, signal: AbortSignal): Promise<Connection> {
  return server.type === 'stdio' ? connectProgram(name, server, host, signal) : connectAddress(name, server, host, signal);
}

async function connectProgram(
  name: string,
  server: Extract<ReadyServer, { type: 'stdio' }>,
  host: ConnectionHost,
  signal: AbortSignal,
): Promise<Connection> {
  const attempt = async (mode: 'auto' | 'legacy'): Promise<Connection> => {
    signal.throwIfAborted();
    const transport = new StdioTransport(name, server, host.environment, host.limits);
    const client = newClient(host, mode);
    const ending = () => ({ ...transport.ending, stderr: transport.stderr });
    const connection = new Connection(name, client, host, ending);
    try {
      await client.connect(transport, { signal, timeout: host.limits.connectMs });
      return connection;
    } catch (error) {
      await transport.close();
      signal.throwIfAborted();
      if (error instanceof BelayError) throw error;
      throw unreachable(name, reasonOf(error, transport.ending), { stderr: transport.stderr, cause: error });
    }
  };
  try {
    return await attempt('auto');
  } catch (error) {
    // Old servers may end, or say something strange, when they are asked for what they do not know.
    if (!(error instanceof BelayError) || error.code !== 'MCP_UNREACHABLE' || isGarbage(error)) throw error;
    return await attempt('legacy');
  }
}

function isGarbage(error: BelayError): boolean {
  return /no messages|without end|more than \d+ bytes/.test(error.message);
}

async function connectAddress(
  name: string,
  server: Extract<ReadyServer, { type: 'http' }>,
  host: ConnectionHost,
  signal: AbortSignal,
): Promise<Connection> {
  const cut: Ending = {};
  const session = host.oauth && new OAuthSession(name, server.url, host.oauth);
  for (let signedIn = false; ; ) {
    signal.throwIfAborted();
    const transport = new StreamableHTTPClientTransport(server.url, {
      requestInit: { headers: server.headers },
      fetch: boundedFetch(host.limits, (reason) => {
        cut.reason ??= reason;
      }),
      reconnectionOptions: { initialReconnectionDelay: 500, maxReconnectionDelay: 15_000, reconnectionDelayGrowFactor: 2, maxRetries: 5 },
      reconnectionScheduler: (reconnect, delay, count) => {
        host.note(`MCP server "${name}": the stream broke off; it is taken up again in ${(delay / 1000).toFixed(1)} s (${count + 1}).`);
        const timer = setTimeout(reconnect, delay);
        return () => clearTimeout(timer);
      },
      ...(session ? { authProvider: session.provider } : {}),
    });
    const client = newClient(host, 'auto');
    const signIn = async (error: unknown, signal: AbortSignal): Promise<boolean> => {
      if (!(error instanceof UnauthorizedError) || session?.isPending !== true) return false;
      await session.finish(transport, signal);
      return true;
    };
    const connection = new Connection(name, client, host, () => cut, signIn);
    try {
      await client.connect(transport, { signal, timeout: host.limits.connectMs });
      return connection;
    } catch (error) {
      try {
        signal.throwIfAborted();
        if (!signedIn && (await signIn(error, signal))) {
          signedIn = true;
          continue;
        }
      } finally {
        await connection.close();
        session?.dispose();
      }
      if (error instanceof BelayError) throw error;
      if (isUnauthorized(error)) throw unauthorized(name, reasonOf(error, cut), error);
      throw unreachable(name, reasonOf(error, cut), { cause: error });
    }
  }
}

function newClient({ version }: ConnectionHost, mode: 'auto' | 'legacy'): Client {
  return new Client(
    { name: 'belay', title: 'Belay', version },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode, probe: { timeoutMs: PROBE_MS } },
      listMaxPages: MOST_PAGES,
      // Results are checked by us, against schemas that were made safe.
      jsonSchemaValidator: { getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }) },
    },
  );
}

function isUnauthorized(error: unknown): boolean {
  if (error instanceof UnauthorizedError || error instanceof OAuthError || error instanceof OAuthClientFlowError) return true;
  return error instanceof SdkHttpError && (error.status === 401 || error.status === 403);
}

function reasonOf(error: unknown, { reason, exit }: Ending): string {
  if (reason !== undefined) return reason;
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) return 'it does not answer';
  if (exit) return exit.signal === null ? `the program ended with exit code ${exit.code}` : `the program was ended by ${exit.signal}`;
  return messageOf(error);
}

/** With what it came from: `fetch failed` alone says nothing. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : messageOf(error.cause);
  return cause === '' || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

function explain(
  name: string,
  error: unknown,
  more: Ending & { stderr?: string; closed: boolean; tool: string | undefined; limits: McpLimits },
): BelayError {
  const { tool, closed, stderr } = more;
  const whose = tool ?? name;
  if (isUnauthorized(error)) return unauthorized(name, reasonOf(error, {}), error);
  if (error instanceof ProtocolError) {
    return toolFailed(whose, error.message, error.code === ProtocolErrorCode.InvalidParams ? 'badRequest' : 'unknown', error);
  }
  if (more.reason !== undefined && /more than \d+ bytes/.test(more.reason)) return resultTooLarge(whose, more.reason);
  // A session that the server has forgotten: nothing was done, and the next call begins a new one.
  if (error instanceof SdkHttpError && (error.status === 404 || error.status === 400)) {
    return unreachable(name, `it does not know this session any more (HTTP ${error.status})`, { cause: error });
  }
  if (codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ENOTFOUND') return unreachable(name, messageOf(error), { cause: error });
  if (!closed && error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return toolTimeout(whose, Math.round(more.limits.listMs / 1000), error);
  }
  if (!closed && error instanceof SdkError && !(error instanceof SdkHttpError) && !LOST.has(error.code)) {
    return resultInvalid(whose, [error.message]);
  }
  if (!closed && error instanceof Error && error.name === 'ZodError') return resultInvalid(whose, ['it is no result of a tool']);
  return connectionLost(name, reasonOf(error, more), { ...(stderr === undefined ? {} : { stderr }), cause: error });
}

const LOST = new Set<SdkErrorCode>([SdkErrorCode.ConnectionClosed, SdkErrorCode.NotConnected, SdkErrorCode.SendFailed]);

function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string' && code.startsWith('E')) return code;
  }
  return undefined;
}
