/** The label of every step's result, as far as it is known before anything runs. */
import type { Trust } from '../run/events.ts';
import type { Reference } from './expressions/index.ts';
import type { Standpoint } from './flow-types.ts';
import { hintsOf } from './hints.ts';
import type { FlowReading, ReadExpression } from './reading.ts';
import { trustOf } from './resolve.ts';

/** Flows in flows are followed so far; what lies deeper is not trusted. */
const DEEPEST = 16;
/** What comes out of a sub-flow depends on what goes in, so it is looked at for each node that runs it: so often altogether. */
const MOST_LOOKS = 500;

export class Labels {
  readonly #reading: FlowReading;
  readonly #inputs: Trust;
  readonly #depth: number;
  /** Shared by the labels of a flow and of its sub-flows. */
  readonly #looks: { left: number };
  readonly #steps = new Map<string, Trust>();

  /** @param inputs the label of the inputs: those of a flow that a person starts are trusted. */
  constructor(reading: FlowReading, inputs: Trust = 'trusted', depth = 0, looks = { left: MOST_LOOKS }) {
    this.#reading = reading;
    this.#inputs = inputs;
    this.#depth = depth;
    this.#looks = looks;
    this.#spread();
  }

  /** The steps whose results are not to be trusted. */
  untrusted(): string[] {
    return [...this.#steps].flatMap(([id, label]) => (label === 'untrusted' ? [id] : []));
  }

  /** Joined over everything the step is done with. */
  ofArguments(id: string): Trust {
    return this.#of(this.#reading.expressionsOf(id).filter(({ inBody }) => !inBody));
  }

  /** Joined over the outputs of the flow. */
  ofOutputs(): Trust {
    const { scopes, catalog } = this.#reading;
    const ends = scopes.flatMap(({ nodes }) =>
      Object.entries(nodes).filter(([, node]) => catalog.get(node.type)?.outlets(node.with ?? {}).length === 0),
    );
    const isTrusted =
      this.#of(this.#reading.expressionsOf(undefined)) === 'trusted' && ends.every(([id]) => this.ofArguments(id) === 'trusted');
    return isTrusted ? 'trusted' : 'untrusted';
  }

  /** Untrust spreads along references: what reads an untrusted step is looked at again. */
  #spread(): void {
    const readers = new Map<string, Set<string>>();
    const note = (source: string, reader: string) => {
      const known = readers.get(source);
      if (known) known.add(reader);
      else readers.set(source, new Set([reader]));
    };
    for (const id of this.#reading.ids) {
      this.#steps.set(id, 'trusted');
      for (const expression of this.#reading.expressionsOf(id)) {
        for (const { root, path } of expression.references) {
          if (root === 'steps') note(String(path[0]), id);
          else if (root === 'item' || root === 'previous') {
            const giver = this.#reading.giverOf(root, expression);
            if (giver !== undefined) note(giverKey(root, giver), id);
          }
        }
      }
    }
    const open = [...this.#reading.ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      // The arguments of a body's owner are the items of the body, its result is what the next pass sees.
      if (this.ofArguments(id) === 'untrusted') open.push(...this.#changed(giverKey('item', id), readers));
      if (this.#steps.get(id) === 'untrusted' || this.#labelOf(id) === 'trusted') continue;
      this.#steps.set(id, 'untrusted');
      open.push(...(readers.get(id) ?? []), ...(readers.get(giverKey('previous', id)) ?? []));
    }
  }

  readonly #told = new Set<string>();

  #changed(key: string, readers: ReadonlyMap<string, ReadonlySet<string>>): Iterable<string> {
    if (this.#told.has(key)) return [];
    this.#told.add(key);
    return readers.get(key) ?? [];
  }

  #labelOf(id: string): Trust {
    const manifest = this.#reading.manifestOf(id);
    if (!manifest) return 'untrusted';
    if (manifest.resultTrust !== 'derived') return manifest.resultTrust;
    if (this.#of(this.#reading.expressionsOf(id).filter(isResult)) === 'untrusted') return 'untrusted';
    return this.#ofSubFlow(id);
  }

  /** Of a node that runs another flow: what comes out of that with these inputs. */
  #ofSubFlow(id: string): Trust {
    const manifest = this.#reading.manifestOf(id);
    const name = manifest && Object.entries(hintsOf(manifest)).find(([, { control }]) => control === 'flow')?.[0];
    const file = name === undefined ? undefined : this.#reading.node(id)?.with?.[name];
    if (name === undefined) return 'trusted';
    const sub = typeof file === 'string' ? this.#reading.subFlow(file) : undefined;
    if (!sub?.found || !sub.reading || this.#depth >= DEEPEST || this.#looks.left === 0) return 'untrusted';
    this.#looks.left -= 1;
    return new Labels(sub.reading, this.ofArguments(id), this.#depth + 1, this.#looks).ofOutputs();
  }

  #of(expressions: readonly ReadExpression[]): Trust {
    return expressions.every((expression) => this.#ofReferences(expression.references, expression) === 'trusted') ? 'trusted' : 'untrusted';
  }

  #ofReferences(references: readonly Reference[], at: Standpoint): Trust {
    const item = references.some(({ root }) => root === 'item') ? this.#reading.giverOf('item', at) : undefined;
    const previous = references.some(({ root }) => root === 'previous') ? this.#reading.giverOf('previous', at) : undefined;
    return trustOf(references, {
      steps: this.#steps,
      inputs: this.#inputs,
      ...(item !== undefined && { item: this.ofArguments(item) }),
      ...(previous !== undefined && { previous: this.#steps.get(previous) ?? 'untrusted' }),
    });
  }
}

/** Whether a condition holds says nothing of where a result comes from. */
function isResult({ boolean, inBody }: ReadExpression): boolean {
  return !(inBody && boolean);
}

function giverKey(root: 'item' | 'previous', owner: string): string {
  return `${root} of ${owner}`;
}
