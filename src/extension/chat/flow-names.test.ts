import { expect, test } from 'vitest';
import { fileNameOf, flowsNamed, readRequest, valuesOf } from './flow-names.ts';

test.each([
  ['', { name: '', given: {} }],
  ['release notes', { name: 'release notes', given: {} }],
  ['notes since=2026-01-01', { name: 'notes', given: { since: '2026-01-01' } }],
  ['a/b.flow.json topic=maps and compasses n=3', { name: 'a/b.flow.json', given: { topic: 'maps and compasses', n: '3' } }],
  ['b topic="x=1 \\"y\\"" n=4', { name: 'b', given: { topic: 'x=1 "y"', n: '4' } }],
  ['topic=maps', { name: '', given: { topic: 'maps' } }],
])('reads %j', (prompt, read) => expect(readRequest(prompt)).toEqual(read));

test('values are what their inputs want', () => {
  const inputs = { text: { type: 'string' }, count: { type: 'integer' }, list: { type: 'array' } };
  const given = { text: '5', count: '5', list: '["a"]', other: '{}' };
  expect(valuesOf(inputs, given)).toEqual({ text: '5', count: 5, list: ['a'], other: '{}' });
});

const flows = [
  { path: 'vote.flow.json', title: 'Vote on a name' },
  { path: 'flows/vote-again.flow.json', title: undefined },
  { path: 'flows/release.flow.json', title: 'Release notes' },
];
test.each([
  ['vote', ['vote.flow.json']],
  ['./flows/vote-again', ['flows/vote-again.flow.json']],
  ['release notes', ['flows/release.flow.json']],
  ['again', ['flows/vote-again.flow.json']],
  ['VOTE on', ['vote.flow.json']],
  ['flows', ['flows/vote-again.flow.json', 'flows/release.flow.json']],
  ['nothing', []],
])('the flows that %j may mean', (name, paths) => expect(flowsNamed(flows, name).map(({ path }) => path)).toEqual(paths));

test.each([
  ['Answer a letter', 'answer-a-letter'],
  ['Größe & Gewicht!', 'gro-e-gewicht'],
  ['日本語', 'new-flow'],
])('a file for %j', (title, name) => expect(fileNameOf(title)).toBe(name));
