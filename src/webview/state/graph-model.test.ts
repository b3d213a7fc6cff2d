import { describe, expect, it } from 'vitest';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { type Canvas, draw } from './graph-model.ts';

const BEFORE: Canvas = { nodes: [], edges: [] };
const FLOW = {
  version: 1,
  nodes: {
    ask: { type: 'prompt', title: 'Ask', with: { prompt: 'Hello\nthere' } },
    choose: { type: 'branch', after: { ask: 'success' }, with: { cases: [{ name: 'big', when: 'true' }] } },
    send: {
      type: 'command',
      join: { atLeast: 2 },
      gate: true,
      after: { choose: ['case:big', 'case:gone'], ask: 'failure' },
      with: { run: ['x'] },
    },
    later: { type: 'agent', disabled: true, after: { nobody: 'success' } },
    odd: { type: 'nonsense' },
  },
};

function drawn(flow: object, before = BEFORE, positions = {}) {
  const parsed = parseFlow(JSON.stringify(flow), catalog);
  if (!parsed.flow) throw new Error(JSON.stringify(parsed.problems));
  return draw({ flow: parsed.flow, catalog, problems: parsed.problems, positions, editable: true }, before);
}

describe('draw', () => {
  const { nodes, edges } = drawn(FLOW);
  const card = (id: string) => nodes.find((node) => node.id === id)?.data.card;

  it('says of each node what it is', () => {
    expect(card('ask')).toMatchObject({ title: 'Ask', typeTitle: 'Prompt', effect: 'read', entered: false, runnable: true });
    expect(card('choose')).toMatchObject({ title: 'Branch', entered: true });
    expect(card('choose')?.outlets.map((outlet) => outlet.name)).toEqual(['case:big', 'else', 'failure', 'case:gone']);
    expect(card('send')).toMatchObject({ effect: 'irreversible', gated: true, join: '≥ 2' });
    expect(card('later')).toMatchObject({ disabled: true, runnable: false });
    expect(card('odd')).toMatchObject({ title: 'nonsense', icon: 'question', runnable: false });
    expect(card('odd')?.errors).toBeGreaterThan(0);
  });

  it('draws the edges whose source is there', () => {
    expect(edges.map((edge) => edge.id)).toEqual([
      'ask|success|choose',
      'choose|case:big|send',
      'choose|case:gone|send',
      'ask|failure|send',
    ]);
    expect(edges.at(-1)).toMatchObject({ data: { tone: 'bad', failure: true }, ariaLabel: 'Ask, failure, to Command' });
  });

  it('keeps what did not change, with its selection and size', () => {
    const first = drawn(FLOW);
    const before = {
      ...first,
      nodes: first.nodes.map((node) => ({ ...node, selected: node.id === 'ask', measured: { width: 240, height: 90 } })),
    };
    const changed = { ...FLOW, nodes: { ...FLOW.nodes, ask: { ...FLOW.nodes.ask, title: 'Ask again' } } };
    const second = drawn(changed, before);
    expect(second.nodes.find((node) => node.id === 'ask')).toMatchObject({
      selected: true,
      measured: { width: 240 },
      data: { card: { title: 'Ask again' } },
    });
    expect(second.nodes.find((node) => node.id === 'send')).toBe(before.nodes.find((node) => node.id === 'send'));
    expect(second.edges.find((edge) => edge.target === 'send' && edge.source === 'choose')).toBe(before.edges[1]);
  });

  it('puts a node back where the document has it', () => {
    const first = drawn(FLOW, BEFORE, { ask: { x: 10, y: 10 } });
    const dragged = { ...first, nodes: first.nodes.map((node) => ({ ...node, position: { x: 99, y: 99 } })) };
    expect(drawn(FLOW, dragged, { ask: { x: 10, y: 10 } }).nodes[0]?.position).toEqual({ x: 10, y: 10 });
  });
});
