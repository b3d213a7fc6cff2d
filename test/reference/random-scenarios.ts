/** Scenarios for property tests: valid flows with scripted steps, of every way to branch, join, repeat and fail. */

import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import type { NodeSpec } from '../../src/engine/format/model.ts';
import { fc } from '../../src/engine/testing/fast-check.ts';
import type { Answer, Ending, FlowDocument, Scenario, Script } from './scenario.ts';

/** What is drawn for a node, before it has a name and neighbours. Numbers are taken modulo what there is to choose from. */
interface Drawn {
  type: string;
  sources: { source: number; outlet: number }[];
  join: number;
  /** Which of the rarer keys it has. */
  key: 'none' | 'disabled' | 'continueOnFailure' | 'retry' | 'timeout' | 'gate';
  picks: number[];
  takes: number;
  ends: Ending[];
  body: Drawn[];
}

const BODIES: readonly string[] = ['loop', 'each', 'flow'];

/** Flows of the given node types; those with a body go two deep. */
export function randomScenarios(types: readonly string[]): fc.Arbitrary<Scenario> {
  return drawnNodes(types, 2, 9).map((drawn) => new Builder().scenario(drawn));
}

function drawnNodes(types: readonly string[], depth: number, maxLength: number): fc.Arbitrary<Drawn[]> {
  const here = types.filter((type) => depth > 0 || !BODIES.includes(type));
  // Scripted steps are what there is to see; the rest is drawn half as often.
  const type = fc.constantFrom(...here.filter((it) => it === 'work'), ...here.filter((it) => it === 'work'), ...here);
  const body = depth === 0 ? fc.constant<Drawn[]>([]) : drawnNodes(types, depth - 1, 4);
  const key = fc.constantFrom<Drawn['key'][]>('none', 'none', 'none', 'none', 'disabled', 'continueOnFailure', 'retry', 'timeout', 'gate');
  const ends = fc.constantFrom<Ending[]>('success', 'success', 'success', 'other', 'network', 'badRequest');
  const node = fc.record({
    type,
    sources: fc.uniqueArray(fc.record({ source: fc.nat(8), outlet: fc.nat(8) }), { maxLength: 3, selector: ({ source }) => source }),
    join: fc.nat(5),
    key,
    picks: fc.array(fc.nat(30), { minLength: 6, maxLength: 6 }),
    takes: fc.integer({ min: 1, max: 997 }),
    ends: fc.array(ends, { minLength: 1, maxLength: 3 }),
    // Drawn for every type, as what depends on an earlier draw shrinks badly.
    body,
  });
  return fc.array(node, { minLength: depth === 2 ? 1 : 0, maxLength });
}

/** Where a node stands: what it may read. */
interface Place {
  /** Steps certain to be before it in the graph around its body. */
  outer: readonly string[];
  /** Expressions for values that only exist here. */
  roots: readonly string[];
}

class Builder {
  readonly #files: Record<string, FlowDocument> = {};
  readonly #scripts: Record<string, Script> = {};
  readonly #answers: Record<string, Answer> = {};
  #count = 0;

  scenario(drawn: readonly Drawn[]): Scenario {
    const flow = this.#document(drawn);
    return { flow, files: this.#files, scripts: this.#scripts, answers: this.#answers };
  }

  #document(drawn: readonly Drawn[], inputs?: FlowDocument['inputs']): FlowDocument {
    const { nodes } = this.#nodes(drawn, { outer: [], roots: inputs ? Object.keys(inputs).map((name) => `inputs.${name}`) : [] });
    const last = Object.keys(nodes).at(-1);
    const outputs = last === undefined ? {} : { outputs: { last: { value: { $expr: `steps.${last}.output` } } } };
    return { version: 1, ...(inputs ? { inputs } : {}), ...outputs, nodes };
  }

  #nodes(drawn: readonly Drawn[], place: Place): { nodes: Record<string, NodeSpec & JsonObject> } {
    const nodes: Record<string, NodeSpec & JsonObject> = {};
    const made: { id: string; drawn: Drawn; ancestors: Set<string> }[] = [];
    for (const it of drawn) {
      const id = `${it.type.slice(0, 2)}${++this.#count}`;
      const edges = it.sources.flatMap(({ source, outlet }) => {
        const before = made[source];
        const outlets = before ? outletsOf(before.drawn) : [];
        return before && outlets.length > 0 ? [{ before, outlet: outlets[outlet % outlets.length] ?? 'failure' }] : [];
      });
      const ancestors = new Set(edges.flatMap(({ before }) => [before.id, ...before.ancestors]));
      const spec: NodeSpec & JsonObject = { type: it.type, with: this.#with(it, id, { ...place, outer: [...place.outer, ...ancestors] }) };
      if (edges.length > 0) spec.after = Object.fromEntries(edges.map(({ before, outlet }) => [before.id, outlet]));
      if (edges.length > 1 && it.join === 1) spec.join = 'any';
      if (edges.length > 1 && it.join > 3) spec.join = { atLeast: Math.min(it.join - 2, edges.length) };
      this.#addKey(spec, it, id);
      nodes[id] = spec;
      made.push({ id, drawn: it, ancestors });
    }
    return { nodes };
  }

  #addKey(spec: NodeSpec, { type, key, picks: [a = 0, b = 0, c = 0], takes }: Drawn, id: string): void {
    const works = type === 'work' || BODIES.includes(type);
    if (key === 'disabled') spec.disabled = true;
    if (key === 'continueOnFailure' && (works || type === 'transform')) spec.continueOnFailure = true;
    if (key === 'retry' && works) {
      spec.retry = { attempts: 1 + (a % 3), delay: `${10 + b}ms`, jitter: false };
      if (b % 2 === 0) spec.retry.backoff = 'constant';
      if (c % 3 === 0) spec.retry.on = ['badRequest', 'timeout'];
      if (c % 5 === 0) spec.retry.maxDelay = '30ms';
    }
    if (key === 'timeout' && (works || type === 'approval')) {
      const limit = `${Math.max(1, Math.round((takes * (a + 1)) / 10))}ms`;
      spec.timeout = type === 'approval' || b % 2 === 0 ? limit : { total: limit };
      if (works && b % 3 === 0) spec.retry = { attempts: 2, delay: '7ms', jitter: false };
    }
    if (key === 'gate' && works) spec.gate = true;
    if (type === 'approval' || spec.gate === true || spec.with?.effect !== undefined) {
      this.#answers[id] = { after: takes, decision: c % 3 === 0 ? 'rejected' : 'approved', doubt: pick(['happened', 'retry', 'abort'], b) };
    }
  }

  #with(it: Drawn, id: string, place: Place): JsonObject {
    const [a = 0, b = 0, c = 0, d = 0] = it.picks;
    const value = (which: number): Json => {
      const choices = [...place.roots, ...place.outer.map((step) => `steps.${step}.output`)];
      return which % 3 === 0 || choices.length === 0 ? which : { $expr: choices[which % choices.length] ?? '0' };
    };
    const condition = (which: number): string => {
      const choices = [
        ...place.outer.map((step) => `steps.${step}.state == "${which % 2 === 0 ? 'succeeded' : 'skipped'}"`),
        ...place.roots.filter((root) => root === 'index').map((root) => `${root} >= ${1 + (which % 2)}`),
        which % 2 === 0 ? 'true' : 'false',
      ];
      return choices[which % choices.length] ?? 'true';
    };
    switch (it.type) {
      case 'work': {
        this.#scripts[id] = { takes: it.takes, ends: it.ends };
        return { ...(a % 4 === 1 ? { effect: a % 8 === 1 ? 'write' : 'irreversible' } : {}), say: value(b) };
      }
      case 'transform':
        return { value: a % 2 === 0 ? value(b) : [value(b), { of: value(c) }] };
      case 'branch':
        return {
          cases: [
            { name: 'a', when: condition(a) },
            { name: 'b', when: condition(b) },
          ],
        };
      case 'validate':
        return { value: value(b), schema: { type: 'integer', maximum: 15 } };
      case 'approval':
        return { message: 'Well?' };
      case 'end':
        return { outputs: { early: value(b) } };
      case 'wait':
        return { for: `${it.takes}ms` };
      case 'loop': {
        const inside = { outer: place.outer, roots: [...place.roots.filter(isInput), 'index', 'previous'] };
        const { nodes } = this.#nodes(it.body, inside);
        const steps = Object.keys(nodes);
        const last = steps.at(-1);
        const result = last === undefined ? { $expr: 'index' } : { $expr: `steps.${steps[b % steps.length]}.output` };
        const until = c % 3 === 0 && last !== undefined ? `steps.${last}.state == "succeeded"` : `index >= ${c % 4}`;
        return {
          until,
          maxIterations: 1 + (a % 4),
          ...(d % 3 === 0 ? { delay: `${d + 1}ms` } : {}),
          ...(b % 4 === 0 ? {} : { result }),
          nodes,
        };
      }
      case 'each': {
        const inside = { outer: place.outer, roots: [...place.roots.filter(isInput), 'index', 'item'] };
        const { nodes } = this.#nodes(it.body, inside);
        const steps = Object.keys(nodes);
        const result = steps.length === 0 ? { $expr: 'item' } : { $expr: `steps.${steps[b % steps.length]}.output` };
        const mode = pick(['stop', 'continue', 'collect'], c);
        const items = Array.from({ length: a % 5 }, (_, i) => (i === 1 ? value(b) : i * 7));
        return {
          items,
          concurrency: 1 + (d % 3),
          ...(c % 2 === 0 ? { onItemFailure: mode } : {}),
          ...(b % 4 === 0 ? {} : { result }),
          nodes,
        };
      }
      default: {
        const path = `${id}.flow.json`;
        this.#files[path] = this.#document(it.body, { n: { default: 7 }, m: {} });
        return { flow: path, inputs: { m: value(b) } };
      }
    }
  }
}

function pick<T>(choices: readonly [T, ...T[]], number: number): T {
  return choices[number % choices.length] ?? choices[0];
}

function isInput(root: string): boolean {
  return root.startsWith('inputs.');
}

/** What edges may leave a node by; the usual one twice. */
function outletsOf({ type }: Drawn): readonly string[] {
  switch (type) {
    case 'work':
      return ['success', 'success', 'other', 'failure'];
    case 'branch':
      return ['case:a', 'case:b', 'else'];
    case 'validate':
      return ['valid', 'invalid', 'failure'];
    case 'approval':
      return ['approved', 'approved', 'rejected', 'timedOut'];
    case 'loop':
      return ['success', 'exhausted', 'success', 'failure'];
    case 'end':
      return [];
    default:
      return ['success', 'success', 'failure'];
  }
}
