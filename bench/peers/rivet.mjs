/** Rivet: graphs of text nodes, run in memory. It keeps nothing, so there is nothing to resume. */
import { globalRivetNodeRegistry, runGraph } from '@ironclad/rivet-node';
import { payloadText } from './payload.mjs';

export function create() {
  return {
    async measure(work) {
      const { project, inputs, runs = 1 } = projectOf(work);
      const began = performance.now();
      await Promise.all(Array.from({ length: runs }, () => runGraph(project, { graph: 'main', inputs })));
      return performance.now() - began;
    },
    async cold() {
      await runGraph(chain(3, '').project, { graph: 'main', inputs: { value: 'x' } });
    },
  };
}

function projectOf(work) {
  switch (work.kind) {
    case 'chain':
      return chain(work.nodes, '');
    case 'many':
      return { ...chain(work.nodes, ''), runs: work.runs };
    case 'payload':
      return { ...chain(work.nodes, work.changed ? 'x' : ''), inputs: { value: payloadText(work.bytes) } };
    case 'loop':
      return loop(work.passes);
    case 'fan':
      return fan(work.branches);
  }
}

function node(type, id, data) {
  const made = globalRivetNodeRegistry.createDynamic(type);
  return { ...made, id, data: { ...made.data, ...data } };
}

const input = () => node('graphInput', 'in', { id: 'value', dataType: 'string' });
const output = () => node('graphOutput', 'out', { id: 'value', dataType: 'string' });
const text = (id, suffix) => node('text', id, { text: `{{value}}${suffix}` });
const connect = (outputNodeId, outputId, inputNodeId, inputId) => ({ outputNodeId, outputId, inputNodeId, inputId });
const graph = (id, nodes, connections) => ({ metadata: { id, name: id, description: '' }, nodes, connections });

function project(...graphs) {
  return {
    metadata: { id: 'bench', title: 'bench', description: '', mainGraphId: 'main' },
    graphs: Object.fromEntries(graphs.map((each) => [each.metadata.id, each])),
    plugins: [],
  };
}

function chain(length, suffix) {
  const texts = Array.from({ length }, (_, i) => text(`n${i}`, suffix));
  const links = texts.map((_, i) => (i === 0 ? connect('in', 'data', 'n0', 'value') : connect(`n${i - 1}`, 'output', `n${i}`, 'value')));
  const last = connect(`n${length - 1}`, 'output', 'out', 'value');
  return { project: project(graph('main', [input(), ...texts, output()], [...links, last])), inputs: { value: 'x' } };
}

function fan(branches) {
  const texts = Array.from({ length: branches }, (_, i) => text(`b${i}`, ''));
  const merge = node('array', 'merge', {});
  const links = texts.flatMap(({ id }, i) => [connect('in', 'data', id, 'value'), connect(id, 'output', 'merge', `input${i + 1}`)]);
  const nodes = [input(), ...texts, merge, node('graphOutput', 'out', { id: 'value', dataType: 'any[]' })];
  return { project: project(graph('main', nodes, [...links, connect('merge', 'output', 'out', 'value')])), inputs: { value: 'x' } };
}

/** Its loop runs another graph until a value is reached; this one never is, so that every pass is made. */
function loop(passes) {
  const body = graph(
    'body',
    [input(), text('n0', ''), output()],
    [connect('in', 'data', 'n0', 'value'), connect('n0', 'output', 'out', 'value')],
  );
  const until = node('loopUntil', 'until', {
    targetGraph: 'body',
    conditionType: 'inputEqual',
    inputToCheck: 'value',
    targetValue: 'never',
    maxIterations: passes,
  });
  const main = graph(
    'main',
    [input(), until, output()],
    [connect('in', 'data', 'until', 'value'), connect('until', 'value', 'out', 'value')],
  );
  return { project: project(main, body), inputs: { value: 'x' } };
}
