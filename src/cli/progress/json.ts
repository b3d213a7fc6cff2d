import type { LiveEvent, RunEvent } from '../../engine/run/events.ts';
import type { Terminal } from '../terminal.ts';
import type { Progress } from './progress.ts';

/** Every event as a line of JSON, as it comes. */
export class JsonProgress implements Progress {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  onEvent(event: RunEvent | LiveEvent): void {
    this.#terminal.print(JSON.stringify(event));
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
}
