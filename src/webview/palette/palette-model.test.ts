import { expect, it } from 'vitest';
import { catalog } from '../../engine/nodes/catalog.ts';
import { offer } from './palette-model.ts';

const types = (query: string) => offer(catalog, query).flatMap((group) => group.manifests.map((manifest) => manifest.type));

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
  const offered = offer(catalog, '', { leads: true }).flatMap((group) => group.manifests.map((manifest) => manifest.type));
  expect(offered).not.toContain('end');
  expect(offered).toContain('prompt');
});
