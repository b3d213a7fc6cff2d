import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';
import { emptyView, reduceView } from '../../engine/run/view.ts';
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
  /** Without the nodes that are over: nothing is told of them again, and a long run has thousands. */
  #view = emptyView();

  /** `before`: what happened before anybody watched, of which nothing is told. */
  constructor(terminal: Terminal, titles: Titles, before: readonly RunEvent[]) {
    this.#terminal = terminal;
    this.#titles = titles;
    for (const event of ofOpenNodes(before)) this.#view = reduceView(this.#view, event);
  }

  onEvent(event: RunEvent | LiveEvent): void {
    if ('seq' in event) this.#view = reduceView(this.#view, event);
    const line = this.#line(event);
    if (line !== undefined) this.#terminal.print(line);
    if (isEnd(event)) delete this.#view.nodes[event.node];
  }

  pause(): void {}
  resume(): void {}
  end(): void {}

  #line(event: RunEvent | LiveEvent): string | undefined {
    if (event.type === 'run.queued') return QUEUED;
    if (!('node' in event)) return undefined;
    const title = event.node === '' ? 'The run:' : `${titleOf(this.#titles, event.node)}:`;
    const node = this.#view.nodes[event.node];
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

type End = Extract<RunEvent, { type: 'node.finished' | 'node.skipped' }>;

function isEnd(event: RunEvent | LiveEvent): event is End {
  return event.type === 'node.finished' || event.type === 'node.skipped';
}

/** Events of nodes that had begun and not ended. */
function ofOpenNodes(events: readonly RunEvent[]): RunEvent[] {
  const open = new Map<string, RunEvent[]>();
  for (const event of events) {
    if (!('node' in event)) continue;
    const before = open.get(event.node);
    if (isEnd(event)) open.delete(event.node);
    else if (before) before.push(event);
    else open.set(event.node, [event]);
  }
  return [...open.values()].flat();
}
