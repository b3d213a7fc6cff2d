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
])('finds by %s first %s', (query, first) => expect(types(query)[0]).toBe(first));

it('finds nothing for nonsense', () => expect(offer(catalog, 'qqq')).toEqual([]));
