/** The terminal, as far as the commands need one. Streams are given, so that nothing else touches `process`. */

import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

export interface TerminalStreams {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number; hasColors?(): boolean };
  stderr: Writable & { isTTY?: boolean };
}

/** A question was not answered: `end` the input ended, `interrupt` Ctrl+C, `aborted` it need not be asked any more. */
export type Unanswered = 'end' | 'interrupt' | 'aborted';

/** What draws on the terminal. */
interface Drawing {
  pause(): void;
  resume(): void;
}

export class Terminal {
  /** People can be asked. */
  readonly interactive: boolean;
  /** Lines can be redrawn. */
  readonly redraws: boolean;
  readonly #streams: TerminalStreams;
  readonly #colors: boolean;
  /** Steps aside while somebody is asked. */
  drawing: Drawing | undefined;
  /** The question that is being asked; never rejects. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(streams: TerminalStreams) {
    this.#streams = streams;
    this.redraws = streams.stdout.isTTY === true;
    // In this order: Node makes a stream of the standard input when it is first looked at.
    this.interactive = this.redraws && streams.stdin.isTTY === true;
    this.#colors = this.redraws && streams.stdout.hasColors?.() === true;
  }

  get columns(): number {
    return this.#streams.stdout.columns ?? 80;
  }

  get rows(): number {
    return this.#streams.stdout.rows ?? 24;
  }

  /** One or more lines on the standard output: results. */
  print(text = ''): void {
    this.#streams.stdout.write(`${text}\n`);
  }

  /** Lines on the standard error: what went wrong, and what is no result. */
  complain(text: string): void {
    this.#streams.stderr.write(`${text}\n`);
  }

  /** Control sequences, for what is redrawn. */
  write(text: string): void {
    this.#streams.stdout.write(text);
  }

  /** Resolves when all that was written has been taken, or nobody takes it any more. */
  async flushed(): Promise<void> {
    const { stdout, stderr } = this.#streams;
    await Promise.all([stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))));
  }

  style(format: Format, text: string): string {
    return this.#colors ? styleText(format, text, { validateStream: false }) : text;
  }

  /** Questions from several sides are asked one after the other, and nothing is drawn meanwhile. */
  alone<T>(ask: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.drawing?.pause();
      try {
        return await ask();
      } finally {
        this.drawing?.resume();
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** One line that is not shown while it is typed. */
  async askHidden(prompt: string, signal: AbortSignal): Promise<{ line: string } | { none: Unanswered }> {
    this.write(prompt);
    const lines = await this.#read('', signal, () => true, new Writable({ write: (_chunk, _encoding, done) => done() }));
    this.print();
    return 'none' in lines ? lines : { line: lines.lines[0] ?? '' };
  }

  /** One line typed by a person, or why there is none. */
  async ask(prompt: string, signal: AbortSignal): Promise<{ line: string } | { none: Unanswered }> {
    const lines = await this.#read(prompt, signal, () => true);
    return 'none' in lines ? lines : { line: lines.lines[0] ?? '' };
  }

  /** Lines up to one that holds a single dot, or to the end of the input. */
  async askLines(prompt: string, signal: AbortSignal): Promise<{ text: string } | { none: Unanswered }> {
    const lines = await this.#read(prompt, signal, (line) => line === '.');
    if (!('none' in lines)) return { text: lines.lines.filter((line) => line !== '.').join('\n') };
    return lines.none === 'end' && lines.lines.length > 0 ? { text: lines.lines.join('\n') } : { none: lines.none };
  }

  /** Everything the standard input holds. */
  async readAll(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#streams.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }

  #read(
    prompt: string,
    signal: AbortSignal,
    isLast: (line: string) => boolean,
    output: Writable = this.#streams.stdout,
  ): Promise<{ lines: string[] } | { none: Unanswered; lines: string[] }> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve({ none: 'aborted', lines: [] });
      const reader = createInterface({ input: this.#streams.stdin, output, terminal: this.interactive });
      const lines: string[] = [];
      const finish = (end: Unanswered | undefined): void => {
        signal.removeEventListener('abort', onAbort);
        // Closing tells `close` again; a promise is settled by its first word.
        resolve(end ? { none: end, lines } : { lines });
        reader.close();
      };
      const onAbort = (): void => finish('aborted');
      signal.addEventListener('abort', onAbort);
      reader.on('line', (line) => {
        lines.push(line);
        if (isLast(line)) finish(undefined);
      });
      reader.on('SIGINT', () => finish('interrupt'));
      reader.on('close', () => finish('end'));
      reader.setPrompt(prompt);
      reader.prompt();
    });
  }
}
