/** The flows of a root on the standard input and output. A bundle of its own, as it holds the SDK. */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { flowServers } from './flow-server.ts';
import type { CallOptions } from './serve.ts';

/** Serves on the standard input and output until the input ends. */
export async function serveOnStdio(options: CallOptions): Promise<void> {
  const { make, calls } = flowServers(options);
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    options.onEnd(resolve);
  });
  const handle = serveStdio(make, { onerror: (error) => options.note(error.message) });
  await ended;
  await calls.park();
  await handle.close();
}
