import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../engine/format/json.ts';
import { Belay, belay, hasTerminal, jsonLines, workspaceWith } from './testing/belay.ts';

/** A greeting that a person approves before it is written. */
const hello: Json = {
  version: 1,
  title: 'Hello',
  inputs: { name: { type: 'string' }, times: { type: 'integer', default: 2 } },
  nodes: {
    greet: { type: 'template', title: 'Write the greeting', with: { template: 'Hello {{ inputs.name }}, {{ inputs.times }} times' } },
    approve: {
      type: 'approval',
      title: 'Approve the greeting',
      after: { greet: 'success' },
      with: { message: 'Write this?', show: { $expr: 'steps.greet.output.text' } },
    },
    save: {
      type: 'file',
      title: 'Save',
      after: { approve: 'approved' },
      with: { action: 'write', path: 'out.txt', content: '{{ steps.greet.output.text }}' },
    },
  },
  outputs: { path: { value: { $expr: 'steps.save.output.path' } } },
};

/** Notes that it began, then a command that lasts until the file `go` is there. */
const slow: Json = {
  version: 1,
  title: 'Slow',
  nodes: {
    note: { type: 'file', with: { action: 'append', path: 'notes.txt', content: 'began\n' } },
    wait: {
      type: 'command',
      effect: 'read',
      after: { note: 'success' },
      with: {
        run: [
          process.execPath,
          '-e',
          'process.on("SIGTERM", () => {}); const look = () => require("fs").existsSync("go") ? process.exit() : setTimeout(look, 20); look()',
        ],
      },
    },
    end: { type: 'file', after: { wait: 'success' }, with: { action: 'append', path: 'notes.txt', content: 'ended\n' } },
  },
};

const idOf = (stdout: string): string => /\d{8}-\d{6}-[0-9a-z]{6}/.exec(stdout)?.[0] ?? '';

describe('belay run', () => {
  test('runs to the end with a yes given beforehand, and says how', async () => {
    const root = await workspaceWith({ 'hello.flow.json': hello });
    const { code, stdout, stderr } = await belay(
      root,
      'run',
      'hello.flow.json',
      '-i',
      'name=Ada',
      '--input',
      'times=3',
      '--approve',
      'approve',
    );
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('Mode: live (this flow asks no model)');
    expect(stdout).toContain('Save: succeeded in ');
    expect(stdout).toMatch(/Succeeded in \d.*\nOutputs:\n\{\n {2}"path": "out.txt"\n\}\n$/);
    expect(await readFile(join(root, 'out.txt'), 'utf8')).toBe('Hello Ada, 3 times');
    // Old runs have been looked for.
    expect(existsSync(join(root, '.belay/local/tidied.json'))).toBe(true);
  }, 30_000);

  test('prints every event as JSON, and what became of it', async () => {
    const root = await workspaceWith({ 'hello.flow.json': hello, 'name.txt': 'Grace' });
    const { code, stdout, stderr } = await belay(root, 'run', 'hello.flow.json', '--json', '-i', 'name=@name.txt', '--approve', 'approve');
    expect([code, stderr.split('\n')[0]]).toEqual([0, 'Mode: live (this flow asks no model)']);
    const lines = jsonLines(stdout);
    const events = lines.filter((line) => 'seq' in line);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i));
    expect(events.slice(0, 2).map((event) => event.type)).toEqual(['segment.opened', 'run.created']);
    expect(lines.at(-1)).toMatchObject({ type: 'result', outcome: 'succeeded', exitCode: 0, waiting: [] });
    expect(await readFile(join(root, 'out.txt'), 'utf8')).toBe('Hello Grace, 2 times');
  }, 30_000);

  test.each<[string, string[], number, RegExp]>([
    ['an input of another form', ['run', 'hello.flow.json', '-i', 'name'], 2, /INPUT_SYNTAX/],
    ['an input the flow does not have', ['run', 'hello.flow.json', '-i', 'nane=Ada'], 2, /INPUT_UNKNOWN.*"nane".*\nIt takes: name, times/],
    [
      'an input of the wrong type',
      ['run', 'hello.flow.json', '-i', 'name=Ada', '-i', 'times=many'],
      2,
      /INPUT_INVALID.*"times".*\nGive JSON of the type integer/,
    ],
    ['a missing input', ['run', 'hello.flow.json'], 2, /INPUT_INVALID.*"name" is missing/],
    ['a flow that is not there', ['run', 'no.flow.json'], 2, /FILE_UNREADABLE.*ENOENT/],
    ['a flow with problems', ['run', 'broken.flow.json'], 1, /FLOW_INVALID/],
    ['a flow that asks a model where there is none', ['run', 'ask.flow.json'], 2, /MODE_NONE.*\nSet OPENAI_API_KEY/],
    ['a mode there is not', ['run', 'ask.flow.json', '--mode', 'dream'], 2, /by-hand/],
    ['a node to approve that is not there', ['run', 'hello.flow.json', '-i', 'name=Ada', '--approve', 'nobody'], 2, /NODE_UNKNOWN/],
    ['a run that is not there', ['show', 'nothing'], 2, /RUN_UNKNOWN/],
    ['a command that is not there', ['dance'], 2, /unknown command/],
    ['no size to prune by', ['prune', '--max-size', 'huge'], 2, /SIZE_INVALID/],
    ['a root that is not there', ['runs', '--root', 'elsewhere'], 2, /ROOT_INVALID/],
  ])(
    'refuses %s',
    async (_name, args, code, message) => {
      const root = await workspaceWith({
        'hello.flow.json': hello,
        'broken.flow.json': '{ "version": 1, "nodes": { "a": { "type": "nothing" } } }',
        'ask.flow.json': { version: 1, nodes: { ask: { type: 'prompt', with: { prompt: 'Well?' } } } },
      });
      const ended = await belay(root, ...args);
      expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(message)]);
      expect(ended.stderr).not.toMatch(/^\s+at /m);
      expect(existsSync(join(root, '.belay/local/runs')) && (await belay(root, 'runs', '--json')).stdout).toBeFalsy();
    },
    30_000,
  );
});

describe('a run that waits for a person', () => {
  test('is parked where nobody can be asked, listed, shown, approved by another process and finished', async () => {
    const root = await workspaceWith({ 'hello.flow.json': hello });
    const parked = await belay(root, 'run', 'hello.flow.json', '-i', 'name=Ada');
    const id = idOf(parked.stdout);
    expect([parked.code, parked.stdout]).toEqual([3, expect.stringContaining(`belay approve ${id} approve`)]);
    expect(existsSync(join(root, 'out.txt'))).toBe(false);

    const listed = await belay(root, 'runs');
    expect(listed.stdout).toMatch(new RegExp(`${id} +waiting +hello.flow.json .*approve: Approve the greeting`));
    const shown = await belay(root, 'show', 'last');
    expect(shown.stdout).toMatch(/Status: waiting\n/);
    expect(shown.stdout).toMatch(/What is approved\n {2}Hello Ada, 2 times\n/);

    const approved = await belay(root, 'approve', id.slice(-6));
    expect([approved.code, approved.stderr]).toEqual([0, '']);
    expect(approved.stdout).toContain('Succeeded in ');
    expect(await readFile(join(root, 'out.txt'), 'utf8')).toBe('Hello Ada, 2 times');

    const late = await belay(root, 'reject', id, 'approve', '--reason', 'no');
    expect([late.code, late.stderr]).toEqual([7, expect.stringMatching(/^Too late: approved by .*command line\.\n$/)]);
    expect((await belay(root, 'resume', id)).stderr).toContain('RUN_FINISHED');
  }, 60_000);

  test('is sent the signal it waits for, with what comes along; anything else is refused', async () => {
    const root = await workspaceWith({
      'pay.flow.json': {
        version: 1,
        nodes: {
          pay: { type: 'wait', with: { signal: 'payment', schema: { type: 'object', required: ['paid'] } } },
          note: {
            type: 'file',
            after: { pay: 'success' },
            with: { action: 'write', path: 'out.txt', content: '{{ steps.pay.output.value.paid }}' },
          },
        },
      },
    });
    const parked = await belay(root, 'run', 'pay.flow.json');
    expect([parked.code, parked.stdout]).toEqual([3, expect.stringContaining(`belay signal ${idOf(parked.stdout)} payment --value`)]);
    expect(parked.stdout).toMatch(
      /^pay: waits for the signal "payment"\nThe run waits for a signal:\n {2}pay \(pay\): the signal "payment"$/m,
    );
    expect((await belay(root, 'runs')).stdout).toMatch(/pay: a signal$/m);

    const unknown = await belay(root, 'signal', 'last', 'refund');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/SIGNAL_UNKNOWN[\s\S]*are waited for: payment/)]);
    const wrong = await belay(root, 'signal', 'payment', '--value', '{"due": 5}');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/REPLY_INVALID[\s\S]*paid/)]);

    await writeFile(join(root, 'payload.json'), '{"paid": 120}');
    const sent = await belay(root, 'signal', 'payment', '--value', '@payload.json');
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    expect(await readFile(join(root, 'out.txt'), 'utf8')).toBe('120');
    expect((await belay(root, 'signal', 'payment')).code).toBe(7);
  }, 60_000);

  test('is rejected with the reason, or only answered, or cancelled', async () => {
    const root = await workspaceWith({ 'hello.flow.json': hello });
    const park = async (): Promise<string> => idOf((await belay(root, 'run', 'hello.flow.json', '-i', 'name=Ada')).stdout);
    const rejected = await belay(root, 'reject', await park(), '--reason', 'too short');
    expect([rejected.code, rejected.stdout]).toEqual([4, expect.stringContaining(': too short')]);

    const answered = await park();
    expect((await belay(root, 'approve', answered, '--no-resume')).stdout).toContain(`belay resume ${answered}`);
    const twice = await belay(root, 'reject', answered);
    expect([twice.code, twice.stderr]).toEqual([7, expect.stringContaining('Too late: approved')]);
    expect((await belay(root, 'resume', answered)).code).toBe(0);

    const cancelled = await park();
    const done = await belay(root, 'cancel', cancelled, '--reason', 'changed my mind');
    expect([done.code, done.stdout]).toEqual([0, `Run ${cancelled} is cancelled.\n`]);
    expect((await belay(root, 'show', cancelled)).stdout).toMatch(/Status: cancelled\n(.*\n)*Reason: changed my mind/);
    const again = await belay(root, 'cancel', cancelled);
    expect([again.code, again.stdout, again.stderr]).toEqual([2, '', expect.stringMatching(/^RUN_FINISHED/)]);

    const pruned = await belay(root, 'prune', '--keep', '1', '--json');
    expect(JSON.parse(pruned.stdout)).toMatchObject({ removed: expect.arrayContaining([answered]) });
    expect(jsonLines((await belay(root, 'runs', '--json')).stdout)).toHaveLength(1);
  }, 90_000);
});

describe('a run that another process has', () => {
  test('is not run twice: the second one says who has it, and can cancel it', async () => {
    const root = await workspaceWith({ 'slow.flow.json': slow });
    const first = new Belay(root, ['run', 'slow.flow.json']);
    await first.until('wait: running');
    const second = await belay(root, 'resume', 'last');
    expect([second.code, second.stderr]).toEqual([
      6,
      expect.stringMatching(/RUN_OWNED: Run .* is held by the command line \(process \d+, since /),
    ]);
    expect((await belay(root, 'runs')).stdout).toMatch(/running .*held by another command line/);
    const told = await belay(root, 'cancel', 'last');
    expect([told.code, told.stdout]).toEqual([0, expect.stringMatching(/ is being cancelled\.$/m)]);
    expect(await first.ended).toMatchObject({ code: 5, stdout: expect.stringContaining('Cancelled after') });
  }, 60_000);

  test('goes on in a new process when that one was killed, and no finished step runs twice', async () => {
    const root = await workspaceWith({ 'slow.flow.json': slow });
    const first = new Belay(root, ['run', 'slow.flow.json']);
    await first.until('wait: running');
    first.signal('SIGKILL');
    await first.ended;
    expect((await belay(root, 'runs')).stdout).toContain(' interrupted ');
    await writeFile(join(root, 'go'), '');
    const second = await belay(root, 'resume', 'last');
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('Succeeded')]);
    expect(await readFile(join(root, 'notes.txt'), 'utf8')).toBe('began\nended\n');
  }, 60_000);

  test.each<[string, NodeJS.Signals[], number, string]>([
    ['Ctrl+C cancels', ['SIGINT'], 5, ' cancelled '],
    ['Ctrl+C twice ends at once, wherever the run stands', ['SIGINT', 'SIGINT'], 130, ' 20'],
    ['being ended parks', ['SIGTERM'], 3, ' interrupted '],
  ])(
    '%s',
    async (_name, signals, code, status) => {
      const root = await workspaceWith({ 'slow.flow.json': slow });
      const run = new Belay(root, ['run', 'slow.flow.json']);
      await run.until('wait: running');
      for (const [i, signal] of signals.entries()) {
        if (i > 0) await run.until('Ctrl+C again');
        run.signal(signal);
      }
      expect((await run.ended).code).toBe(code);
      expect((await belay(root, 'runs')).stdout).toContain(status);
      await writeFile(join(root, 'go'), '');
    },
    60_000,
  );
});

describe.runIf(hasTerminal)('on a terminal', () => {
  test('a person is asked for inputs and for a yes, seeing what it covers', async () => {
    const root = await workspaceWith({ 'hello.flow.json': hello });
    const run = new Belay(root, ['run', 'hello.flow.json'], { terminal: true });
    await run.until('name › ');
    run.type('Ada\r');
    await run.until('decide [l]ater › ');
    run.type('what?\r');
    await run.until('decide [l]ater › ');
    run.type('a\r');
    const { code, stdout } = await run.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/What is approved[^\n]*\n {2}Hello Ada, 2 times/);
    expect(stdout).toMatch(/✔.* Save .*succeeded/);
  }, 60_000);

  test('a no needs no reason but has room for one', async () => {
    const root = await workspaceWith({ 'hello.flow.json': hello });
    const run = new Belay(root, ['run', 'hello.flow.json', '-i', 'name=Ada'], { terminal: true });
    await run.until('decide [l]ater › ');
    run.type('reject\r');
    await run.until('Reason (may be empty) › ');
    run.type('not yet\r');
    expect(await run.ended).toMatchObject({ code: 4, stdout: expect.stringContaining(': not yet') });
  }, 60_000);

  test('a question that somebody else answers is withdrawn', async () => {
    const root = await workspaceWith({ 'hello.flow.json': hello });
    const run = new Belay(root, ['run', 'hello.flow.json', '-i', 'name=Ada'], { terminal: true });
    await run.until('decide [l]ater › ');
    const other = await belay(root, 'approve', 'last');
    expect([other.code, other.stdout]).toEqual([0, expect.stringContaining('approve: approved.')]);
    expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/approved by .*, command line/) });
    expect(await readFile(join(root, 'out.txt'), 'utf8')).toBe('Hello Ada, 2 times');
  }, 60_000);

  test('prompts are answered by hand, and what they hold cannot steer the terminal', async () => {
    const root = await workspaceWith({
      'ask.flow.json': { version: 1, nodes: { ask: { type: 'prompt', with: { prompt: '\u001b[2J\u202eWell?' } } } },
    });
    const run = new Belay(root, ['run', 'ask.flow.json', '--mode', 'by-hand'], { terminal: true });
    await run.until('decides later.');
    run.type('first\rsecond\r.\r');
    const { code, stdout } = await run.ended;
    expect([code, stdout.split('\r\n')[0]]).toEqual([0, expect.stringContaining('Mode: by hand')]);
    expect(stdout).toContain('\\u{1b}[2J\\u{202e}Well?');
    const shown = await belay(root, 'show', 'last', '--node', 'ask');
    expect(shown.stdout).toContain('first\\nsecond');
  }, 60_000);
});

describe('recordings', () => {
  const ask = (prompt: string): Json => ({ version: 1, nodes: { ask: { type: 'prompt', with: { prompt } } } });

  test('an edited prompt is put back on request, as one small edit', async () => {
    const recorded = JSON.stringify(ask('Well?'), null, 2);
    const root = await workspaceWith({ 'ask.flow.json': recorded });
    const { createCassettes } = await import('../providers/cassettes/cassettes.ts');
    const request = { model: 'test/any', messages: [{ role: 'user' as const, content: 'Well?' }] };
    await createCassettes(root, (text) => text).record('ask.flow.json', 'ask', 'Well?', request, [
      { type: 'start', model: 'test/any' },
      { type: 'finish', reason: 'stop', message: { role: 'assistant', content: 'Well!' } },
    ]);
    const replayed = await belay(root, 'run', 'ask.flow.json');
    expect([replayed.code, replayed.stdout.split('\n')[0]]).toEqual([
      0,
      'Mode: recorded, prompts are answered from recordings and not by a model',
    ]);
    expect(replayed.stdout).toContain('ask: succeeded (recorded reply)');

    await writeFile(join(root, 'ask.flow.json'), recorded.replace('Well?', 'So?'));
    const missing = await belay(root, 'run', 'ask.flow.json');
    expect([missing.code, missing.stdout]).toEqual([3, expect.stringContaining('ask restore')]);
    const restored = await belay(root, 'answer', 'last', 'ask', 'restore');
    expect([restored.code, restored.stdout]).toEqual([5, expect.stringContaining('stands in ask.flow.json again')]);
    expect(await readFile(join(root, 'ask.flow.json'), 'utf8')).toBe(recorded);
    expect((await belay(root, 'answer', 'last', 'ask', 'dance')).code).toBe(7);
  }, 60_000);
});

describe('belay validate', () => {
  test('says where, what and what to do', async () => {
    const root = await workspaceWith({
      'good.flow.json': hello,
      'bad.flow.json': '{\n  "version": 1,\n  "nodes": {\n    "a": { "type": "tempalte" }\n  }\n}\n',
      'cut.flow.json': '{ "version": 1,',
    });
    const good = await belay(root, 'validate', 'good.flow.json');
    expect(good).toEqual({ code: 0, stdout: '', stderr: '1 flow, no problems.\n' });

    const bad = await belay(root, 'validate', 'good.flow.json', 'bad.flow.json', 'cut.flow.json', 'no.flow.json');
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^bad\.flow\.json:4:\d+ error NODE_TYPE_UNKNOWN .* — .*$/m);
    expect(bad.stdout).toMatch(/^cut\.flow\.json:1:\d+ error JSON_/m);
    expect(bad.stdout).toMatch(/^no\.flow\.json:1:1 error FILE_UNREADABLE/m);
    expect(bad.stderr).toMatch(/^4 flows: \d+ errors/);

    const json = await belay(root, 'validate', '--json', 'bad.flow.json');
    expect([json.code, json.stderr]).toEqual([1, '']);
    expect(jsonLines(json.stdout)[0]).toMatchObject({
      file: 'bad.flow.json',
      line: 4,
      severity: 'error',
      code: 'NODE_TYPE_UNKNOWN',
      node: 'a',
    });
  }, 30_000);
});

test('belay validate --fix mends what needs no thinking, and nothing else', async () => {
  const text = '{ "version": 1,\n  "nodes": { "a":   { "type": "tempalte", "with": { "template": "x" } } },\n  "other": 1 }';
  const root = await workspaceWith({ 'a.flow.json': text, 'good.flow.json': hello });
  const fixed = await belay(root, 'validate', '--fix', 'a.flow.json', 'good.flow.json');
  expect([fixed.code, fixed.stderr]).toEqual([0, '2 flows, 1 mended: 0 errors, 1 warning, 0 notes.\n']);
  expect(await readFile(join(root, 'a.flow.json'), 'utf8')).toBe(text.replace('tempalte', 'template'));
  expect((await readdir(root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
}, 30_000);

test('the exit codes are part of the help', async () => {
  const help = await belay(process.cwd(), '--help');
  expect(help.code).toBe(0);
  expect(help.stdout).toMatch(/Exit codes:\n +0 .*\n +1 .*\n +2 /);
  expect((await belay(process.cwd(), '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
}, 30_000);
