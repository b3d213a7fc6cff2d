/** The extension host's side of the graph editor, as little of it as an editor needs to be measured. */
import type { FlowEdit } from '../../src/engine/format/flow-edit.ts';
import type { HostMessage, WebviewMessage } from '../../src/webview/protocol/messages.ts';

declare global {
  interface Window {
    openFlow(text: string): void;
    tell(message: unknown): void;
    /** The flow as it stands. */
    flowText(): string;
    /** Another one with each change of it: asked for instead of the text, which is long. */
    flowVersion(): number;
    acquireVsCodeApi(): unknown;
  }
}

let text = '';
let version = 0;
let ready = false;
const tell = (message: HostMessage): void => window.postMessage(message, '*');

window.tell = (message) => tell(message as HostMessage);
window.flowText = () => text;
window.flowVersion = () => version;
window.openFlow = (next) => {
  text = next;
  version += 1;
  if (ready) tell({ type: 'document', text, version, fileName: 'bench.flow.json', readonly: false });
};

const planner = new Worker('plan.js');
/** The text after these edits; undefined: refused. */
const planned = (edits: readonly FlowEdit[]) =>
  new Promise<string | undefined>((resolve) => {
    planner.onmessage = ({ data }: MessageEvent<string | undefined>) => resolve(data);
    planner.postMessage({ text, edits });
  });

window.acquireVsCodeApi = () => ({
  postMessage(message: WebviewMessage) {
    if (message.type === 'ready') {
      ready = true;
      if (text !== '') window.openFlow(text);
    }
    if (message.type !== 'edit') return;
    const asked = version;
    void planned(message.edits).then((next) => {
      // Of a text that has changed meanwhile nothing is made.
      const ok = next !== undefined && version === asked;
      if (ok) window.openFlow(next);
      tell({ type: 'editResult', id: message.id, ok });
    });
  },
  getState: () => null,
  setState: () => undefined,
});
