/** Bodies, sub-flows, types, time limits: what the linter knows of how a flow hangs together. */
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import type { Json, JsonObject } from './json.ts';
import { lintFlow } from './lint.ts';
import { parseFlow } from './parse.ts';

const flow = (nodes: JsonObject, more: JsonObject = {}): JsonObject => ({ version: 1, nodes, ...more });
const FILES: Record<string, string> = Object.fromEntries(
  Object.entries({
    'child.flow.json': flow(
      { a: { type: 'template', with: { template: '{{ inputs.name }}' } } },
      {
        inputs: { name: { type: 'string' }, count: { type: 'integer', default: 1 }, mode: { enum: ['fast', 'slow'], default: 'fast' } },
        outputs: {
          text: { value: { $expr: 'steps.a.output.text' } },
          size: { value: { $expr: 'size(steps.a.output.text)' }, schema: { type: 'integer' } },
        },
      },
    ),
    'asks.flow.json': flow(
      { a: { type: 'prompt', with: { prompt: 'x' } } },
      { outputs: { text: { value: { $expr: 'steps.a.output.text' } } } },
    ),
    'broken.flow.json': flow({ a: { type: 'nope' } }),
    'list.json': [],
    'self.flow.json': flow({ a: { type: 'flow', with: { flow: './self.flow.json' } } }),
    'sub/ping.flow.json': flow({ a: { type: 'flow', with: { flow: 'pong.flow.json' } } }),
    'sub/pong.flow.json': flow({ a: { type: 'flow', with: { flow: '../sub/ping.flow.json' } } }),
    'main.flow.json': flow({}),
    'home.flow.json': flow({ a: { type: 'flow', with: { flow: 'main.flow.json' } } }),
  }).map(([name, content]) => [name, JSON.stringify(content)]),
);

/** `CODE <the text at its place>`, in the order of the text. Unread results are left out unless they are looked for. */
function lint(document: JsonObject, { unused = false }: { unused?: boolean } = {}): string[] {
  const text = JSON.stringify({ version: 1, ...document }, null, 2);
  const parsed = parseFlow(text, catalog);
  expect(parsed.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return lintFlow(parsed, catalog, { readPrompt: (path) => FILES[path], self: 'main.flow.json' })
    .filter(({ code }) => unused || code !== 'OUTPUT_UNUSED')
    .map(({ code, place }) => `${code} <${text.slice(place.offset, place.offset + place.length).replaceAll('\\"', '"')}>`);
}

const template = (text: string, more: JsonObject = {}): JsonObject => ({ type: 'template', with: { template: text }, ...more });
const transform = (value: Json, more: JsonObject = {}): JsonObject => ({ type: 'transform', with: { value }, ...more });
const loop = (until: string, nodes: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'loop',
  with: { until, maxIterations: 3, nodes, ...more },
});
const each = (items: Json, nodes: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'each', with: { items, nodes, ...more } });
const behind = (source: string, outlet = 'success'): JsonObject => ({ after: { [source]: outlet } });
const asks: JsonObject = { type: 'prompt', with: { prompt: 'x' } };

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

describe('sub-flows', () => {
  const call = (params: JsonObject, more: JsonObject = {}): JsonObject => ({ it: { type: 'flow', with: params }, ...more });
  test.each<[string, JsonObject, string[]]>([
    ['fine', call({ flow: 'child.flow.json', inputs: { name: 'x', count: 2, mode: 'slow' } }), []],
    ['not there', call({ flow: 'none.flow.json' }), ['FLOW_FILE_MISSING <"none.flow.json">']],
    ['that cannot be run', call({ flow: 'broken.flow.json' }), ['FLOW_FILE_INVALID <"broken.flow.json">']],
    ['no flow', call({ flow: 'list.json' }), ['FLOW_FILE_INVALID <"list.json">']],
    ['an input too few', call({ flow: 'child.flow.json' }), ['FLOW_INPUT_MISSING <"with">']],
    ['an input too many', call({ flow: 'child.flow.json', inputs: { name: 'x', other: 1 } }), ['FLOW_INPUT_UNKNOWN <"other">']],
    ['an input misspelt', call({ flow: 'child.flow.json', inputs: { nmae: 'x' } }), ['FLOW_INPUT_UNKNOWN <"nmae">']],
    ['an input of another type', call({ flow: 'child.flow.json', inputs: { name: 1 } }), ['TYPE_MISMATCH <1>']],
    [
      'a computed input of another type',
      call({ flow: 'child.flow.json', inputs: { name: { $expr: '1 + 1' } } }),
      ['TYPE_MISMATCH <"name">'],
    ],
    ['an input that is none of these', call({ flow: 'child.flow.json', inputs: { name: 'x', mode: 'fats' } }), ['TYPE_MISMATCH <"fats">']],
    ['itself', call({ flow: 'self.flow.json' }), ['FLOW_RECURSION <"self.flow.json">']],
    ['two that call each other', call({ flow: 'sub/ping.flow.json' }), ['FLOW_RECURSION <"sub/ping.flow.json">']],
    ['one that calls this one', call({ flow: 'home.flow.json' }), ['FLOW_RECURSION <"home.flow.json">']],
    [
      'its outputs',
      call(
        { flow: 'child.flow.json', inputs: { name: 'x' } },
        {
          b: template('{{ steps.it.output.text }}{{ steps.it.output.txt }}', behind('it')),
          c: transform({ $expr: 'steps.it.output.size + "x"' }, behind('it')),
        },
      ),
      ['STEP_FIELD_UNKNOWN <steps.it.output.txt>', 'TYPE_MISMATCH <steps.it.output.size + "x">'],
    ],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes })).toEqual(expected));

  test('without end, as links make them, are told and not read for ever', () => {
    const text = JSON.stringify(
      flow({ a: { type: 'flow', with: { flow: 'a/main.flow.json' } }, b: { type: 'flow', with: { flow: 'b/main.flow.json' } } }),
    );
    let reads = 0;
    const readPrompt = (path: string): string => {
      // A folder stands in itself only so often: then the system says that there are too many links.
      expect(path.split('/').length).toBeLessThan(1000);
      reads += 1;
      if (reads > 5000) throw new Error('It is read for ever');
      return text;
    };
    const problems = lintFlow(parseFlow(text, catalog), catalog, { readPrompt, self: 'main.flow.json' });
    expect(problems.map(({ code }) => code)).toEqual(['FLOW_FILES_MANY']);
    expect(reads).toBe(200);
  });

  test('that run one another many times do not hold up what is said of irreversible steps', () => {
    const runs = (file: string): JsonObject =>
      flow(
        { a: { type: 'flow', with: { flow: file } }, b: { type: 'flow', with: { flow: file } }, c: { type: 'flow', with: { flow: file } } },
        { outputs: { x: { value: { $expr: '[steps.a.output, steps.b.output, steps.c.output]' } } } },
      );
    const files = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`${i}.flow.json`, JSON.stringify(runs(`${i + 1}.flow.json`))]));
    files['14.flow.json'] = JSON.stringify(flow({ a: template('x') }, { outputs: { x: { value: { $expr: 'steps.a.output.text' } } } }));
    const main = flow({
      a: { type: 'flow', with: { flow: '0.flow.json' } },
      s: { type: 'command', with: { run: ['send', '{{ steps.a.output.x }}'] }, ...behind('a') },
    });
    const problems = lintFlow(parseFlow(JSON.stringify(main), catalog), catalog, { readPrompt: (path) => files[path] });
    expect(problems.map(({ code }) => code)).toContain('IRREVERSIBLE_UNGATED');
  });

  test('the message shows the way round', () => {
    const parsed = parseFlow(JSON.stringify(flow(call({ flow: 'sub/ping.flow.json' }))), catalog);
    const [problem] = lintFlow(parsed, catalog, { readPrompt: (path) => FILES[path] });
    expect(problem?.message).toContain('sub/ping.flow.json → sub/pong.flow.json → sub/ping.flow.json');
  });
});

describe('whose data irreversible steps use', () => {
  const send = (text: string, after: string): JsonObject => ({ type: 'command', with: { run: ['send', text] }, ...behind(after) });
  test.each<[string, JsonObject, boolean]>([
    ['items a person typed', { it: each({ $expr: 'inputs.list' }, { s: { type: 'command', with: { run: ['x', '{{ item }}'] } } }) }, false],
    [
      'items a model made',
      {
        a: asks,
        it: { ...each({ $expr: '[steps.a.output.text]' }, { s: { type: 'command', with: { run: ['x', '{{ item }}'] } } }), ...behind('a') },
      },
      true,
    ],
    [
      'the result of a loop',
      { it: loop('index > 1', { a: asks }, { result: { $expr: 'steps.a.output.text' } }), s: send('{{ steps.it.output }}', 'it') },
      true,
    ],
    [
      'the trusted result of a loop',
      { it: loop('index > 1', { a: asks }, { result: { $expr: 'index' } }), s: send('{{ steps.it.output }}', 'it') },
      false,
    ],
    [
      'what the pass before made',
      {
        it: loop(
          'index > 1',
          { a: asks, s: { type: 'command', with: { run: ['x', '{{ previous }}'] } } },
          { result: { $expr: 'steps.a.output.text' } },
        ),
      },
      true,
    ],
    [
      'a sub-flow of templates',
      { it: { type: 'flow', with: { flow: 'child.flow.json', inputs: { name: 'x' } } }, s: send('{{ steps.it.output.text }}', 'it') },
      false,
    ],
    [
      'a sub-flow given untrusted inputs',
      {
        a: asks,
        it: { type: 'flow', with: { flow: 'child.flow.json', inputs: { name: { $expr: 'steps.a.output.text' } } }, ...behind('a') },
        s: send('{{ steps.it.output.text }}', 'it'),
      },
      true,
    ],
    [
      'a sub-flow that asks a model',
      { it: { type: 'flow', with: { flow: 'asks.flow.json' } }, s: send('{{ steps.it.output.text }}', 'it') },
      true,
    ],
  ])('%s: %s', (_name, nodes, expected) => {
    const found = lint({ nodes, inputs: { list: { type: 'array' } } });
    expect(found).toEqual(expected ? ['IRREVERSIBLE_UNGATED <"s">'] : []);
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

describe('types', () => {
  const inputs: JsonObject = {
    topic: { type: 'string' },
    count: { type: 'integer' },
    tags: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false },
    },
    level: { enum: ['low', 'high'] },
    maybe: { type: ['string', 'null'] },
    any: {},
  };
  test.each<[Json, string[]]>([
    [{ $expr: 'inputs.topic + 1' }, ['TYPE_MISMATCH <inputs.topic + 1>']],
    [{ $expr: 'inputs.count + 1' }, []],
    [{ $expr: 'inputs.any + 1' }, []],
    [{ $expr: 'inputs.maybe + "x"' }, []],
    [{ $expr: 'inputs.tags.map(t, t.nmae)' }, ['FIELD_UNKNOWN <t.nmae>']],
    [{ $expr: 'inputs.tags[0].name.size() > 1' }, []],
    [{ $expr: 'inputs.topic.name' }, ['FIELD_UNKNOWN <inputs.topic.name>']],
    [{ $expr: 'inputs.level == "hihg"' }, ['COMPARISON_CONSTANT <inputs.level == "hihg">']],
    [{ $expr: 'inputs.level in ["low"]' }, []],
    [{ $expr: 'inputs.count == "1"' }, ['COMPARISON_CONSTANT <inputs.count == "1">']],
    [{ $expr: 'inputs.topic.substring(inputs.count)' }, ['TYPE_MISMATCH <inputs.topic.substring(inputs.count)>']],
    [{ $expr: 'inputs.topic.substring(int(inputs.count))' }, []],
  ])('%j', (value, expected) => expect(lint({ nodes: { it: transform(value) }, inputs })).toEqual(expected));

  test.each<[string, JsonObject, string[]]>([
    [
      'a condition',
      { it: { type: 'branch', with: { cases: [{ name: 'x', when: 'inputs.topic' }] } } },
      ['CONDITION_NOT_BOOLEAN <inputs.topic>'],
    ],
    ['items', { it: each({ $expr: 'inputs.topic' }, {}) }, ['TYPE_MISMATCH <"items">']],
    ['an item', { it: each({ $expr: 'inputs.tags' }, { a: template('{{ item.name }} {{ item.nmae }}') }) }, ['FIELD_UNKNOWN <item.nmae>']],
    [
      'a field of a text in a template',
      { it: template('{{ inputs.topic.size }} {{ inputs.topic.name }}') },
      ['FIELD_UNKNOWN <inputs.topic.name>'],
    ],
    [
      'what a transform makes',
      {
        a: transform({ n: { $expr: 'size(inputs.topic)' }, fixed: 'x' }),
        b: transform({ $expr: 'steps.a.output.n + steps.a.output.fixed' }, behind('a')),
        c: template('{{ steps.a.output.m }}', behind('a')),
      },
      ['TYPE_MISMATCH <steps.a.output.n + steps.a.output.fixed>', 'STEP_FIELD_UNKNOWN <steps.a.output.m>'],
    ],
    [
      'what an each makes',
      { a: each([1], {}, { result: { $expr: 'index' } }), b: transform({ $expr: 'steps.a.output.map(x, x + "a")' }, behind('a')) },
      ['TYPE_MISMATCH <x + "a">'],
    ],
    [
      'what an each collects',
      { a: each([1], {}, { result: 'r', onItemFailure: 'collect' }), b: transform({ $expr: 'steps.a.output[0].outputs' }, behind('a')) },
      ['STEP_FIELD_UNKNOWN <steps.a.output[0].outputs>'],
    ],
    [
      'previous',
      { it: loop('index > 1', { a: transform({ $expr: 'previous + "x"' }) }, { result: 1 }) },
      ['TYPE_MISMATCH <previous + "x">'],
    ],
    ['a result that depends on itself', { it: loop('index > 1', {}, { result: { $expr: 'first(previous, 0) + 1' } }) }, []],
    [
      'a field of a result that depends on itself, by a step',
      {
        it: loop(
          'steps.a.output.n > 3',
          { a: transform({ n: { $expr: 'first(previous.n, 0) + 1' }, fixed: 'x' }) },
          { result: { n: { $expr: 'steps.a.output.n' }, before: { $expr: 'previous' } } },
        ),
        b: transform({ $expr: 'steps.it.output.before.before.n + 1' }, behind('it')),
        c: template('{{ steps.it.output.m }}', behind('it')),
      },
      ['STEP_FIELD_UNKNOWN <steps.it.output.m>'],
    ],
    [
      'a schema that never matches',
      { it: transform({ a: 1 }, { output: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } }) },
      ['TYPE_MISMATCH <"output">'],
    ],
    ['an unknown error is no problem', { it: asks, b: template('{{ steps.it.error.details.status }}', behind('it', 'failure')) }, []],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes, inputs })).toEqual(expected));

  test('the schema of an output', () => {
    const outputs = { x: { value: { $expr: 'inputs.count' }, schema: { type: 'string' } } };
    expect(lint({ nodes: {}, inputs, outputs })).toEqual(['TYPE_MISMATCH <"value">']);
  });
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
