/** The extension host's side of the graph editor, as little of it as an editor needs to be measured. */
import { planEdits } from '../../src/engine/format/edits.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import type { HostMessage, WebviewMessage } from '../../src/webview/protocol/messages.ts';

declare global {
  interface Window {
    openFlow(text: string): void;
    tell(message: unknown): void;
    /** The flow as it stands. */
    flowText(): string;
    acquireVsCodeApi(): unknown;
  }
}

let text = '';
let version = 0;
let ready = false;
const tell = (message: HostMessage): void => window.postMessage(message, '*');

window.tell = (message) => tell(message as HostMessage);
window.flowText = () => text;
window.openFlow = (next) => {
  text = next;
  version += 1;
  if (ready) tell({ type: 'document', text, version, fileName: 'bench.flow.json', readonly: false });
};
window.acquireVsCodeApi = () => ({
  postMessage(message: WebviewMessage) {
    if (message.type === 'ready') {
      ready = true;
      if (text !== '') window.openFlow(text);
    }
    if (message.type !== 'edit') return;
    // What the host works for is no part of what the page does.
    setTimeout(() => {
      const plan = planEdits(text, message.edits, { catalog });
      if (plan.ok) window.openFlow(plan.text);
      tell({ type: 'editResult', id: message.id, ok: plan.ok });
    }, 200);
  },
  getState: () => null,
  setState: () => undefined,
});
