/** An MCP server that lets in who has signed in, and where one signs in: on loopback, by OAuth 2.1 with PKCE (RFC 9728, 8414, 7591). */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const TOKEN = 'opens-the-gate';

export interface GuardedServer {
  /** Of the MCP server. */
  url: string;
  /** Calls of its tool by who had signed in. */
  calls(): number;
  stop(): void;
}

/** Has one tool, `look`, that says what it sees. */
export async function guardedServer(): Promise<GuardedServer> {
  let calls = 0;
  const server = createServer((request, response) => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    answer(request, response, base, () => {
      calls += 1;
    }).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    calls: () => calls,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, base: string, called: () => void): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', base);
  const body = await text(request);
  const json = (value: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (pathname.startsWith('/.well-known/oauth-protected-resource')) return json({ resource: `${base}/mcp`, authorization_servers: [base] });
  if (pathname === '/.well-known/oauth-authorization-server') {
    return json({
      issuer: base,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      registration_endpoint: `${base}/register`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
    });
  }
  if (pathname === '/register') return json({ ...JSON.parse(body), client_id: 'belay' }, 201);
  if (pathname === '/authorize') {
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    back.search = String(new URLSearchParams({ code: 'it-is-me', state: searchParams.get('state') ?? '' }));
    response.writeHead(302, { location: back.href }).end();
    return;
  }
  if (pathname === '/token') return json({ access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 });
  if (pathname !== '/mcp') return json({}, 404);
  if (request.headers.authorization !== `Bearer ${TOKEN}`) {
    const metadata = `${base}/.well-known/oauth-protected-resource`;
    response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` }).end();
    return;
  }
  if (request.method !== 'POST') return json({}, 405);
  const { id, method, params } = JSON.parse(body) as { id?: number; method: string; params?: { protocolVersion?: string } };
  if (id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const result = (value: unknown): void => json({ jsonrpc: '2.0', id, result: value });
  switch (method) {
    case 'initialize':
      return result({
        protocolVersion: params?.protocolVersion ?? '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'guarded', version: '1.0.0' },
      });
    case 'tools/list':
      return result({ tools: [{ name: 'look', inputSchema: { type: 'object', properties: {} }, annotations: { readOnlyHint: true } }] });
    case 'tools/call':
      called();
      return result({ content: [{ type: 'text', text: 'The valley lies in fog.' }] });
    default:
      return json({ jsonrpc: '2.0', id, error: { code: -32601, message: `There is no ${method} here` } });
  }
}
