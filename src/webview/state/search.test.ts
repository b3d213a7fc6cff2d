import { expect, it } from 'vitest';
import { catalog } from '../../engine/nodes/catalog.ts';
import { findIn } from './search.ts';

const flow = {
  version: 1 as const,
  nodes: {
    read: { type: 'file', title: 'Read notes', with: { action: 'read', path: 'notes.md' } },
    each: {
      type: 'each',
      with: {
        items: { $expr: 'inputs.sites' },
        nodes: {
          sum: {
            type: 'prompt',
            after: { read: 'success' },
            with: { prompt: `${'long '.repeat(20)}Sum up\n\n{{ item }}${' tail'.repeat(20)}` },
          },
        },
      },
    },
  },
};
const found = (query: string) => findIn(flow, catalog, query).map(({ id }) => id);

it.each([
  ['', ['read', 'each', 'sum']],
  ['READ', ['read']],
  ['prompt', ['sum']],
  ['notes.md', ['read']],
  ['sum item', ['sum']],
  ['inputs.sites', ['each']],
  ['nothing like it', []],
])('finds by “%s”', (query, ids) => expect(found(query)).toEqual(ids));

it('shows where, and how deep', () =>
  expect(findIn(flow, catalog, '{{ item')).toMatchObject([
    { id: 'sum', depth: 1, found: 'prompt: … long long Sum up {{ item }} tail tail tail tail tail tail t…' },
  ]));
