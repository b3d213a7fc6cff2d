import { loadZod, NotLoaded } from 'belay:zod';
import { createRoot } from 'react-dom/client';
import { catalog } from '../engine/nodes/catalog.ts';
import { App } from './App.tsx';
import { connectHost } from './host.ts';
import { createInbox } from './inbox.ts';
import { arrangeInWorker } from './layout/arrange-in-worker.ts';
import type { HostMessage } from './protocol/messages.ts';
import { createEditor } from './state/editor.ts';
import { EditorContext } from './ui/context.tsx';
import { readAhead } from './ui/later.tsx';
import { wholeDocuments } from './whole.ts';
import './styles/index.css';

const host = connectHost();

function reportFault(thrown: unknown): void {
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  host.post({ type: 'fault', message: message.slice(0, 10_000) });
}

/** Pictures are not drawn while the editor is hidden; what streams in must not pile up until it is shown again. */
function nextFrame(callback: () => void): void {
  if (document.hidden) window.setTimeout(callback, 250);
  else window.requestAnimationFrame(callback);
}

const editor = createEditor({ catalog, host, nextFrame, arrange: arrangeInWorker });
const inbox = createInbox((message: HostMessage, hold) => editor.receive(message, hold), {
  isWaiting: (thrown) => thrown instanceof NotLoaded,
  load: loadZod,
  fault: reportFault,
});
host.onMessage(wholeDocuments(inbox, () => host.post({ type: 'ready' })));
window.addEventListener('error', ({ error, message }) => {
  // Of observers that have more to tell in the next picture: a notice of the browser, and no error (Resize Observer, 3.4).
  if (!message.startsWith('ResizeObserver loop')) reportFault(error ?? message);
});
window.addEventListener('unhandledrejection', (event) => reportFault(event.reason));

const root = document.getElementById('root');
if (!root) throw new Error('The page of the graph editor has no #root.');
createRoot(root, { onUncaughtError: reportFault }).render(
  <EditorContext value={editor}>
    <App />
  </EditorContext>,
);
editor.post({ type: 'ready' });
readAhead();
