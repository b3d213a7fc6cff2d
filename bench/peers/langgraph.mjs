/** LangGraph.js with its checkpointer in memory or in SQLite: what makes its graphs resumable, as journals make Belay's. */
import { join } from 'node:path';
import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import { payloadText } from './payload.mjs';

const State = Annotation.Root({
  value: Annotation(),
  gathered: Annotation({ reducer: (left, right) => left.concat(right), default: () => [] }),
});
const add = ({ value }) => ({ value: value + 1 });

/** @param {'memory' | 'sqlite'} storage */
export function create(storage) {
  const saver = async (folder) => {
    if (storage === 'memory') return new MemorySaver();
    const { SqliteSaver } = await import('@langchain/langgraph-checkpoint-sqlite');
    return SqliteSaver.fromConnString(join(folder, 'checkpoints.sqlite'));
  };
  const peer = {
    async measure(work, folder) {
      const { graph, input, runs = 1, steps } = graphOf(work);
      const app = graph.compile({ checkpointer: await saver(folder) });
      const invoke = (_, i) => app.invoke(input, { configurable: { thread_id: `run-${i}` }, recursionLimit: steps + 10 });
      const began = performance.now();
      await Promise.all(Array.from({ length: runs }, invoke));
      return performance.now() - began;
    },
    async cold() {
      await peer.measure({ kind: 'chain', nodes: 3 }, '');
    },
  };
  if (storage === 'memory') return peer;
  const config = (passes) => ({ configurable: { thread_id: 'kept' }, recursionLimit: passes + 10 });
  const kept = async (folder, passes) =>
    new StateGraph(State)
      .addNode('add', add)
      .addNode('rest', add)
      .addEdge(START, 'add')
      .addConditionalEdges('add', ({ value }) => (value < passes ? 'add' : 'rest'), ['add', 'rest'])
      .addEdge('rest', END)
      .compile({ checkpointer: await saver(folder), interruptBefore: ['rest'] });
  return {
    ...peer,
    async prepare(folder, passes) {
      await (await kept(folder, passes)).invoke({ value: 0 }, config(passes));
    },
    async resume(folder, passes) {
      const { value } = await (await kept(folder, passes)).invoke(null, config(passes));
      if (value !== passes + 1) throw new Error(`went on at ${value}`);
    },
  };
}

function graphOf(work) {
  switch (work.kind) {
    case 'chain':
      return { graph: chain(work.nodes, add), input: { value: 0 }, steps: work.nodes };
    case 'many':
      return { graph: chain(work.nodes, add), input: { value: 0 }, steps: work.nodes, runs: work.runs };
    case 'payload': {
      const hand = work.changed ? ({ value }) => ({ value: `${value}x` }) : ({ value }) => ({ value });
      return { graph: chain(work.nodes, hand), input: { value: payloadText(work.bytes) }, steps: work.nodes };
    }
    case 'loop': {
      const graph = new StateGraph(State)
        .addNode('add', add)
        .addEdge(START, 'add')
        .addConditionalEdges('add', ({ value }) => (value < work.passes ? 'add' : END), ['add', END]);
      return { graph, input: { value: 0 }, steps: work.passes };
    }
    case 'fan': {
      const ids = Array.from({ length: work.branches }, (_, i) => `b${i}`);
      const graph = new StateGraph(State).addNode('merge', ({ gathered }) => ({ value: gathered.length }));
      for (const id of ids) graph.addNode(id, () => ({ gathered: [1] })).addEdge(START, id);
      return { graph: graph.addEdge(ids, 'merge').addEdge('merge', END), input: { value: 0 }, steps: work.branches };
    }
  }
}

function chain(nodes, step) {
  const graph = new StateGraph(State);
  for (let i = 0; i < nodes; i += 1) graph.addNode(`n${i}`, step).addEdge(i === 0 ? START : `n${i - 1}`, `n${i}`);
  return graph.addEdge(`n${nodes - 1}`, END);
}
