import { describe, expect, it } from 'vitest';
import { BelayError } from '../errors.ts';
import type { Json, JsonObject } from '../format/json.ts';
import { secretPlaceholder } from '../format/resolve-secrets.ts';
import { catalog } from './catalog.ts';
import { executors } from './executors.ts';
import type { FakeWorld } from './fake-context.ts';
import { fakeContext, reply } from './fake-context.ts';

/** Runs a node in a fake world. `{error}` where it throws. */
async function run(type: string, params: JsonObject, world: FakeWorld = {}) {
  const executor = executors.get(type);
  if (!executor) throw new Error(`no executor for ${type}`);
  expect(catalog.get(type)?.params.safeParse(params)).toMatchObject({ success: true });
  const { context, seen, files } = fakeContext({ source: params, ...world });
  try {
    return { result: await executor.run(params, context), seen, files };
  } catch (error) {
    if (!(error instanceof BelayError)) throw error;
    return { error, seen, files };
  }
}

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
    expect((await run(type, params, world)).result).toEqual({ outlet, output });
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
    const { error } = await run(type, params, world);
    expect(error).toMatchObject({ code, kind, hint: expect.stringMatching(/./) });
  });
});

describe('prompt', () => {
  it('streams what comes, and says which model and what it used', async () => {
    const { seen } = await run('prompt', { prompt: 'Hi' }, { replies: ['one two'] });
    expect(seen.live).toEqual([{ type: 'live.reset' }, { type: 'live.text', text: 'one ' }, { type: 'live.text', text: 'two' }]);
    expect(seen.steps[0]?.notes).toEqual({ model: 'test/default', usage: { inputTokens: 1, outputTokens: 2, source: 'reported' } });
  });

  it('says of a recorded reply that it is one, and counts no usage', async () => {
    const { seen } = await run('prompt', { prompt: 'Hi' }, { mode: 'recorded', recorded: { Hi: 'Hello' } });
    expect(seen.steps[0]?.notes).toEqual({ model: 'recorded/model', recorded: true });
    expect(seen.requests).toEqual([]);
  });

  it('hands over everything that was set, and records it in record mode with its template', async () => {
    const { seen } = await run(
      'prompt',
      { prompt: 'Hi', system: 'Be kind.', temperature: 0.2, effort: 'low', maxOutputTokens: 50, model: 'fast' },
      { mode: 'record', models: { fast: 'openai/small' }, replies: ['{"a":1}'], outputSchema: { type: 'object' } },
    );
    const request = {
      model: 'openai/small',
      messages: [
        { role: 'system', content: expect.stringMatching(/^Be kind\.\n\nReply with JSON only.*\n\{"type":"object"\}$/s) },
        { role: 'user', content: 'Hi' },
      ],
      temperature: 0.2,
      effort: 'low',
      maxOutputTokens: 50,
      schema: { type: 'object' },
    };
    expect(seen.requests).toEqual([request]);
    expect(seen.recordings).toMatchObject([{ node: 'node', template: 'Hi', request: { model: 'openai/small' } }]);
  });

  it('feeds back what was wrong', async () => {
    const { seen } = await run(
      'prompt',
      { prompt: 'Hi' },
      { replies: ['{"n":"x"}', '{"n":1}'], outputSchema: { properties: { n: { type: 'number' } } } },
    );
    expect(seen.steps.map(({ name }) => name)).toEqual(['reply', 'repair1']);
    expect(seen.requests[1]?.messages.slice(-2)).toEqual([
      { role: 'assistant', content: '{"n":"x"}' },
      { role: 'user', content: expect.stringContaining('- /n must be number') },
    ]);
  });

  describe('without a recording', () => {
    const world: FakeWorld = { mode: 'recorded', recorded: {}, recordedTemplate: 'Old {{ who }}' };

    it('asks, showing the prompt, and offers the recorded template back', async () => {
      const { seen } = await run(
        'prompt',
        { prompt: 'New', system: 'S' },
        { ...world, answers: { 'reply.missing': reply('byHand', { value: 'x' }) } },
      );
      expect(seen.asked[0]?.request).toEqual({
        kind: 'recordingMissing',
        title: 'The node',
        message: 'This prompt was edited, so the recording has no reply to it.',
        prompt: 'New',
        system: 'S',
        recordedTemplate: 'Old {{ who }}',
      });
    });

    it('offers no restoring where only the inputs differ', async () => {
      const answers = { 'reply.missing': reply('byHand', { value: 'x' }) };
      const { seen } = await run('prompt', { prompt: 'Old Ada' }, { ...world, source: { prompt: 'Old {{ who }}' }, answers });
      expect(seen.asked[0]?.request).not.toHaveProperty('recordedTemplate');
    });

    it('goes live with the chosen model, for later prompts too', async () => {
      const answers = { 'reply.missing': reply('live', { value: 'openai/big' }) };
      const { result, seen } = await run('prompt', { prompt: 'New', model: 'smart' }, { ...world, answers, replies: ['Hello'] });
      expect(result?.output).toEqual({ text: 'Hello', model: 'openai/big' });
      expect(seen.modes).toEqual([{ mode: 'live', model: 'openai/big' }]);
      expect(seen.steps.map(({ name }) => name)).toEqual(['reply', 'reply.live']);
    });

    it('lets a person answer', async () => {
      const answers = { 'reply.missing': reply('byHand'), 'reply.byHand': reply('replied', { value: 'By me' }) };
      const { result, seen } = await run('prompt', { prompt: 'New' }, { ...world, answers });
      expect(result?.output).toEqual({ text: 'By me', model: 'by hand' });
      expect(seen.modes).toEqual([]);
    });
  });
});

describe('command', () => {
  it('hands over program, folder, environment, input and limits', async () => {
    const { seen } = await run('command', { run: ['a', 'b c'], cwd: 'sub', env: { X: '1' }, stdin: 'in', maxOutput: 2048 });
    expect(seen.commands).toEqual([
      {
        command: { argv: ['a', 'b c'] },
        cwd: '/project/flows/sub',
        env: { X: '1' },
        stdin: 'in',
        id: expect.any(String),
        maxOutputBytes: 2048,
      },
    ]);
    expect(seen.steps[0]?.options).toMatchObject({
      effect: 'irreversible',
      args: { run: ['a', 'b c'], cwd: 'flows/sub', env: { X: '1' }, stdin: 'in' },
    });
  });

  it('shows output while it comes, and the end of stderr when it fails', async () => {
    const stderr = `${'x'.repeat(5000)}the reason`;
    const { seen, error } = await run(
      'command',
      { run: ['a'] },
      { command: () => ({ stdout: 'out', stderr, exitCode: 2, signal: null, truncated: false }) },
    );
    expect(seen.live).toEqual([{ type: 'live.output', stream: 'stdout', text: 'out' }]);
    expect(error?.message).toBe('`a` ended with exit code 2.');
    expect(error?.details).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^x{1990}the reason$/) });
  });
});

describe('secrets in the environment of a command', () => {
  const params = { run: ['a'], env: { TOKEN: `Bearer ${secretPlaceholder('API')}`, PLAIN: 'x' } };

  it('reach the process, and neither the arguments that are recorded nor what is shown', async () => {
    const command = () => ({ stdout: 'it is s3cret', stderr: '', exitCode: 0, signal: null, truncated: false });
    const { seen } = await run('command', params, { secrets: { API: 's3cret' }, command });
    expect(seen.commands[0]?.env).toEqual({ TOKEN: 'Bearer s3cret', PLAIN: 'x' });
    expect(seen.live).toEqual([{ type: 'live.output', stream: 'stdout', text: 'it is •••' }]);
    expect(JSON.stringify(seen.steps[0]?.options.args)).not.toContain('s3cret');
  });

  it('fail where they are not there, before anything is started', async () => {
    const { error, seen } = await run('command', params);
    expect(error).toMatchObject({ code: 'SECRET_MISSING', kind: 'auth', hint: expect.stringContaining('BELAY_SECRET_API') });
    expect(seen.commands).toEqual([]);
  });
});

describe('file', () => {
  it.each<[JsonObject, string]>([
    [{ action: 'read', path: '.belay/policy.json' }, 'read'],
    [{ action: 'write', path: 'out.md' }, 'write'],
    [{ action: 'append', path: '.belay/policy.json' }, 'irreversible'],
  ])('%j has the effect %s', async (params, effect) => {
    const { context } = fakeContext({});
    expect(await executors.get('file')?.effect?.(params, context.ports, '')).toBe(effect);
  });

  it.each<[what: string, action: 'write' | 'append', before: string | undefined, now: string | undefined, verdict: JsonObject]>([
    ['written already', 'write', 'old', 'new', { is: 'done', output: { path: 'flows/a', bytes: 3, sha256: expect.any(String) } }],
    ['not yet written', 'write', 'old', 'old', { is: 'repeat' }],
    ['not yet created', 'write', undefined, undefined, { is: 'repeat' }],
    ['edited by somebody', 'write', 'old', 'theirs', { is: 'ask', why: expect.stringContaining('flows/a') }],
    ['not yet added', 'append', 'old', 'old', { is: 'repeat' }],
    ['added already', 'append', 'old', 'oldnew', { is: 'done', output: { path: 'flows/a', bytes: 3, sha256: expect.any(String) } }],
    ['created by adding', 'append', undefined, 'new', { is: 'done', output: { path: 'flows/a', bytes: 3, sha256: expect.any(String) } }],
    ['half added', 'append', 'old', 'oldne', { is: 'ask', why: expect.stringContaining('flows/a') }],
    ['added to something else', 'append', 'old', 'odnew', { is: 'ask', why: expect.stringContaining('flows/a') }],
  ])('after a crash: %s (%s)', async (_what, action, before, now, verdict) => {
    const { seen, files } = await run(
      'file',
      { action, path: 'a', content: 'new' },
      { files: before === undefined ? {} : { '/project/flows/a': before } },
    );
    if (now === undefined) files.delete('/project/flows/a');
    else files.set('/project/flows/a', now);
    expect(await seen.steps.at(-1)?.options.reconcile?.()).toEqual(verdict);
  });
});

it('an approval binds what it showed', async () => {
  const hashes = await Promise.all(
    [{ message: 'Go?', show: 1 }, { message: 'Go?', show: 2 }, { message: 'Go?' }].map(async (params) => {
      const { seen } = await run('approval', params, { answers: { approval: reply('approved') }, trust: 'untrusted' });
      const request = seen.asked[0]?.request;
      expect(request).toMatchObject({ kind: 'approval', title: 'The node', message: 'Go?', untrusted: true });
      return request?.kind === 'approval' ? request.argsHash : '';
    }),
  );
  expect(new Set(hashes).size).toBe(3);
});
