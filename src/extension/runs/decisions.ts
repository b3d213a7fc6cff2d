import * as os from 'node:os';
import * as vscode from 'vscode';
import type { Json } from '../../engine/format/json.ts';
import { payloadOf } from '../../engine/format/json.ts';
import type { SignalReply } from '../../engine/run/events.ts';
import { TIMED_OUT } from '../../engine/run/history.ts';
import { withoutLinks } from '../faults.ts';
import type { RunHub } from './hub.ts';
import { askedFor, isDecidable, type Question } from './questions.ts';

/** Who decides in this window, as the journal names them. */
export function decider(): string {
  return `${os.userInfo().username}, editor`;
}

const SEND_SIGNAL = 'Send Signal…';

const DECIDED: Record<string, string> = {
  approved: 'approved',
  rejected: 'rejected',
  replied: 'answered',
  timedOut: 'ended by its time-out',
  live: 'answered (use a live model)',
  byHand: 'answered (by hand)',
  restore: 'answered (restore the prompt)',
  happened: 'answered (it happened)',
  retry: 'answered (try again)',
  abort: 'answered (abort)',
  received: 'answered (the signal was sent)',
  more: 'answered (go on)',
  stop: 'answered (stop)',
};

/** What a question has become by a reply; nobody is told to have made its time run out. */
function toldOf({ decision, by, at }: SignalReply): string {
  const who = decision === TIMED_OUT ? '' : ` by ${by}`;
  return `${DECIDED[decision] ?? decision}${who} at ${new Date(at).toLocaleTimeString()}`;
}

/** Carries a person's answers to the runs, and tells the late ones who was first. */
export class Decisions implements vscode.Disposable {
  readonly #hub: RunHub;
  readonly #show: (question: Question) => Promise<void>;
  readonly #notified = new Set<string>();
  readonly #listener: vscode.Disposable;

  constructor(hub: RunHub, show: (question: Question) => Promise<void>) {
    this.#hub = hub;
    this.#show = show;
    this.#listener = hub.onDidChange(() => this.#notify());
  }

  dispose(): void {
    this.#listener.dispose();
  }

  async approve(question: Question): Promise<void> {
    await this.decide(question, 'approved', {});
  }

  /** Asks for the reason first; leaving the box empty is an answer too, escaping it is not. */
  async reject(question: Question): Promise<void> {
    const reason = await vscode.window.showInputBox({
      title: `Reject "${question.title}"`,
      prompt: 'Why? The reason is kept with the run and handed to its "rejected" path.',
      ignoreFocusOut: true,
    });
    if (reason === undefined) return;
    await this.decide(question, 'rejected', reason === '' ? {} : { reason });
  }

  /** Asks for what comes with the signal first; leaving the box empty sends it without anything. */
  async sendSignal(question: Question): Promise<void> {
    const written = await vscode.window.showInputBox({
      title: `Send the signal that "${question.title}" waits for`,
      prompt: 'What comes with it: JSON, or a text. May be empty.',
      placeHolder: '{ "paid": 120 }',
      ignoreFocusOut: true,
    });
    if (written === undefined) return;
    const value = payloadOf(written);
    await this.decide(question, 'received', value === undefined ? {} : { value });
  }

  async decide(
    question: Pick<Question, 'root' | 'runId' | 'key' | 'title'>,
    decision: string,
    more: { reason?: string; value?: Json },
  ): Promise<boolean> {
    const reply: SignalReply = { decision, by: decider(), at: Date.now(), ...more };
    const result = await this.#hub.decide({ root: question.root, id: question.runId }, question.key, reply);
    if (result.accepted) return true;
    const became = result.earlier ? `was already ${toldOf(result.earlier)}` : 'no longer waits for an answer';
    void vscode.window.showInformationMessage(withoutLinks(`"${question.title}" ${became}.`));
    return false;
  }

  /** One notification for each question, once. It cannot be taken back: a late click is answered by `decide`. */
  #notify(): void {
    const enabled = vscode.workspace.getConfiguration('belay').get<boolean>('approvals.notify', true);
    for (const question of this.#hub.questions()) {
      const key = `${question.runId}/${question.key}`;
      if (this.#notified.has(key)) continue;
      this.#notified.add(key);
      if (enabled) void this.#ask(question);
    }
  }

  async #ask(question: Question): Promise<void> {
    const text = `"${question.title}" in ${question.flowTitle} ${askedFor(question.kind)}.`;
    const buttons = isDecidable(question.kind)
      ? (['Approve', 'Reject', 'Show'] as const)
      : question.kind === 'signal'
        ? ([SEND_SIGNAL, 'Show'] as const)
        : (['Show'] as const);
    const picked = await vscode.window.showInformationMessage(withoutLinks(text), ...buttons);
    if (picked === 'Approve') await this.approve(question);
    else if (picked === 'Reject') await this.reject(question);
    else if (picked === SEND_SIGNAL) await this.sendSignal(question);
    else if (picked === 'Show') await this.#show(question);
  }
}
