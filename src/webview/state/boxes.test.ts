import { expect, it } from 'vitest';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { boundsOf, boxesOf, orderOf } from './boxes.ts';
import { draw } from './draw.ts';
import type { CanvasNode } from './graph-model.ts';

function drawn(): CanvasNode[] {
  const each = { type: 'each', with: { items: { $expr: '[1]' }, nodes: { inner: { type: 'template', with: { template: 'x' } } } } };
  const nodes = { first: { type: 'template', with: { template: 'x' } }, all: { ...each, after: { first: 'success' } } };
  const text = JSON.stringify({ version: 1, title: 'Boxes', nodes, layout: { first: [0, 0], all: [400, 100], inner: [20, 30] } });
  const { flow } = parseFlow(text, catalog);
  if (!flow) throw new Error('The flow of this test cannot be read.');
  const how = { catalog, problems: [], kept: {}, collapsed: new Set<string>(), direction: 'right', editable: true } as const;
  return draw({ flow, ...how }, { nodes: [], edges: [] }).nodes;
}

const moved = (nodes: readonly CanvasNode[], id: string, x: number, y: number) =>
  nodes.map((node) => (node.id === id ? { ...node, position: { x, y } } : node));

const boxCalled = (nodes: readonly CanvasNode[], id: string) => boxesOf(nodes)[orderOf(nodes).get(id) ?? -1];

it('counts what stands in a body from its frame, and never draws it over the head', () => {
  const nodes = drawn();
  const inner = nodes.find(({ id }) => id === 'inner');
  expect(inner?.parentId).toBe('all');
  expect(boxCalled(nodes, 'inner')).toMatchObject({ x: 400 + (inner?.position.x ?? 0), y: 100 + (inner?.position.y ?? 0) });
  const least = nodes.find(({ id }) => id === 'all')?.data.frame?.least;
  const above = moved(nodes, 'inner', -500, -500);
  expect(boxCalled(above, 'inner')).toMatchObject({ x: 400 + (least?.x ?? 0), y: 100 + (least?.y ?? 0) });
});

it('keeps the boxes and the order of what has not moved, as they are asked for with every picture', () => {
  const before = drawn();
  const after = moved(before, 'first', 50, 60);
  expect(boxCalled(after, 'first')).toMatchObject({ x: 50, y: 60 });
  expect(boxCalled(after, 'inner')).toBe(boxCalled(before, 'inner'));
  expect(orderOf(after)).toBe(orderOf(before));
  const withFrame = moved(before, 'all', 500, 100);
  expect(boxCalled(withFrame, 'inner')?.x).toBe((boxCalled(before, 'inner')?.x ?? 0) + 100);
});

it('bounds all that is seen', () => {
  const nodes = drawn();
  const box = boundsOf(nodes, []);
  const frame = boxCalled(nodes, 'all');
  expect(box).toMatchObject({ x: 0, y: 0, width: 400 + (frame?.width ?? 0), height: 100 + (frame?.height ?? 0) });
  const folded = nodes.map((node) => (node.id === 'first' ? { ...node, hidden: true } : node));
  expect(boundsOf(folded, [])).toMatchObject({ x: 400, y: 100 });
  expect(boundsOf([], [])).toBeUndefined();
});
