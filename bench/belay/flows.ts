/**
 * The flows Belay runs for each piece of work. All begin with `ready`, which waits until every run of the measurement is there;
 * where there are several, they end with `over`, which waits again: what ends one run is no part of the steps of another.
 */
import type { Json } from '../../src/engine/format/json.ts';
import type { Variant, Work } from '../work.ts';

/** ASCII text as a tool might give it: words and lines. */
export function payloadText(bytes: number): string {
  const words = 'The quick brown fox jumps over the lazy dog, and nobody knows why.\n';
  return words.repeat(Math.ceil(bytes / words.length)).slice(0, bytes);
}

type Nodes = Record<string, Json>;

export interface BenchFlow {
  text: string;
  runs: number;
  /** The node whose end is the end of the work. */
  last: string;
}

/** @returns the flow for the work, and how many runs of it there are */
export function benchFlow(work: Work, variant: Variant): BenchFlow {
  const { nodes, last } = nodesOf(work, variant);
  const text = JSON.stringify({ version: 1, nodes: { ready: { type: 'ready', with: {} }, ...nodes } });
  return { text, runs: work.kind === 'many' ? work.runs : 1, last };
}

function nodesOf(work: Work, variant: Variant): { nodes: Nodes; last: string } {
  switch (work.kind) {
    case 'many': {
      const { nodes, last } = nodesOf({ kind: 'chain', nodes: work.nodes }, variant);
      return { nodes: { ...nodes, over: { type: 'over', with: {}, after: { [last]: 'success' } } }, last };
    }
    case 'chain':
      return chain(work.nodes, (i) => step(variant, i === 0 ? '0' : `steps.n${i - 1}.output + 1`));
    case 'payload': {
      const source: Json = { type: 'payload', with: { bytes: work.bytes } };
      const before = (i: number): Json => ({ $expr: `steps.n${i - 1}.output` });
      const next = (i: number): Json =>
        // Expressions may not make texts of this length; what does is a tool, a command, a file.
        work.changed ? { type: 'payload', with: { bytes: 1, after: before(i) } } : { type: 'transform', with: { value: before(i) } };
      return chain(work.nodes, (i) => (i === 0 ? source : next(i)));
    }
    case 'fan':
      return fan(work.branches, variant);
    case 'loop':
      return { nodes: { improve: { ...loop(work.passes, variant), after: { ready: 'success' } } }, last: 'improve' };
  }
}

/** One step: a value made from what is there, or the same as an effect. */
function step(variant: Variant, expression: string): Record<string, Json> {
  return { type: variant === 'synced' ? 'effect' : 'transform', with: { value: { $expr: expression } } };
}

function chain(length: number, node: (i: number) => Json): { nodes: Nodes; last: string } {
  const nodes: Nodes = {};
  for (let i = 0; i < length; i += 1) {
    nodes[`n${i}`] = { ...(node(i) as Nodes), after: { [i === 0 ? 'ready' : `n${i - 1}`]: 'success' } };
  }
  return { nodes, last: `n${length - 1}` };
}

function fan(branches: number, variant: Variant): { nodes: Nodes; last: string } {
  const ids = Array.from({ length: branches }, (_, i) => `b${i}`);
  const nodes: Nodes = Object.fromEntries(ids.map((id, i) => [id, { ...step(variant, String(i)), after: { ready: 'success' } }]));
  const sum = ids.map((id) => `steps.${id}.output`);
  nodes.merge = {
    type: 'transform',
    after: Object.fromEntries(ids.map((id) => [id, 'success'])),
    with: { value: sum.map((expression) => ({ $expr: expression })) },
  };
  return { nodes, last: 'merge' };
}

/** Counts to `passes`, each pass from what the one before left. */
export function loop(passes: number, variant: Variant): Record<string, Json> {
  return {
    type: 'loop',
    with: {
      until: `steps.add.output >= ${passes}`,
      maxIterations: passes,
      result: { $expr: 'steps.add.output' },
      nodes: { add: step(variant, 'previous == null ? 1 : previous + 1') },
    },
  };
}
