import { edgesInto } from '../format/model.ts';
import type { StrandResult } from './context.ts';
import type { RunNode } from './flow-run.ts';

/** Which nodes of a scope a dry run would have come to, though it comes to all of them. */
export class Ways {
  /** The outlet by which a node that was reached was left. */
  readonly #left = new Map<string, string>();

  isReached({ id, spec }: RunNode): boolean {
    const edges = edgesInto(id, spec);
    return edges.length === 0 || edges.some(({ source, outlet }) => this.#left.get(source) === outlet);
  }

  left(id: string, { outlet, unreached }: StrandResult): void {
    if (!unreached) this.#left.set(id, outlet);
  }

  /** A disabled node. */
  passedThrough(id: string): void {
    this.#left.set(id, 'success');
  }
}
