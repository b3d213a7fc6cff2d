import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { outcomesOf } from './lint-outcomes.ts';
import type { NodeSpec } from './model.ts';

type Graph = Record<string, Partial<NodeSpec>>;

const full = (graph: Graph): Record<string, NodeSpec> =>
  Object.fromEntries(Object.entries(graph).map(([id, node]) => [id, { type: 'template', with: {}, ...node } as NodeSpec]));

const branch = (...cases: string[]): Partial<NodeSpec> => ({
  type: 'branch',
  with: { cases: cases.map((name) => ({ name, when: 'true' })) },
});

/** `a>b`: b certainly has an output when a starts. Of the pairs asked for, those that hold. */
describe('what certainly has an output', () => {
  test.each<[string, Graph, string, string]>([
    // name, graph, pairs asked for, pairs that hold
    ['a chain', { a: {}, b: { after: { a: 'success' } }, c: { after: { b: 'success' } } }, 'b>a c>a c>b', 'b>a c>a c>b'],
    [
      'a fork that joins',
      { a: {}, b: { after: { a: 'success' } }, c: { after: { a: 'success' } }, d: { after: { b: 'success', c: 'success' } } },
      'd>a d>b d>c',
      'd>a d>b d>c',
    ],
    [
      'a branch that joins',
      {
        s: branch('x'),
        b: { after: { s: 'case:x' } },
        c: { after: { s: 'else' } },
        d: { after: { b: 'success', c: 'success' } },
        e: { after: { d: 'success' } },
      },
      'd>s d>b d>c e>d e>b',
      'd>s e>d',
    ],
    ['one way round', { s: branch('x'), b: { after: { s: 'case:x' } }, d: { after: { b: 'success', s: 'else' } } }, 'd>s d>b', 'd>s'],
    ['an unhandled failure ends the run', { a: {}, b: { after: { a: 'success' } }, c: { after: { b: 'success' } } }, 'c>b', 'c>b'],
    [
      'a handled failure does not',
      { a: {}, mend: { after: { a: 'failure' } }, b: { after: { a: 'success', mend: 'success' } } },
      'mend>a b>a b>mend',
      '',
    ],
    ['continueOnFailure leaves null', { a: { continueOnFailure: true }, b: { after: { a: 'success' } } }, 'b>a', ''],
    [
      'a disabled step has nothing',
      { a: {}, b: { disabled: true, after: { a: 'success' } }, c: { after: { b: 'success' } } },
      'c>a c>b',
      'c>a',
    ],
    ['any: nobody knows which', { a: {}, b: {}, c: { join: 'any', after: { a: 'success', b: 'success' } } }, 'c>a c>b', ''],
    ['any of one', { a: {}, c: { join: 'any', after: { a: 'success' } } }, 'c>a', 'c>a'],
    [
      'any behind the same step',
      { z: {}, a: { after: { z: 'success' } }, b: { after: { z: 'success' } }, c: { join: 'any', after: { a: 'success', b: 'success' } } },
      'c>z c>a',
      'c>z',
    ],
    ['a quorum of two of two', { a: {}, b: {}, c: { join: { atLeast: 2 }, after: { a: 'success', b: 'success' } } }, 'c>a c>b', 'c>a c>b'],
    [
      'a quorum shares what two of three bring',
      {
        z: {},
        a: { after: { z: 'success' } },
        b: { after: { z: 'success' } },
        x: {},
        c: { join: { atLeast: 2 }, after: { a: 'success', b: 'success', x: 'success' } },
      },
      'c>z c>a c>x',
      'c>z',
    ],
    [
      'unconnected invalid fails',
      { v: { type: 'validate' }, b: { after: { v: 'valid' } }, c: { after: { b: 'success' } } },
      'c>b c>v',
      'c>b c>v',
    ],
    [
      'connected invalid goes on',
      { v: { type: 'validate' }, b: { after: { v: 'valid' } }, c: { after: { b: 'success', v: 'invalid' } } },
      'c>v c>b',
      'c>v',
    ],
    ['a rejection ends the run', { a: { type: 'approval' }, b: { after: { a: 'approved' } } }, 'b>a', 'b>a'],
    [
      'several outlets of one source',
      {
        s: branch('x', 'y'),
        b: { after: { s: ['case:x', 'case:y'] } },
        c: { after: { s: ['case:x', 'case:y', 'else'] } },
        d: { after: { b: 'success', c: 'success' } },
      },
      'd>c d>b',
      'd>c',
    ],
    ["unknown steps are nobody's business", { a: {} }, 'a>nope nope>a', 'a>nope nope>a'],
  ])('%s', (_name, graph, asked, expected) => {
    const outcomes = outcomesOf(full(graph), catalog);
    const holds = asked.split(' ').filter((pair) => {
      const [node = '', step = ''] = pair.split('>');
      return outcomes.isCertain(node, (has) => has(step, 'output'));
    });
    expect(holds.join(' ')).toBe(expected);
    expect(outcomes.unreachable).toEqual([]);
  });
});

/** `a>b+c`: one of b and c certainly has an output when a starts; `>b+c`: when the run ends. */
describe('what certainly has an output, one or another', () => {
  const sides = { s: branch('x', 'y'), b: { after: { s: 'case:x' } }, c: { after: { s: 'case:y' } }, e: { after: { s: 'else' } } };
  const votes = { a: {}, b: {}, c: {}, d: {} };
  const all = { a: 'success', b: 'success', c: 'success', d: 'success' };
  test.each<[string, Graph, string, string]>([
    [
      'the sides of a branch',
      { ...sides, z: { after: { b: 'success', c: 'success', e: 'success' } } },
      'z>b+c z>b+c+e >b+c+e',
      'z>b+c+e >b+c+e',
    ],
    ['a side that is not connected', { ...sides, z: { after: { b: 'success', c: 'success' } } }, 'z>b+c >b+c', 'z>b+c'],
    [
      'a correction and what it corrects',
      { a: {}, s: { ...branch('x'), after: { a: 'success' } }, b: { after: { s: 'case:x' } }, z: { after: { s: 'else', b: 'success' } } },
      'z>b z>b+a',
      'z>b+a',
    ],
    [
      'a step and the one that mends its failure',
      { a: {}, m: { after: { a: 'failure' } }, z: { after: { a: 'success', m: 'success' } } },
      'z>a z>a+m',
      'z>a+m',
    ],
    ['whichever comes first', { ...votes, z: { join: 'any', after: all } }, 'z>a+b z>a+b+c+d', 'z>a+b+c+d'],
    ['any two of four', { ...votes, z: { join: { atLeast: 2 }, after: all } }, 'z>a+b z>a+c z>a+b+c', 'z>a+b+c'],
    [
      'two races',
      {
        ...votes,
        y: { join: 'any', after: { a: 'success', b: 'success' } },
        x: { join: 'any', after: { c: 'success', d: 'success' } },
        z: { join: { atLeast: 2 }, after: { x: 'success', y: 'success' } },
      },
      'z>a+c z>b+d z>a+b z>c+d',
      'z>a+b z>c+d',
    ],
  ])('%s', (_name, graph, asked, expected) => {
    const outcomes = outcomesOf(full(graph), catalog);
    const holds = asked.split(' ').filter((pair) => {
      const [node = '', steps = ''] = pair.split('>');
      return outcomes.isCertain(node || undefined, (has) => steps.split('+').some((step) => has(step, 'output')));
    });
    expect(holds.join(' ')).toBe(expected);
  });
});

test('at the end of the run', () => {
  const outcomes = outcomesOf(full({ s: branch('x'), b: { after: { s: 'case:x' } }, c: { after: { s: ['case:x', 'else'] } } }), catalog);
  expect(['s', 'b', 'c'].map((step) => outcomes.isCertain(undefined, (has) => has(step, 'output')))).toEqual([true, false, true]);
});

/** `id most`: the step, and how many of its edges may be taken. */
test.each<[string, Graph, string[]]>([
  [
    'a quorum of two cases',
    { s: branch('x', 'y'), c: { join: { atLeast: 2 }, after: { s: ['case:x', 'case:y'] } }, d: { after: { c: 'success' } } },
    ['c 1', 'd 0'],
  ],
  ['the failure of a disabled step', { a: { disabled: true }, b: { after: { a: 'failure' } } }, ['b 0']],
  [
    'everything is reached',
    { s: branch('x'), b: { after: { s: 'case:x' } }, c: { after: { s: 'else' } }, f: { after: { b: 'failure' } } },
    [],
  ],
])('never started: %s', (_name, graph, expected) => {
  expect(outcomesOf(full(graph), catalog).unreachable.map(({ id, most }) => `${id} ${most}`)).toEqual(expected);
});

test('many branches in a row: nothing is invented, and it is quick', () => {
  const graph: Graph = { n0: {} };
  for (let index = 0; index < 200; index += 1) {
    graph[`s${index}`] = { ...branch('x'), after: { [`n${index}`]: 'success' } };
    graph[`x${index}`] = { after: { [`s${index}`]: 'case:x' } };
    graph[`n${index + 1}`] = { after: { [`s${index}`]: 'else', [`x${index}`]: 'success' } };
  }
  const before = process.cpuUsage();
  const outcomes = outcomesOf(full(graph), catalog);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(10_000);
  expect(['n100', 's199', 'x0'].map((step) => outcomes.isCertain('n200', (has) => has(step, 'output')))).toEqual([true, true, false]);
});
