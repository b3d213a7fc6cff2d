/** Bodies, joins, time limits, results: what the linter knows of how a flow hangs together. */
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import type { JsonObject } from './json.ts';
import { lintFlow } from './lint.ts';
import { parseFlow } from './parse.ts';
import { asks, behind, each, lint, loop, template } from './testing/linted.ts';

describe('bodies', () => {
  test.each<[string, JsonObject, string[]]>([
    ['a loop', { it: loop('steps.a.output.text == "x"', { a: asks }, { result: { $expr: 'steps.a.output.text' } }) }, []],
    ['what a pass reads', { it: loop('steps.a.output.text == "x"', { a: template('{{ previous }} {{ index }}') }, { result: 1 }) }, []],
    ['item in a loop', { it: loop('index > 1', { a: template('{{ item }}') }) }, ['REFERENCE_ROOT_UNAVAILABLE <item>']],
    ['previous in an each', { it: each([1], { a: template('{{ previous }}') }) }, ['REFERENCE_ROOT_UNAVAILABLE <previous>']],
    ['item of the each around', { it: each([1], { in1: loop('index > 1', { a: template('{{ item }}') }) }) }, []],
    [
      'previous is not that of the loop around',
      { it: loop('index > 1', { all1: each([1], { a: template('{{ previous }}') }) }) },
      ['REFERENCE_ROOT_UNAVAILABLE <previous>'],
    ],
    ['item where the items are computed', { it: each({ $expr: '[item]' }, {}) }, ['REFERENCE_ROOT_UNAVAILABLE <item>']],
    [
      'a step of the body from outside',
      { it: loop('index > 1', { a: asks }), b: template('{{ steps.a.output.text }}', behind('it')) },
      ['STEP_NOT_BEFORE <a>'],
    ],
    ['an output of the flow from a body', { it: loop('index > 1', { a: asks }) }, []],
    [
      'until reads a step after the loop',
      { it: loop('steps.b.output.text == "x"', { a: asks }), b: template('x', behind('it')) },
      ['STEP_NOT_BEFORE <b>', 'LOOP_UNTIL_CONSTANT <steps.b.output.text == "x">'].toReversed(),
    ],
    ['steps around the body', { a: asks, it: { ...loop('index > 1', { b: template('{{ steps.a.output.text }}') }), ...behind('a') } }, []],
    [
      'a step that may be skipped, at the end of the pass',
      {
        it: loop(
          'steps.b.output.text == "x"',
          { s: { type: 'branch', with: { cases: [{ name: 'x', when: 'index > 0' }] } }, b: template('x', behind('s', 'case:x')) },
          { result: { $expr: 'first(steps.b.output.text, "")' } },
        ),
      },
      ['STEP_MAY_BE_SKIPPED <b>'],
    ],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes })).toEqual(expected));

  test('an output of the flow cannot read a step of a body', () => {
    const outputs = { x: { value: { $expr: 'steps.a.output.text' } } };
    expect(lint({ nodes: { it: loop('index > 1', { a: asks }) }, outputs })).toEqual(['STEP_NOT_BEFORE <a>']);
  });
});

describe('loops that never change', () => {
  const constant = (until: string) => [`LOOP_UNTIL_CONSTANT <${until}>`];
  test.each<[string, JsonObject, boolean]>([
    ['true', { a: asks }, true],
    ['inputs.topic == "x"', { a: asks }, true],
    ['index > 2', {}, false],
    ['previous == null', {}, false],
    ['steps.a.output.text == "x"', { a: asks }, false],
    ['steps.a.output.text == "x"', { a: template('{{ inputs.topic }}') }, true],
    ['steps.a.output.text == "x"', { a: template('{{ index }}') }, false],
    ['steps.b.output.text == "x"', { a: asks, b: template('{{ steps.a.output.text }}', behind('a')) }, false],
    ['steps.b.state == "skipped"', { a: asks, b: template('x', behind('a', 'failure')) }, false],
    ['steps.b.output[0] == 1', { b: each([1], { c: asks }, { result: 1 }) }, false],
    ['steps.b.output[0] == 1', { b: each([1], { c: template('x') }, { result: 1 }) }, true],
  ])('%s of %j: %s', (until, nodes, expected) => {
    const found = lint({ nodes: { it: loop(until, nodes) }, inputs: { topic: { type: 'string' } } });
    expect(found.filter((it) => it.startsWith('LOOP'))).toEqual(expected ? constant(until) : []);
  });
});

describe('time limits', () => {
  const limited = (more: JsonObject = {}): JsonObject => ({ ...asks, timeout: '1m', ...more });
  test.each<[string, JsonObject, string[]]>([
    ['nobody provides for it', { a: limited() }, ['TIMEOUT_UNHANDLED <"timeout">']],
    ['failure is connected', { a: limited(), b: template('x', behind('a', 'failure')) }, []],
    ['it goes on', { a: limited({ continueOnFailure: true }) }, []],
    ['others may do instead', { a: limited(), b: asks, c: { ...template('x'), join: 'any', after: { a: 'success', b: 'success' } } }, []],
    ['disabled', { a: limited({ disabled: true }) }, []],
    ['no limit at all', { a: limited({ timeout: {} }) }, []],
    ['an approval', { a: { type: 'approval', timeout: '1d', with: { message: 'x' } } }, ['TIMEOUT_UNHANDLED <"timeout">']],
    [
      'an approval with a path',
      { a: { type: 'approval', timeout: '1d', with: { message: 'x' } }, b: template('x', behind('a', 'timedOut')) },
      [],
    ],
    ['a signal', { a: { type: 'wait', with: { signal: 'x', timeout: '1d' } } }, ['TIMEOUT_UNHANDLED <"timeout">']],
    ['in a body', { it: loop('index > 1', { a: limited() }) }, ['TIMEOUT_UNHANDLED <"timeout">']],
    ['in a body, provided for outside', { it: loop('index > 1', { a: limited() }), b: template('x', behind('it', 'failure')) }, []],
    ['of one item', { it: each([1], { a: limited() }, { onItemFailure: 'collect' }) }, []],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes })).toEqual(expected));
});

describe('joins that never fire', () => {
  const branch = { type: 'branch', with: { cases: ['x', 'y'].map((name) => ({ name, when: 'inputs.topic == "a"' })) } };
  test.each<[string, JsonObject, string[]]>([
    [
      'two cases of one branch',
      { s: branch, c: { ...template('x'), join: { atLeast: 2 }, after: { s: ['case:x', 'case:y'] } } },
      ['JOIN_NEVER <2>'],
    ],
    [
      'two steps behind two cases',
      {
        s: branch,
        a: template('x', behind('s', 'case:x')),
        b: template('x', behind('s', 'case:y')),
        c: { ...template('x'), join: { atLeast: 2 }, after: { a: 'success', b: 'success' } },
      },
      ['NODE_UNREACHABLE <"c">'],
    ],
    [
      'success and failure',
      { a: asks, c: { ...template('x'), join: { atLeast: 2 }, after: { a: ['success', 'failure'] } } },
      ['JOIN_NEVER <2>'],
    ],
    [
      'what stands behind one',
      { a: template('x', { disabled: true }), b: template('x', behind('a', 'failure')), c: template('x', behind('b')) },
      ['NODE_UNREACHABLE <"b">', 'NODE_UNREACHABLE <"c">'],
    ],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes, inputs: { topic: { type: 'string' } } })).toEqual(expected));
});

describe('results that nobody reads', () => {
  const outputs = { x: { value: { $expr: 'steps.c.output.text' } } };
  const chain = (more: JsonObject = {}): JsonObject => ({
    a: asks,
    b: { ...template('x', behind('a')), ...more },
    c: template('y', behind('b')),
  });
  test.each<[string, JsonObject, string[]]>([
    ['in the middle', { nodes: chain(), outputs }, ['a', 'b']],
    ['at the end of a flow without outputs', { nodes: chain() }, ['a', 'b']],
    ['at the end of a flow with outputs', { nodes: { ...chain(), d: template('z', behind('c')) }, outputs }, ['a', 'b', 'd']],
    [
      'one that writes',
      { nodes: { a: { type: 'state', with: { action: 'set', key: 'k', value: 1 } }, c: template('y', behind('a')) }, outputs },
      [],
    ],
    [
      'a decision',
      { nodes: { a: { type: 'branch', with: { cases: [{ name: 'x', when: '1 > 2' }] } }, c: template('y', behind('a', 'else')) }, outputs },
      [],
    ],
    ['in a body', { nodes: { it: loop('index > 1', { a: asks }) } }, ['a']],
    ['read by until', { nodes: { it: loop('steps.a.output.text == "x"', { a: asks }) } }, []],
    ['read by result', { nodes: { it: loop('index > 1', { a: asks }, { result: { $expr: 'steps.a.output.text' } }) } }, []],
    ['disabled', { nodes: chain({ disabled: true }), outputs }, ['a']],
    ['a file that cannot be read', { nodes: { ...chain(), d: { type: 'prompt', with: { file: 'none.md' } } }, outputs }, []],
  ])('%s', (_name, document, expected) => {
    const found = lint(document, { unused: true }).filter((it) => it.startsWith('OUTPUT'));
    expect(found).toEqual(expected.map((id) => `OUTPUT_UNUSED <"${id}">`));
  });
});

describe('retries of what cannot be undone', () => {
  const command = (retry: JsonObject, params: JsonObject = { run: ['send'] }): JsonObject => ({
    type: 'command',
    retry: { attempts: 3, ...retry },
    with: params,
  });
  test.each<[JsonObject, boolean]>([
    [command({}), true],
    [command({ on: ['timeout'] }), true],
    [command({ on: ['rateLimit', 'network'] }), true],
    [command({ on: ['rateLimit', 'overloaded'] }), false],
    [command({}, { shell: 'curl -H "Idempotency-Key: $BELAY_COMMAND_ID" example.org' }), false],
    [{ ...command({}), effect: 'read' }, false],
    [{ ...loop('index > 1', { a: { type: 'command', with: { run: ['x'] } } }), retry: { attempts: 2 } }, false],
  ])('%j: %s', (node, expected) => expect(lint({ nodes: { it: node } })).toEqual(expected ? ['RETRY_IRREVERSIBLE <"retry">'] : []));
});

/** In processor time, with room for slow machines; a quadratic step would take ten times as long. */
test('a thousand nodes are linted at once', () => {
  const nodes: JsonObject = { n0: template('x') };
  for (let index = 0; index < 333; index += 1) {
    nodes[`s${index}`] = {
      type: 'branch',
      with: { cases: [{ name: 'x', when: `steps.n${index}.output.text == "x"` }] },
      ...behind(`n${index}`),
    };
    nodes[`x${index}`] = template(`{{ steps.n${index}.output.text }}`, behind(`s${index}`, 'case:x'));
    const text = `{{ steps.x${index}.output.text | default: steps.n${index}.output.text }}`;
    nodes[`n${index + 1}`] = template(text, { after: { [`s${index}`]: 'else', [`x${index}`]: 'success' } });
  }
  const parsed = parseFlow(JSON.stringify({ version: 1, nodes }, null, 2), catalog);
  lintFlow(parsed, catalog);
  const before = process.cpuUsage();
  expect(lintFlow(parsed, catalog)).toEqual([]);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(10_000);
});
