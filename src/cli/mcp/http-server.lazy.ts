/** The flows of a root by streamable HTTP, on loopback only: whoever asks has to know the token, and be no web page. */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, isInitializeRequest, isLegacyRequest } from '@modelcontextprotocol/server';
import { BelayError } from '../../engine/errors.ts';
import { flowServers } from './flow-server.ts';
import type { CallOptions } from './serve.ts';

export interface HttpOptions extends CallOptions {
  /** 0: any that is free. */
  port: number;
  token: string;
  /** Told the address once it answers. */
  onReady(url: string): void;
}

const PATH = '/mcp';
const MOST_BODY = 4_194_304;
/** Beyond these the oldest is ended: a client that forgets to end its sessions keeps nobody else out. */
const MOST_SESSIONS = 64;

/** Serves until it is told to end. Throws `PORT_TAKEN`. */
export async function serveOnHttp(options: HttpOptions): Promise<void> {
  const { make, calls } = flowServers(options);
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
  const modern = createMcpHandler(make, { legacy: 'reject', onerror: (error) => options.note(error.message) });
  const serveModern = toNodeHandler(modern);
  const isLocalHost = localhostHostValidation();
  const isLocalOrigin = localhostOriginValidation();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isLocalHost(request, response) || !isLocalOrigin(request, response)) return;
    if (!knowsToken(request.headers.authorization, options.token)) return refuse(response, 401, 'Send the token: Authorization: Bearer …');
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== PATH) return refuse(response, 404, `Ask ${PATH}.`);
    const id = request.headers['mcp-session-id'];
    const session = typeof id === 'string' ? sessions.get(id) : undefined;
    if (session) return session.handleRequest(request, response);
    if (id !== undefined) return refuse(response, 404, 'There is no such session.');
    const body = request.method === 'POST' ? await bodyOf(request) : undefined;
    if (body === 'tooLarge') return refuse(response, 413, 'The request is too large.');
    if (isInitializeRequest(body)) return begin(request, response, body);
    const web = new Request(`http://127.0.0.1${PATH}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as [string, string]] : [],
      ),
    });
    if (await isLegacyRequest(web, body)) return refuse(response, 400, 'Begin with "initialize".');
    return serveModern(request as never, response as never, body);
  };

  const begin = async (request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> => {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        sessions.set(id, transport);
        const [oldest] = sessions;
        if (sessions.size > MOST_SESSIONS && oldest) void oldest[1].close();
      },
    });
    const server = make();
    server.onclose = () => {
      if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
    };
    await server.connect(transport);
    await transport.handleRequest(request, response, body);
  };

  const listener = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      options.note(error instanceof Error ? error.message : String(error));
      if (!response.headersSent) refuse(response, 500, 'It went wrong.');
      else response.end();
    });
  });
  listener.listen(options.port, '127.0.0.1');
  await once(listener, 'listening').catch((cause: unknown) => {
    throw new BelayError('PORT_TAKEN', `Nothing can be served on port ${options.port}: ${cause instanceof Error ? cause.message : cause}`, {
      hint: 'Give another port; 0 takes any that is free.',
      kind: 'badRequest',
      cause,
    });
  });
  options.onReady(`http://127.0.0.1:${(listener.address() as { port: number }).port}${PATH}`);
  await new Promise<void>((resolve) => options.onEnd(resolve));
  await calls.park();
  await Promise.all([...sessions.values()].map((session) => session.close()));
  await modern.close();
  listener.closeAllConnections();
  listener.close();
}

/** Compared by hashes, which are of one length. */
function knowsToken(header: string | undefined, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return header !== undefined && timingSafeEqual(hash(header), hash(`Bearer ${token}`));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) return 'tooLarge';
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}
