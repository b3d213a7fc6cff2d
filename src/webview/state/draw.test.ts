import { describe, expect, it } from 'vitest';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { draw } from './draw.ts';
import { fitFrames } from './frames.ts';
import type { Canvas } from './graph-model.ts';

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
    later: { type: 'notify', disabled: true, after: { nobody: 'success' } },
    odd: { type: 'nonsense' },
  },
};

function drawn(flow: object, before = BEFORE, kept = {}, collapsed: readonly string[] = []) {
  const parsed = parseFlow(JSON.stringify(flow), catalog);
  if (!parsed.flow) throw new Error(JSON.stringify(parsed.problems));
  return draw(
    { flow: parsed.flow, catalog, problems: parsed.problems, kept, collapsed: new Set(collapsed), direction: 'right', editable: true },
    before,
  );
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

  it('says who is asked: what the node names, else the model of the flow', () => {
    const flow = { version: 1, model: 'smart', nodes: { ...FLOW.nodes, quick: { type: 'prompt', with: { prompt: 'x', model: 'fast' } } } };
    const asked = drawn(flow).nodes.map(({ id, data }) => [id, data.card.asks]);
    expect(Object.fromEntries(asked)).toMatchObject({ ask: 'smart', quick: 'fast', send: '' });
  });

  it('marks every join, and no single edge', () => {
    const all = { type: 'template', after: { ask: 'success', choose: 'else' }, with: { template: 'x' } };
    const { nodes: joined } = drawn({
      version: 1,
      nodes: { ...FLOW.nodes, all, both: { ...all, after: { choose: ['else', 'failure'] } } },
    });
    const joins = Object.fromEntries(joined.map(({ id, data }) => [id, data.card.join]));
    expect(joins).toMatchObject({ ask: '', choose: '', send: '≥ 2', all: 'all', both: 'all' });
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

describe('bodies', () => {
  const LOOP = {
    version: 1,
    nodes: {
      again: {
        type: 'loop',
        title: 'Again',
        with: {
          until: 'true',
          maxIterations: 2,
          nodes: { one: { type: 'template' }, two: { type: 'template', after: { one: 'success' } } },
        },
      },
      out: { type: 'template', after: { again: 'success', one: 'success' } },
    },
    layout: { again: [100, 50], one: [0, 0], two: [300, 40], out: [900, 0] },
  };
  const of = ({ nodes }: Canvas, id: string) => nodes.find((node) => node.id === id);

  it('draws a frame around the nodes of a body', () => {
    const { nodes, edges } = drawn(LOOP);
    expect(nodes.map((node) => [node.id, node.type, node.parentId])).toEqual([
      ['again', 'frame', undefined],
      ['one', 'step', 'again'],
      ['two', 'step', 'again'],
      ['out', 'step', undefined],
    ]);
    const again = of({ nodes, edges }, 'again');
    const two = of({ nodes, edges }, 'two');
    expect(two?.position).toEqual({ x: 300 + (two?.data.origin.x ?? 0), y: 40 + (two?.data.origin.y ?? 0) });
    expect(again?.width).toBeGreaterThan((two?.position.x ?? 0) + 240);
    expect(again?.height).toBeGreaterThan((two?.position.y ?? 0) + 100);
    expect(two?.data.card.within).toBe('Again');
    expect(again?.data.card.steps).toBe(2);
  });

  it('draws no line through the border of a frame', () => {
    expect(drawn(LOOP).edges.map((edge) => edge.id)).toEqual(['again|success|out', 'one|success|two']);
  });

  it('hides a body that is folded away, with its edges; its problems are told on the card', () => {
    const canvas = drawn(LOOP, BEFORE, {}, ['again']);
    expect(canvas.nodes.filter((node) => node.hidden).map((node) => node.id)).toEqual(['one', 'two']);
    expect(canvas.edges.filter((edge) => edge.hidden).map((edge) => edge.id)).toEqual(['one|success|two']);
    expect(of(canvas, 'again')).toMatchObject({ type: 'step' });
    expect(of(canvas, 'again')?.width).toBeUndefined();
    const open = of(drawn(LOOP), 'again')?.data.card.errors ?? 0;
    expect(of(canvas, 'again')?.data.card.errors).toBeGreaterThan(open);
  });

  it('keeps what has not changed', () => {
    const before = drawn(LOOP);
    const again = drawn(LOOP, before);
    expect(again.nodes.every((node, index) => node === before.nodes[index])).toBe(true);
    const folded = drawn(LOOP, before, {}, ['again']);
    expect(of(folded, 'out')).toBe(of(before, 'out'));
    const open = drawn(LOOP, folded);
    expect(of(open, 'again')).toMatchObject({ type: 'frame', width: of(before, 'again')?.width });
  });

  it('grows a frame while something is dragged in it', () => {
    const { nodes } = drawn(LOOP);
    const dragged = nodes.map((node) => (node.id === 'two' ? { ...node, position: { x: 900, y: 700 } } : node));
    const [frame] = fitFrames(dragged);
    expect(frame?.width).toBeGreaterThan(1140);
    expect(frame?.height).toBeGreaterThan(800);
  });
});
