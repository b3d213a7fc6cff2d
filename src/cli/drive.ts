/** A run that this process owns, from its first event to its end: shown, asked about, interrupted. */
import { BelayError } from '../engine/errors.ts';
import type { RunHandle, Runs } from '../engine/run/api.ts';
import type { SignalReply } from '../engine/run/events.ts';
import { headerOf } from '../engine/run/header.ts';
import type { SignalView } from '../engine/run/view.ts';
import { openSignals } from '../engine/run/view.ts';
import type { Exit } from './exit-codes.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { JsonProgress } from './progress/json.ts';
import { LiveProgress } from './progress/live.ts';
import { PlainProgress } from './progress/plain.ts';
import type { Progress, Titles } from './progress/progress.ts';
import type { Answer, QuestionTools } from './questions.ts';
import { askQuestion } from './questions.ts';
import { printEnd } from './report.ts';
import { restoreIfAsked } from './restore-prompt.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text.ts';

export interface DriveOptions {
  /** The journal root, where the flow's path starts. */
  root: string;
  /** Absolute: where the command was typed. */
  cwd: string;
  runs: Runs;
  terminal: Terminal;
  titles: Titles;
  by: string;
  json: boolean;
  now(): number;
  defaultModel(): Promise<string | undefined>;
  /** How many of the recorded events were told before: a resumed run shows only what is new. */
  skip: number;
  /** Called with Ctrl+C and the like until it is disposed of. */
  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void;
  /** Ends the process at once. */
  kill(code: number): void;
}

/** Drives the run to its end, or until it is parked because nobody can be asked here. */
export async function drive(handle: RunHandle, options: DriveOptions): Promise<Exit> {
  const { terminal, json, titles } = options;
  const interactive = terminal.interactive && !json;
  const progress = json
    ? new JsonProgress(terminal)
    : terminal.redraws
      ? new LiveProgress(terminal, titles)
      : new PlainProgress(terminal, titles, handle.events().slice(0, options.skip));
  const interrupt = interrupts(handle, options, progress);
  terminal.drawing = progress;
  const asker = new Asker(handle, options, () => interrupt('SIGINT'));
  const stopListening = options.onInterrupt(interrupt);

  // Of a dry run the end tells everything.
  const told = json || headerOf(handle.id, handle.events()).dry !== true;
  const view = () => handle.view();
  for (const event of told ? handle.events().slice(options.skip) : []) progress.onEvent(event, view);
  const events = handle.onEvent((event) => {
    if (told) progress.onEvent(event, view);
    if (interactive && (event.type === 'signal.requested' || event.type === 'signal.received')) asker.look();
  });
  const idle = interactive
    ? undefined
    : handle.onIdle(({ signals }) => {
        if (signals > 0) park(handle);
      });
  if (interactive) asker.look();
  try {
    const outcome = await handle.done;
    progress.end();
    return await printEnd(handle, outcome, options);
  } finally {
    asker.stop();
    terminal.drawing = undefined;
    progress.end();
    events.dispose();
    idle?.dispose();
    stopListening();
  }
}

/** A journal that cannot be written is told by `done`. */
function park(handle: RunHandle): void {
  handle.park().catch(() => undefined);
}

/** The first Ctrl+C cancels, the second ends the process; a terminal that goes away parks the run. */
function interrupts(handle: RunHandle, { terminal, by, kill }: DriveOptions, progress: Progress): (signal: string) => void {
  let cancelled = false;
  return (signal) => {
    if (signal !== 'SIGINT') {
      park(handle);
      return;
    }
    if (cancelled) {
      progress.end();
      kill(EXIT_CODES.killed.code);
      return;
    }
    cancelled = true;
    terminal.complain('Cancelling; Ctrl+C again ends at once.');
    handle.cancel(by, 'Ctrl+C');
  };
}

/** Puts the open questions to the person, one at a time; one that somebody else answers meanwhile is withdrawn. */
class Asker {
  readonly #handle: RunHandle;
  readonly #options: DriveOptions;
  /** Ctrl+C: while a line is typed, it does not reach the process as a signal. */
  readonly #interrupt: () => void;
  #asking: { key: string; abort: AbortController } | undefined;
  #stopped = false;

  constructor(handle: RunHandle, options: DriveOptions, interrupt: () => void) {
    this.#interrupt = interrupt;
    this.#handle = handle;
    this.#options = options;
  }

  look(): void {
    const open = openSignals(this.#handle.view());
    if (this.#asking && !open.some(({ key }) => key === this.#asking?.key)) this.#asking.abort.abort();
    const next = open[0];
    if (this.#stopped || this.#asking || !next) return;
    const abort = new AbortController();
    this.#asking = { key: next.key, abort };
    this.#options.terminal
      .alone(async () => this.#settle(next.key, await askQuestion(this.#tools(), next, abort.signal)))
      .catch((error: unknown) => {
        this.#options.terminal.complain(error instanceof Error ? error.message : String(error));
        return this.#handle.park();
      })
      .finally(() => {
        this.#asking = undefined;
        this.look();
      });
  }

  stop(): void {
    this.#stopped = true;
    this.#asking?.abort.abort();
  }

  #tools(): QuestionTools {
    return this.#options;
  }

  async #settle(key: string, answer: Answer): Promise<void> {
    const { terminal, runs, root } = this.#options;
    if (answer === 'park') {
      this.#stopped = true;
      await this.#handle.park();
      return;
    }
    if (answer === 'interrupt') {
      this.#stopped = true;
      this.#interrupt();
      return;
    }
    if (answer === 'aborted') {
      this.#tellWho(this.#signal(key)?.reply);
      return;
    }
    const decided = await runs.decide(this.#handle.id, key, answer.reply).catch((error: unknown) => {
      if (!(error instanceof BelayError && error.code === 'REPLY_INVALID')) throw error;
      terminal.complain(oneLine(error.message));
      return undefined;
    });
    // Still open: it is put to the person once more.
    if (decided === undefined) return;
    if (!decided.accepted) {
      this.#tellWho(decided.earlier);
      return;
    }
    const signal = this.#signal(key);
    const restored = signal && restoreIfAsked(root, this.#handle.view(), signal, answer.reply);
    if (restored !== undefined) terminal.print(restored);
  }

  #signal(key: string): SignalView | undefined {
    return this.#handle.view().signals.find((signal) => signal.key === key);
  }

  #tellWho(earlier: SignalReply | undefined): void {
    if (this.#stopped) return;
    this.#options.terminal.print(earlier ? `\n${earlier.decision} by ${oneLine(earlier.by)}` : '\nThis question is not open any more.');
  }
}
