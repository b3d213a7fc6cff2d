import { describe, expect, it } from 'vitest';
import { clipText, freshNames, placesAt, readClip } from './clip.ts';

const nodes = { draft: { type: 'prompt', with: { prompt: 'x' } }, check: { type: 'validate', after: { draft: 'success' } } };
const notes = { todo: { text: 'Ask Ann', color: 'blue', at: [5, -60] as [number, number], size: [200, 80] as [number, number] } };
const layout = { draft: { x: 10, y: 20 }, check: { x: 310, y: 20 } };

describe('nodes as text', () => {
  it('is a flow that people can read', () =>
    expect(clipText({ nodes: { a: { type: 'template', with: { template: 'x' } } }, layout: { a: { x: 1, y: -2 } }, notes: {} })).toBe(`{
  "version": 1,
  "nodes": {
    "a": {
      "type": "template",
      "with": {
        "template": "x"
      }
    }
  },
  "layout": {
    "a": [1, -2]
  }
}`));

  it('comes back as it was', () => {
    for (const clip of [
      { nodes, layout, notes },
      { nodes, layout, notes: {} },
      { nodes: {}, layout: {}, notes },
    ])
      expect(readClip(clipText(clip))).toEqual(clip);
  });

  it.each([
    [
      'a whole flow',
      { version: 1, title: 'x', inputs: {}, nodes, layout: { draft: [10, 20], check: [310, 20] } },
      { nodes, layout, notes: {} },
    ],
    ['nodes by their ids alone', nodes, { nodes, layout: {}, notes: {} }],
    ['places that are none', { nodes, layout: { draft: ['a', 1], check: [1], __proto__x: [1, 2] } }, { nodes, layout: {}, notes: {} }],
    [
      'notes as far as they are understood',
      { nodes: {}, notes: { ...notes, nowhere: { text: 'x' }, bad: 1, odd: { text: 'y', at: [0, 0], size: ['w'], color: 7 } } },
      { nodes: {}, layout: {}, notes: { ...notes, odd: { text: 'y', at: [0, 0] } } },
    ],
  ])('reads %s', (_what, data, expected) => expect(readClip(JSON.stringify(data))).toEqual(expected));

  it.each([
    ['words', 'just words'],
    ['broken JSON', '{ "nodes": {'],
    ['a list', '[1, 2]'],
    ['no nodes', '{ "nodes": {} }'],
    ['an id that is none', '{ "nodes": { "Not an id": { "type": "prompt" } } }'],
    ['an id that is none, in a body', '{ "a": { "type": "loop", "with": { "nodes": { "B-": { "type": "prompt" } } } } }'],
    ['a node without a type', '{ "nodes": { "a": { "with": {} } } }'],
    ['what is nested without end', `{"nodes":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`],
  ])('finds none in %s', (_what, text) => expect(readClip(text)).toBeUndefined());
});

it('keeps names that are free, and counts on from others', () =>
  expect(
    freshNames({ ...nodes, draft2: { type: 'loop', with: { nodes: { inner: { type: 'wait' } } } } }, new Set(['draft', 'inner', 'draft3'])),
  ).toEqual({
    draft: 'draft2',
    check: 'check',
    draft2: 'draft4',
    inner: 'inner2',
  }));

it('moves the outermost nodes together, and what stands in bodies not at all', () =>
  expect(
    placesAt(
      { nodes: { a: {}, b: {} }, layout: { a: { x: 10, y: 50 }, b: { x: 0, y: 60 }, inner: { x: 7, y: 8 } }, notes: {} },
      { a: 'a2', b: 'b2', inner: 'inner' },
      { x: 100, y: 100 },
    ),
  ).toEqual({ a2: { x: 110, y: 100 }, b2: { x: 100, y: 110 }, inner: { x: 7, y: 8 } }));
