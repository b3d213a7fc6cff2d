/**
 * The nodes of a flow or of one pass of a body, after docs/format.md: when a node starts, what its outlets do to those behind it, and
 * when the whole is over. What a node does is none of its business (`Begin`).
 */
import type { Json } from '../../src/engine/format/json.ts';
import type { ErrorKind, NodeSpec } from '../../src/engine/format/model.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Failure {
  code: string;
  kind: ErrorKind;
}

/** How a node is left. A failure may keep an output (`OUTLET_UNCONNECTED`). */
export type Leaving = { outlet: string; output: Json } | { failure: Failure; output?: Json };

/** How a scope is over. `ended` (an end node) and `rejected` go on outwards until something stops them. */
export type Over = { is: 'done' } | { is: 'failed'; failure: Failure } | { is: 'rejected' } | { is: 'ended'; outputs: Json };

export interface Final {
  state: 'succeeded' | 'failed' | 'skipped';
  /** Undefined: all outlets are dead. */
  outlet: string | undefined;
  output: Json;
  failure: Failure | undefined;
  at: number;
}

/** Takes a node up. `causes`: the nodes whose end it certainly comes after. Returns how it is cut off. */
export type Begin = (node: { id: string; path: string; spec: NodeSpec; scope: Scope; causes: ReadonlySet<string> }) => () => void;

/** What all scopes of a run share. */
export interface World {
  time: VirtualTime;
  /** Set where the documents leave open which of two things at one moment comes first. */
  open: boolean;
  fate(path: string, is: string): void;
  /** From now on nothing below `prefix` counts that happens at this very moment: it was cut off as it began. */
  cutOff(prefix: string): void;
}

export class Scope {
  readonly finals = new Map<string, Final>();
  readonly prefix: string;
  readonly parent: Scope | undefined;
  readonly #nodes: Record<string, NodeSpec>;
  readonly #world: World;
  readonly #begin: Begin;
  readonly #onOver: (over: Over) => void;
  readonly #ownerCauses: ReadonlySet<string>;
  readonly #causes = new Map<string, ReadonlySet<string>>();
  readonly #cut = new Map<string, () => void>();
  readonly #readEarly = new Map<string, number>();
  /** What each reader read at the moment it came about, and when. */
  readonly #readFresh = new Map<ReadonlySet<string>, { path: string; at: number }[]>();
  #over: { at: number; is: Over['is'] | 'cancelled' } | undefined;

  /** `prefix`: of the paths of its nodes. `parent`: the scope around it whose steps it may read. */
  constructor(
    nodes: Record<string, NodeSpec>,
    at: { prefix: string; parent: Scope | undefined; causes: ReadonlySet<string> },
    run: { world: World; begin: Begin; onOver(over: Over): void },
  ) {
    this.prefix = at.prefix;
    this.parent = at.parent;
    this.#ownerCauses = at.causes;
    this.#nodes = nodes;
    this.#world = run.world;
    this.#begin = run.begin;
    this.#onOver = run.onOver;
  }

  start(): void {
    const first = Object.entries(this.#nodes).filter(([, { after }]) => Object.keys(after ?? {}).length === 0);
    for (const [id] of first) this.#consider(id);
    if (Object.keys(this.#nodes).length === 0) this.finish({ is: 'done' });
  }

  /** The outcome of a step as its reader sees it; undefined: it has not ended. */
  read(id: string, reader: ReadonlySet<string>): Final | undefined {
    if (!(id in this.#nodes)) return this.parent?.read(id, reader);
    const final = this.finals.get(id);
    if (!final) this.#readEarly.set(id, this.#world.time.now);
    if (final?.at === this.#world.time.now) {
      const path = this.prefix + id;
      if (!reader.has(path)) this.#world.open = true;
      this.#readFresh.set(reader, [...(this.#readFresh.get(reader) ?? []), { path, at: final.at }]);
    }
    return final;
  }

  isConnected(id: string, outlet: string): boolean {
    return this.#leading(id).some((edge) => edge.outlet === outlet);
  }

  /** The node is left. */
  leave(id: string, leaving: Leaving): void {
    this.#cut.delete(id);
    if (!('failure' in leaving)) {
      this.#settle(id, { state: 'succeeded', outlet: leaving.outlet, output: leaving.output, failure: undefined }, leaving.outlet);
      return;
    }
    const { failure, output = null } = leaving;
    if (this.#nodes[id]?.continueOnFailure === true) {
      this.#settle(id, { state: 'succeeded', outlet: 'success', output: null, failure }, `success ${failure.code}`);
      return;
    }
    const failed = { state: 'failed', outlet: 'failure', output, failure } as const;
    this.#settle(id, failed, `failure ${failure.code}`, this.#isHandled(id) ? undefined : { is: 'failed', failure });
  }

  /** Everything in it is cut off; nobody is told. */
  cancel(): void {
    if (this.#over) return;
    this.#close('cancelled');
  }

  finish(over: Over): void {
    if (this.#over) return;
    this.#close(over.is);
    this.#onOver(over);
  }

  #close(is: Over['is'] | 'cancelled'): void {
    this.#over = { at: this.#world.time.now, is };
    if (is !== 'done') this.#world.cutOff(this.prefix);
    for (const cut of this.#cut.values()) cut();
    this.#cut.clear();
  }

  #settle(id: string, final: Omit<Final, 'at'>, fate: string, over?: Over): void {
    const { time } = this.#world;
    if (this.#readEarly.get(id) === time.now) this.#world.open = true;
    this.finals.set(id, { ...final, at: time.now });
    this.#world.fate(this.prefix + id, fate);
    if (over) {
      this.finish(over);
      return;
    }
    for (const target of new Set(this.#leading(id).map((edge) => edge.target))) {
      this.#consider(target);
      this.#checkFirst(target, id);
    }
    if (this.finals.size === Object.keys(this.#nodes).length) this.finish({ is: 'done' });
  }

  #consider(id: string): void {
    const spec = this.#nodes[id];
    if (!spec || this.#causes.has(id)) return;
    const decision = this.#decide(spec);
    if (decision === 'wait') return;
    if (this.#over) {
      // Something else at this moment ended the scope. Where this one might have done so too, nobody says which was first.
      const mightEnd = decision === 'quorum' || (decision === 'start' && spec.type !== 'work');
      if (this.#over.at === this.#world.time.now && mightEnd) this.#world.open = true;
      return;
    }
    const causes = spec.join === undefined || spec.join === 'all' ? this.#allCauses(spec) : this.#someCauses(spec);
    this.#causes.set(id, causes);
    if (decision === 'dead') this.#settle(id, { state: 'skipped', outlet: undefined, output: null, failure: undefined }, 'skipped dead');
    else if (decision === 'quorum') this.leave(id, { failure: { code: 'JOIN_QUORUM', kind: 'unknown' } });
    else if (spec.disabled === true)
      this.#settle(id, { state: 'skipped', outlet: 'success', output: null, failure: undefined }, 'skipped disabled');
    else {
      const cut = this.#begin({ id, path: this.prefix + id, spec, scope: this, causes });
      if (this.#over) cut();
      else if (!this.finals.has(id)) this.#cut.set(id, cut);
    }
  }

  /** A join that was started by another edge a moment ago might have been started by the one from `source`, and then have read less. */
  #checkFirst(id: string, source: string): void {
    const causes = this.#causes.get(id);
    const read = causes ? (this.#readFresh.get(causes) ?? []) : [];
    const before = new Set([...(this.#causes.get(source) ?? []), this.prefix + source]);
    if (read.some(({ path, at }) => at === this.#world.time.now && !before.has(path))) this.#world.open = true;
  }

  #allCauses(spec: NodeSpec): ReadonlySet<string> {
    const sources = Object.keys(spec.after ?? {});
    return new Set([...this.#ownerCauses, ...sources.flatMap((id) => [...(this.#causes.get(id) ?? []), this.prefix + id])]);
  }

  /** Of a join that does not wait for all: what comes before every edge that may have been the one to start it at this moment. */
  #someCauses(spec: NodeSpec): ReadonlySet<string> {
    const now = Object.keys(spec.after ?? {}).filter((id) => this.finals.get(id)?.at === this.#world.time.now);
    const sets = now.map((id) => new Set([...(this.#causes.get(id) ?? []), this.prefix + id]));
    const [first, ...others] = sets;
    const common = [...(first ?? [])].filter((path) => others.every((set) => set.has(path)));
    return new Set([...this.#ownerCauses, ...common]);
  }

  /** What "When a node starts" says. */
  #decide(spec: NodeSpec): 'wait' | 'start' | 'dead' | 'quorum' {
    const edges = Object.entries(spec.after ?? {}).flatMap(([source, outlets]) => [outlets].flat().map((outlet) => ({ source, outlet })));
    if (edges.length === 0) return 'start';
    const states = edges.map(({ source, outlet }) => {
      const final = this.finals.get(source);
      return final === undefined ? 'pending' : final.outlet === outlet ? 'taken' : 'dead';
    });
    const count = (wanted: string): number => states.filter((state) => state === wanted).length;
    const [pending, taken] = [count('pending'), count('taken')];
    if (spec.join === undefined || spec.join === 'all') return pending > 0 ? 'wait' : taken > 0 ? 'start' : 'dead';
    const needed = spec.join === 'any' ? 1 : spec.join.atLeast;
    if (taken >= needed) return 'start';
    if (taken + this.#possible(edges, states) >= needed) return 'wait';
    if (taken > 0) return 'quorum';
    if (pending > 0) return 'wait';
    const reliedUpon = edges.some(({ source }) => this.finals.get(source)?.state === 'failed' && !this.isConnected(source, 'failure'));
    return reliedUpon ? 'quorum' : 'dead';
  }

  /** How many pending edges may still be taken: of each source, one. */
  #possible(edges: readonly { source: string }[], states: readonly string[]): number {
    return new Set(edges.filter((_, i) => states[i] === 'pending').map(({ source }) => source)).size;
  }

  #isHandled(id: string): boolean {
    if (this.isConnected(id, 'failure')) return true;
    const others = this.#leading(id);
    return others.length > 0 && others.every(({ target }) => (this.#nodes[target]?.join ?? 'all') !== 'all');
  }

  #leading(id: string): { target: string; outlet: string }[] {
    return Object.entries(this.#nodes).flatMap(([target, { after }]) => [after?.[id] ?? []].flat().map((outlet) => ({ target, outlet })));
  }
}
