import { expect, it } from 'vitest';
import { catalog } from '../../engine/nodes/catalog.ts';
import { offer, ranked } from './palette-model.ts';

const types = (query: string) => offer(catalog, query).flatMap((group) => group.items.map(({ id }) => id));

it('offers every type that can be run, and no other', () => {
  expect(types('').sort()).toEqual(
    [...catalog.values()]
      .filter((manifest) => manifest.built)
      .map((manifest) => manifest.type)
      .sort(),
  );
});

it.each([
  ['comm', 'command'],
  ['PERSON', 'approval'],
  ['json schema', 'validate'],
  ['val', 'validate'],
  ['apvl', 'approval'],
  ['cmd', 'command'],
])('finds by %s first %s', (query, first) => expect(types(query)[0]).toBe(first));

it('finds nothing for nonsense', () => expect(offer(catalog, 'qqq')).toEqual([]));

it('offers for an edge only what the flow can go on from', () => {
  const offered = offer(catalog, '', { leads: true }).flatMap((group) => group.items.map(({ id }) => id));
  expect(offered).not.toContain('end');
  expect(offered).toContain('prompt');
});

it('offers for nodes that are there only what has a body', () =>
  expect(
    offer(catalog, '', { bodies: true })
      .flatMap((group) => group.items.map(({ id }) => id))
      .sort(),
  ).toEqual(['each', 'loop']));

it('finds other things by the same rules', () => {
  const rows = ['Improve draft', 'Every site'].map((title) => ({
    group: 'Bodies',
    name: title,
    item: { id: title, icon: 'sync', title, about: '' },
  }));
  expect(ranked(rows, 'sit').flatMap(({ items }) => items.map(({ id }) => id))).toEqual(['Every site']);
});
