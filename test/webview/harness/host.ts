/**
 * The extension host's side of the graph editor, inside the page: it applies edits with the real planner, keeps undo steps, and
 * lets a test send whatever the host could send.
 */
import './no-eval.ts';
import { planEdits } from '../../../src/engine/format/edits.ts';
import { parseFlow } from '../../../src/engine/format/parse.ts';
import type { Problem } from '../../../src/engine/format/problem.ts';
import { scanReferences } from '../../../src/engine/format/references.ts';
import { catalog } from '../../../src/engine/nodes/catalog.ts';
import type { Answers } from '../../../src/webview/protocol/ask.ts';
import { type HostMessage, type WebviewMessage, webviewMessageSchema } from '../../../src/webview/protocol/messages.ts';

export interface FakeHost {
  text(): string;
  /** As if the file was changed outside of the graph. */
  setText(text: string, more?: { readonly?: boolean; readonlyReason?: string }): void;
  undo(): void;
  send(message: HostMessage): void;
  /** What is answered to questions of forms, by what they are about; the rest has no answer. */
  answer(about: Partial<Answers>): void;
  /** Everything the editor has sent, oldest first. */
  sent(): WebviewMessage[];
  /** Policy violations and faults. */
  complaints(): string[];
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    acquireVsCodeApi(): unknown;
  }
}

const sent: WebviewMessage[] = [];
const complaints: string[] = [];
const history: string[] = [];
let text = '';
let version = 0;
let answers: Partial<Answers> = {};
let more: { readonly?: boolean; readonlyReason?: string } = {};

function send(message: HostMessage): void {
  window.postMessage(message, '*');
}

/** A stand-in for the linter, which is not in this page: what commands, models and files say. */
function untrusted(of: string): string[] {
  return Object.entries(parseFlow(of, catalog).flow?.nodes ?? {}).flatMap(([id, { type }]) =>
    ['command', 'prompt', 'file'].includes(type) ? [id] : [],
  );
}

function tellDocument(): void {
  version += 1;
  send({ type: 'document', text, version, fileName: 'sample.flow.json', readonly: false, ...more });
  const problems: Problem[] = parseFlow(text, catalog).problems;
  send({ type: 'problems', version, problems, untrusted: untrusted(text) });
}

function receive(raw: unknown): void {
  const message = webviewMessageSchema.parse(raw);
  sent.push(message);
  switch (message.type) {
    case 'ready':
      if (text !== '') tellDocument();
      break;
    case 'edit': {
      const plan = planEdits(text, message.edits, { catalog, scan: scanReferences });
      if (plan.ok) {
        history.push(text);
        text = plan.text;
        tellDocument();
        send({ type: 'editResult', id: message.id, ok: true, ...(plan.said.length > 0 ? { message: plan.said.join(' ') } : {}) });
      } else {
        send({ type: 'editResult', id: message.id, ok: false, message: `${plan.problem.message} ${plan.problem.hint}` });
      }
      break;
    }
    case 'ask':
      send({ type: 'answer', id: message.id, answer: answers[message.question.about] ?? null });
      break;
    case 'fault':
      complaints.push(`fault: ${message.message}`);
      break;
    default:
      break;
  }
}

const STATE = 'harness-state';
window.acquireVsCodeApi = () => ({
  postMessage: receive,
  getState: () => JSON.parse(sessionStorage.getItem(STATE) ?? 'null'),
  setState: (state: unknown) => sessionStorage.setItem(STATE, JSON.stringify(state)),
});
document.addEventListener('securitypolicyviolation', (event) => {
  complaints.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
});
window.fakeHost = {
  text: () => text,
  setText(next, how = {}) {
    text = next;
    more = how;
    tellDocument();
  },
  undo() {
    text = history.pop() ?? text;
    tellDocument();
  },
  send,
  answer(about) {
    answers = about;
  },
  sent: () => sent,
  complaints: () => complaints,
};
