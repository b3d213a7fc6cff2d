import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';
import type { NodeView, RunView } from '../../engine/run/view.ts';
import type { Terminal } from '../terminal.ts';
import { duration, harmless, oneLine, pad, shorten, width } from '../text.ts';
import { QUEUED } from './plain.ts';
import type { Progress, Titles } from './progress.ts';
import { elapsedOf, resultOf, titleOf } from './progress.ts';

const REDRAW_MS = 100;
/** So many lines of what streams in are shown. */
const STREAM_LINES = 6;
/** More text than this cannot be on the screen (UTF-16 code units). */
const STREAM_KEPT = 8000;
const MOST_TITLE = 40;
const ERASE_BELOW = '\u001b[J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/**
 * On a terminal: a line for each node that has ended, which stays, and below them a part that is redrawn: what runs now, for how
 * long, and the end of the text that streams in.
 */
export class LiveProgress implements Progress {
  readonly #terminal: Terminal;
  readonly #titles: Titles;
  readonly #titleWidth: number;
  readonly #streams = new Map<string, string>();
  #streaming: string | undefined;
  #view: RunView | undefined;
  /** Lines of the part that is redrawn, as they stand on the screen now. */
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, titles: Titles) {
    this.#terminal = terminal;
    this.#titles = titles;
    this.#titleWidth = Math.min(MOST_TITLE, Math.max(12, ...[...titles.values()].map((title) => width(oneLine(title)))));
    this.resume();
  }

  onEvent(event: RunEvent | LiveEvent, view: () => RunView): void {
    this.#view = view();
    switch (event.type) {
      case 'live.text':
      case 'live.reasoning':
      case 'live.output':
        this.#streams.set(event.node, ((this.#streams.get(event.node) ?? '') + event.text).slice(-STREAM_KEPT));
        this.#streaming = event.node;
        return;
      case 'live.reset':
        this.#streams.delete(event.node);
        return;
      case 'run.queued':
        this.#terminal.print(QUEUED);
        return;
      case 'node.skipped':
      case 'node.finished':
        this.#settle(event.node);
        return;
      default:
    }
  }

  pause(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#erase();
    this.#terminal.write(SHOW_CURSOR);
  }

  resume(): void {
    if (this.#timer) return;
    this.#terminal.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  end(): void {
    this.pause();
  }

  /** Writes the line of a node that has ended: it stays. */
  #settle(id: string): void {
    this.#streams.delete(id);
    const node = this.#view?.nodes[id];
    if (!node) return;
    const paused = this.#timer === undefined;
    this.#erase();
    this.#terminal.print(this.#finishedLine(node));
    if (!paused) this.#draw();
  }

  #finishedLine(node: NodeView): string {
    const [icon, color] = LOOKS[node.state] ?? LOOKS.succeeded;
    const title = pad(shorten(titleOf(this.#titles, node.node), this.#titleWidth), this.#titleWidth);
    const elapsed = elapsedOf(node) ?? '';
    const rest = shorten(resultOf(node), Math.max(10, this.#terminal.columns - this.#titleWidth - 14));
    const line = `${this.#terminal.style(color, icon)} ${title}  ${pad(elapsed, 8)}  `;
    return node.state === 'skipped'
      ? this.#terminal.style('dim', `${icon} ${title}  ${pad('', 8)}  ${rest}`)
      : line + this.#terminal.style(color, rest);
  }

  #draw(): void {
    // What has left the screen at the top cannot be erased any more.
    const lines = this.#lines().slice(0, Math.max(1, this.#terminal.rows - 2));
    this.#erase();
    if (lines.length === 0) return;
    this.#terminal.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#terminal.write(`\u001b[${this.#drawn}A\r${ERASE_BELOW}`);
    this.#drawn = 0;
  }

  #lines(): string[] {
    const nodes = Object.values(this.#view?.nodes ?? {}).filter((node) => node.finishedAt === undefined && node.startedAt !== undefined);
    return nodes.flatMap((node) => [this.#runningLine(node), ...(node.node === this.#streaming ? this.#streamLines(node.node) : [])]);
  }

  #runningLine(node: NodeView): string {
    const title = pad(shorten(titleOf(this.#titles, node.node), this.#titleWidth), this.#titleWidth);
    const elapsed = duration(Date.now() - (node.startedAt ?? 0));
    const [icon, color] = LOOKS[node.state] ?? LOOKS.running;
    const last = node.attempts.at(-1);
    const attempt = last && last.attempt > 1 ? `, attempt ${last.attempt}` : '';
    const state = WORDS[node.state] ?? node.state;
    return `${this.#terminal.style(color, icon)} ${title}  ${pad(elapsed, 8)}  ${shorten(state + attempt, Math.max(10, this.#terminal.columns - this.#titleWidth - 14))}`;
  }

  #streamLines(id: string): string[] {
    const columns = Math.max(20, this.#terminal.columns - 6);
    const text = harmless(this.#streams.get(id) ?? '')
      .replaceAll('\t', '  ')
      .trimEnd();
    if (text === '') return [];
    return wrap(text, columns)
      .slice(-STREAM_LINES)
      .map((line) => this.#terminal.style('dim', `  │ ${line}`));
  }
}

type Look = [icon: string, color: 'green' | 'red' | 'yellow' | 'cyan' | 'dim'];
const LOOKS: Record<string, Look> & { succeeded: Look; running: Look } = {
  succeeded: ['✔', 'green'],
  failed: ['✖', 'red'],
  skipped: ['–', 'dim'],
  cancelled: ['■', 'yellow'],
  running: ['●', 'cyan'],
  waiting: ['○', 'yellow'],
  awaiting: ['?', 'yellow'],
};
const WORDS: Record<string, string> = { waiting: 'waiting to try again', awaiting: 'waits for a person' };

/** Lines of at most so many columns, broken anywhere: it is only shown in passing. */
function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => {
    if (width(line) <= columns) return [line];
    const lines: string[] = [];
    let rest = line;
    while (width(rest) > columns) {
      const part = shorten(rest, columns + 1).slice(0, -1);
      lines.push(part);
      rest = rest.slice(part.length);
    }
    return [...lines, rest];
  });
}
