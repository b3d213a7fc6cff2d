import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../format/json.ts';
import { catalog } from './catalog.ts';
import { executors } from './executors.ts';
import type { FakeWorld } from './fake-context.ts';
import { reply } from './fake-context.ts';
import { runNode } from './testing/run-node.ts';

it('every built type has an executor, and nothing else has', () => {
  const built = [...catalog.values()].filter((manifest) => manifest.built).map((manifest) => manifest.type);
  expect([...executors.keys()].sort()).toEqual(built.sort());
});

describe('what each node gives', () => {
  type Row = [what: string, type: string, params: JsonObject, world: FakeWorld, outlet: string, output: Json];
  it.each<Row>([
    ['a rendered template', 'template', { template: 'Hello Ada' }, {}, 'success', { text: 'Hello Ada' }],
    [
      'a template file',
      'template',
      { file: 't.md' },
      { bundle: { 't.md': '---\nHello {{ who }}' } },
      'success',
      { text: '---\nHello Ada' },
    ],
    [
      'the first case that holds',
      'branch',
      {
        cases: [
          { name: 'a', when: 'x' },
          { name: 'b', when: 'y' },
          { name: 'c', when: 'y' },
        ],
      },
      { expressions: { x: false, y: true } },
      'case:b',
      { case: 'b' },
    ],
    ['else', 'branch', { cases: [{ name: 'a', when: 'x' }] }, { expressions: { x: false } }, 'else', { case: 'else' }],
    [
      'a valid text',
      'validate',
      { value: '# A\n# B', contains: ['# A', '# B'] },
      {},
      'valid',
      { valid: true, problems: [], value: '# A\n# B' },
    ],
    [
      'an invalid text',
      'validate',
      { value: '# A', contains: ['# A', '# B'], rules: [{ assert: 'r', message: 'too short' }], schema: { maxLength: 2 } },
      { expressions: { r: false } },
      'invalid',
      {
        valid: false,
        problems: [
          { message: '"# B" is missing' },
          { message: 'too short' },
          { message: 'the value must NOT have more than 2 characters' },
        ],
        value: '# A',
      },
    ],
    [
      'places in a value that is no text',
      'validate',
      { value: { a: { b: 1 } }, contains: ['"b":1'], schema: { properties: { a: { additionalProperties: false } } } },
      {},
      'invalid',
      { valid: false, problems: [{ message: '/a has the unknown property "b"', path: '/a' }], value: { a: { b: 1 } } },
    ],
    [
      'a yes',
      'approval',
      { message: 'Go?', show: 'text' },
      { answers: { approval: reply('approved') } },
      'approved',
      { decision: 'approved', by: 'ada, test', reason: null },
    ],
    [
      'a no with its reason',
      'approval',
      { message: 'Go?' },
      { answers: { approval: reply('rejected', { reason: 'not yet' }) } },
      'rejected',
      { decision: 'rejected', by: 'ada, test', reason: 'not yet' },
    ],
    [
      'nobody in time',
      'approval',
      { message: 'Go?' },
      { answers: { approval: undefined } },
      'timedOut',
      { decision: 'timedOut', by: 'time-out', reason: null },
    ],
    [
      'a file read',
      'file',
      { action: 'read', path: 'a.txt' },
      { files: { '/project/flows/a.txt': 'grün' } },
      'success',
      { path: 'flows/a.txt', text: 'grün', bytes: 5 },
    ],
    [
      'a file written',
      'file',
      { action: 'write', path: 'a.txt', content: 'hi' },
      {},
      'success',
      { path: 'flows/a.txt', bytes: 2, sha256: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4' },
    ],
    [
      'a command',
      'command',
      { run: ['echo', 'a b'] },
      { command: () => ({ stdout: 'a b\n', stderr: '', exitCode: 0, signal: null, truncated: false }) },
      'success',
      { stdout: 'a b\n', stderr: '', exitCode: 0, truncated: false },
    ],
    [
      'an exit code that is fine',
      'command',
      { run: ['grep', 'x'], allowedExitCodes: [0, 1] },
      { command: () => ({ stdout: '', stderr: '', exitCode: 1, signal: null, truncated: false }) },
      'success',
      { stdout: '', stderr: '', exitCode: 1, truncated: false },
    ],
    ['a live reply', 'prompt', { prompt: 'Hi' }, { replies: ['Hello there'] }, 'success', { text: 'Hello there', model: 'test/default' }],
    [
      'a reply to a prompt file',
      'prompt',
      { file: 'p.prompt.md' },
      { bundle: { 'p.prompt.md': '---\nmode: ask\n---\n\nHi {{ who }}' }, mode: 'recorded', recorded: { 'Hi Ada': 'Hello' } },
      'success',
      { text: 'Hello', model: 'recorded/model' },
    ],
    [
      'a reply by hand',
      'prompt',
      { prompt: 'Hi' },
      { mode: 'byHand', answers: { 'reply.byHand': reply('replied', { value: 'Hello' }) } },
      'success',
      { text: 'Hello', model: 'by hand' },
    ],
    [
      'structured output',
      'prompt',
      { prompt: 'Hi' },
      { replies: ['Here you are:\n```json\n{"n": 1}\n```\n'], outputSchema: { type: 'object', required: ['n'] } },
      'success',
      { n: 1 },
    ],
    [
      'structured output, repaired twice',
      'prompt',
      { prompt: 'Hi' },
      { replies: ['no', '{"n":"x"}', '{"n":2}'], outputSchema: { properties: { n: { type: 'integer' } } } },
      'success',
      { n: 2 },
    ],
  ])('%s', async (_what, type, params, world, outlet, output) => {
    expect((await runNode(type, params, world)).result).toEqual({ outlet, output });
  });
});

describe('how each node fails', () => {
  const finish = (reason: 'length' | 'contentFilter' | 'stop', text: string) =>
    ({ type: 'finish', reason, message: { role: 'assistant', content: text } }) as const;
  type Row = [code: string, kind: string, type: string, params: JsonObject, world: FakeWorld];
  it.each<Row>([
    ['PROMPT_FILE_MISSING', 'notFound', 'template', { file: 't.md' }, {}],
    ['CONDITION_NOT_BOOLEAN', 'badRequest', 'branch', { cases: [{ name: 'a', when: 'x' }] }, { expressions: { x: 1 } }],
    ['CONDITION_NOT_BOOLEAN', 'badRequest', 'validate', { value: 1, rules: [{ assert: 'x', message: 'm' }] }, { expressions: { x: 'a' } }],
    ['SCHEMA_INVALID', 'badRequest', 'validate', { value: 1, schema: { type: 'nonsense' } }, {}],
    ['SCHEMA_INVALID', 'badRequest', 'validate', { value: 1, schema: { $ref: 'https://example.org/x' } }, {}],
    ['DECISION_UNKNOWN', 'badRequest', 'approval', { message: 'Go?' }, { answers: { approval: reply('maybe') } }],
    ['FILE_NOT_FOUND', 'notFound', 'file', { action: 'read', path: 'a' }, {}],
    [
      'COMMAND_EXIT',
      'exit',
      'command',
      { run: ['false'] },
      { command: () => ({ stdout: '', stderr: 'bad', exitCode: 1, signal: null, truncated: false }) },
    ],
    [
      'COMMAND_EXIT',
      'exit',
      'command',
      { shell: 'x' },
      { command: () => ({ stdout: '', stderr: '', exitCode: null, signal: 'SIGKILL', truncated: false }) },
    ],
    ['MODEL_NOT_CONFIGURED', 'modelNotFound', 'prompt', { prompt: 'Hi', model: 'smart' }, {}],
    ['MODEL_OUTPUT_CUT', 'contextLength', 'prompt', { prompt: 'Hi' }, { replies: [finish('length', 'He')] }],
    ['MODEL_CONTENT_FILTER', 'contentFilter', 'prompt', { prompt: 'Hi' }, { replies: [finish('contentFilter', '')] }],
    ['MODEL_EMPTY', 'invalidOutput', 'prompt', { prompt: 'Hi' }, { replies: [finish('stop', ' \n')] }],
    ['MODEL_OUTPUT_INVALID', 'invalidOutput', 'prompt', { prompt: 'Hi' }, { replies: ['a', 'b', 'c'], outputSchema: true }],
    [
      'RUN_RESTORE',
      'cancelled',
      'prompt',
      { prompt: 'Hi' },
      { mode: 'recorded', recordedTemplate: 'Hello', answers: { 'reply.missing': reply('restore') } },
    ],
  ])('%s (%s) of %s %j', async (code, kind, type, params, world) => {
    const { error } = await runNode(type, params, world);
    expect(error).toMatchObject({ code, kind, hint: expect.stringMatching(/./) });
  });
});

it('an approval binds what it showed', async () => {
  const hashes = await Promise.all(
    [{ message: 'Go?', show: 1 }, { message: 'Go?', show: 2 }, { message: 'Go?' }].map(async (params) => {
      const { seen } = await runNode('approval', params, { answers: { approval: reply('approved') }, trust: 'untrusted' });
      const request = seen.asked[0]?.request;
      expect(request).toMatchObject({ kind: 'approval', title: 'The node', message: 'Go?', untrusted: true });
      return request?.kind === 'approval' ? request.argsHash : '';
    }),
  );
  expect(new Set(hashes).size).toBe(3);
});
