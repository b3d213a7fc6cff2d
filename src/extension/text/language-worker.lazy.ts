/** The worker in which texts are read: whatever stands in them, the extension host stays free for the next keystroke. */
import { parentPort } from 'node:worker_threads';
import type { FromWorker, Method, ToWorker } from './language-protocol.ts';
import { LanguageServer } from './language-server.ts';

const server = new LanguageServer();

parentPort?.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'text':
      server.files.setText(message.file, message.text);
      return;
    case 'folders':
      server.files.setFolders(message.folders);
      return;
    case 'files':
      server.files.setKnown(message.files);
      return;
    case 'stale':
      server.files.stale();
      return;
    case 'ask':
      parentPort?.postMessage(answer(message.id, message.method, message.params));
      return;
    default:
      message satisfies never;
  }
});

function answer(id: number, method: Method, params: unknown): FromWorker {
  try {
    const run = server[method] as (params: unknown) => unknown;
    return { id, ok: true, result: run.call(server, params) };
  } catch (error) {
    return { id, ok: false, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
