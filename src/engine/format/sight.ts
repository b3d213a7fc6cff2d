/** Which steps an expression may read: those before its node, and those before the nodes in whose bodies it stands. */
import type { Standpoint } from './flow-types.ts';
import { ancestryOf, type Scope } from './graph.ts';
import type { FlowReading } from './reading.ts';

export class Sight {
  readonly #reading: FlowReading;
  readonly #ancestry = new Map<Scope, ReturnType<typeof ancestryOf>>();

  constructor(reading: FlowReading) {
    this.#reading = reading;
  }

  /** Whether an expression may read a step: one before its node, or before a node in whose body it stands. */
  sees(at: Standpoint, step: string): boolean {
    const home = this.#reading.homeOf(step);
    const position = home && this.positionIn(home, at);
    if (!home || !position) return false;
    // At the end of a scope all its nodes have ended.
    if (position.node === undefined) return true;
    return this.#isBefore(home)(position.node, step);
  }

  /** Every step that an expression may read: those nearest to it first, within a scope the later ones first. */
  visible(at: Standpoint): string[] {
    const scopes = at.node === undefined ? this.#reading.scopes.slice(0, 1) : [...this.#reading.scopesAround(at)];
    return scopes.flatMap((scope) => {
      const position = this.positionIn(scope, at);
      if (!position) return [];
      const ids = Object.keys(scope.nodes).toReversed();
      const { node } = position;
      return node === undefined ? ids : ids.filter((id) => this.#isBefore(scope)(node, id));
    });
  }

  /**
   * The node of `home` at whose start the expression is computed; none: at the end of the scope. A step outside of a body is as
   * certain in the body as it is for the body's owner. Undefined: `home` is not around the expression.
   */
  positionIn(home: Scope, at: Standpoint): { node: string | undefined } | undefined {
    let node = at.inBody ? undefined : at.node;
    if (at.node === undefined) return home.owner === undefined ? { node } : undefined;
    for (const scope of this.#reading.scopesAround(at)) {
      if (scope === home) return { node };
      node = scope.owner;
    }
    return undefined;
  }

  #isBefore(scope: Scope): ReturnType<typeof ancestryOf> {
    const known = this.#ancestry.get(scope) ?? ancestryOf(scope.nodes);
    this.#ancestry.set(scope, known);
    return known;
  }
}
