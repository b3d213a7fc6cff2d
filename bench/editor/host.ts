/** The extension host's side of the graph editor, as little of it as an editor needs to be measured. */
import type { HostMessage, WebviewMessage } from '../../src/webview/protocol/messages.ts';

declare global {
  interface Window {
    openFlow(text: string): void;
    tell(message: unknown): void;
    /** The text after these edits; undefined: refused. Worked out in another process, as VS Code's extension host does. */
    planned(text: string, edits: string): Promise<string | undefined>;
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
    // As a text: what clones objects for a test takes many times as long as what VS Code does.
    void window.planned(text, JSON.stringify(message.edits)).then((next) => {
      if (next !== undefined) window.openFlow(next);
      tell({ type: 'editResult', id: message.id, ok: next !== undefined });
    });
  },
  getState: () => null,
  setState: () => undefined,
});
