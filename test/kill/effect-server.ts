/** A service that outlives the processes that are killed, and writes down what it is asked to do, as commands do. */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EFFECTS } from './workspace.ts';

export interface EffectServer {
  /** What requests of the folder's flow begin with. */
  addressFor(root: string): string;
  close(): void;
}

/** POST: the body's `label` is an effect in the folder that the address names. */
export async function startEffectServer(): Promise<EffectServer> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const root = decodeURIComponent(request.url?.slice(1) ?? '');
      const body = Buffer.concat(parts).toString();
      if (request.method === 'POST') appendFileSync(`${root}/${EFFECTS}`, `${(JSON.parse(body) as { label: string }).label} posted\n`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok": true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    addressFor: (root) => `http://127.0.0.1:${port}/${encodeURIComponent(root)}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
