import { describe, expect, it } from 'vitest';
import { freshId, idsOf, toId } from './naming.ts';

describe('toId', () => {
  it.each([
    ['Draft notes', 'draftNotes'],
    ['prompt', 'prompt'],
    ['Über  die-Änderung', 'uberDieAnderung'],
    ['2 drafts', ''],
    ['日本', ''],
  ])('%s → %s', (words, id) => expect(toId(words)).toBe(id));
});

describe('freshId', () => {
  const taken = new Set(['prompt', 'prompt2', 'node']);
  it.each([
    ['template', 'template'],
    ['prompt', 'prompt3'],
    ['loop', 'loopStep'],
    ['日本', 'node2'],
  ])('%s → %s', (words, id) => expect(freshId(words, (it) => taken.has(it))).toBe(id));
});

it('knows the ids inside of bodies', () => {
  const flow = {
    version: 1 as const,
    nodes: {
      all: { type: 'each', with: { nodes: { one: { type: 'prompt' }, two: { type: 'loop', with: { nodes: { deep: { type: 'x' } } } } } } },
    },
  };
  expect([...idsOf(flow)].sort()).toEqual(['all', 'deep', 'one', 'two']);
});
