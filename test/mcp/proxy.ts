/** Hands requests on as they are, with the token that the conformance suite cannot know. */
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';

export async function withToken(target: string, token: string): Promise<{ url: string; server: Server }> {
  const { port, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    const onward = request(
      { port, host: '127.0.0.1', path: incoming.url ?? pathname, method: incoming.method ?? 'GET', headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://localhost:${(server.address() as { port: number }).port}${pathname}`, server };
}
