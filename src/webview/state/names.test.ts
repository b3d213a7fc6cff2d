import { expect, it } from 'vitest';
import type { Flow } from '../../engine/format/model.ts';
import type { CanvasNode } from './graph-model.ts';
import { inRunOrder, nameOf } from './names.ts';

const node = (id: string, title: string, parentId?: string) => ({ id, parentId, data: { card: { title } } }) as unknown as CanvasNode;

it('tells nodes apart that have the same title, and says it alone where it is the only one', () => {
  const nodes = [node('http', 'HTTP'), node('http2', 'HTTP'), node('save', 'Save it'), node('x', 'x'), node('y', 'x')];
  expect([...nodes.map(({ id }) => nameOf({ nodes }, id)), nameOf({ nodes }, 'gone')]).toEqual([
    'HTTP (http)',
    'HTTP (http2)',
    'Save it',
    'x',
    'x (y)',
    'gone',
  ]);
});

it('tells nodes in the order in which a run comes to them, those of a body behind its owner', () => {
  const type = 'template';
  const flow = {
    nodes: {
      last: { type, after: { all: 'success' } },
      all: {
        type: 'each',
        after: { a: 'success', b: 'success' },
        with: { nodes: { two: { type, after: { one: 'success' } }, one: { type } } },
      },
      a: { type },
      b: { type },
    },
  } as unknown as Flow;
  const nodes = [node('last', ''), node('all', ''), node('two', '', 'all'), node('one', '', 'all'), node('a', ''), node('b', '')];
  expect(inRunOrder(nodes, flow).map(({ id }) => id)).toEqual(['a', 'b', 'all', 'one', 'two', 'last']);
  expect(inRunOrder(nodes, null).map(({ id }) => id)).toEqual(['last', 'all', 'two', 'one', 'a', 'b']);
});
