import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';
import type { RunView } from '../../engine/run/view.ts';
import { questionInShort } from '../questions.ts';
import type { Terminal } from '../terminal.ts';
import { duration, oneLine } from '../text.ts';
import type { Progress, Titles } from './progress.ts';
import { elapsedOf, resultOf, titleOf } from './progress.ts';

/** Said where a run does not begin at once. */
export const QUEUED = 'Waiting for its turn: the flow allows no more runs at the same time.';

/** One line for everything that happens to a node: for logs and pipes. */
export class PlainProgress implements Progress {
  readonly #terminal: Terminal;
  readonly #titles: Titles;

  constructor(terminal: Terminal, titles: Titles) {
    this.#terminal = terminal;
    this.#titles = titles;
  }

  onEvent(event: RunEvent | LiveEvent, view: RunView): void {
    const line = this.#line(event, view);
    if (line !== undefined) this.#terminal.print(line);
  }

  pause(): void {}
  resume(): void {}
  end(): void {}

  #line(event: RunEvent | LiveEvent, view: RunView): string | undefined {
    if (event.type === 'run.queued') return QUEUED;
    if (!('node' in event)) return undefined;
    const title = event.node === '' ? 'The run:' : `${titleOf(this.#titles, event.node)}:`;
    const node = view.nodes[event.node];
    switch (event.type) {
      case 'node.started':
        return `${title} running`;
      case 'node.skipped':
      case 'node.finished':
        return node && [title, resultOf(node), elapsedOf(node) && `in ${elapsedOf(node)}`].filter(Boolean).join(' ');
      case 'step.finished':
        if (event.retryInMs === undefined) return undefined;
        return `${title} attempt ${event.attempt} failed (${event.error?.code ?? 'unknown'}), next one in ${duration(event.retryInMs)}`;
      case 'signal.requested':
        return `${title} waits for ${event.request.kind === 'signal' ? '' : 'a person: '}${questionInShort(event.request)}`;
      case 'signal.received':
        return `${title} ${event.reply.decision} by ${oneLine(event.reply.by)}`;
      default:
        return undefined;
    }
  }
}
