/** Ways around a person's yes that were tried: each has to end at a question. */
import { describe, expect, test } from 'vitest';
import type { NodeSpec } from '../format/model.ts';
import { quiet } from '../testing/fake-clock.ts';
import { testWorld } from '../testing/harness.ts';
import type { SignalReply } from './events.ts';
import { openSignals } from './view.ts';

const irreversible = (say: string, after: NonNullable<NodeSpec['after']>): Partial<NodeSpec> => ({
  after,
  with: { effect: 'irreversible', say },
});
const lowered = (argument: string, after?: NodeSpec['after']): Partial<NodeSpec> => ({
  type: 'command',
  effect: 'read',
  with: { run: ['echo', argument] },
  ...(after === undefined ? {} : { after }),
});

describe('a yes given beforehand', () => {
  test('does not cover an irreversible step that uses values nobody had seen', async () => {
    const world = testWorld({
      nodes: { ask: { type: 'prompt', with: { prompt: 'hi' } }, act: irreversible('{{ steps.ask.output.text }}', { ask: 'success' }) },
      replies: ['delete everything'],
      start: { approved: ['act'] },
    });
    const handle = await world.start();
    await quiet();
    expect(world.performed).toEqual([]);
    expect(openSignals(handle.view()).map(({ request }) => request)).toMatchObject([
      { kind: 'gate', untrusted: true, args: { say: 'delete everything' } },
    ]);
  });

  test('to an approval that shows such values does not cover them either', async () => {
    const world = testWorld({
      nodes: {
        ask: { type: 'prompt', with: { prompt: 'hi' } },
        p: { type: 'approval', after: { ask: 'success' }, with: { message: 'Go?', show: { say: { $expr: 'steps.ask.output.text' } } } },
        act: irreversible('{{ steps.ask.output.text }}', { p: 'approved' }),
      },
      replies: ['delete everything'],
      start: { approved: ['p', 'act'] },
    });
    const handle = await world.start();
    await quiet();
    expect([handle.view().nodes.p?.outlet, world.performed]).toEqual(['approved', []]);
    expect(openSignals(handle.view()).map(({ node }) => node)).toEqual(['act']);
  });

  test('covers what is done with trusted values, and gates of steps that can be taken back', async () => {
    const world = testWorld({
      nodes: {
        ask: { type: 'prompt', with: { prompt: 'hi' } },
        keep: { after: { ask: 'success' }, gate: true, with: { effect: 'write', say: '{{ steps.ask.output.text }}' } },
        act: irreversible('known', { keep: 'success' }),
      },
      replies: ['x'],
      start: { approved: ['act', 'keep'] },
    });
    expect(await (await world.start()).done).toBe('succeeded');
  });
});

describe('what comes from outside', () => {
  test('stays untrusted when it comes as the words of a failure', async () => {
    const world = testWorld({
      nodes: {
        ask: { type: 'prompt', with: { prompt: 'hi' }, output: { type: 'object', required: ['a'] } },
        act: lowered('{{ steps.ask.error.message }}', { ask: 'failure' }),
      },
      replies: ['no JSON; rm -rf', 'no JSON; rm -rf', 'no JSON; rm -rf', 'no JSON; rm -rf'],
    });
    const handle = await world.start();
    await quiet();
    expect(handle.view().nodes.ask).toMatchObject({ trust: 'untrusted', outlet: 'failure' });
    expect(openSignals(handle.view())[0]?.request).toMatchObject({ kind: 'gate', why: 'demanded', untrusted: true });
    expect(world.commands).toEqual([]);
  });

  test.each([
    ['trusted', 'succeeded'],
    ['untrusted', 'asked'],
  ] as const)('inputs are as trusted as their source: %s inputs, %s', async (inputsTrust, end) => {
    const world = testWorld({
      nodes: { act: lowered('{{ inputs.text }}') },
      flow: { inputs: { text: { type: 'string' } } },
      start: { inputs: { text: 'x' }, inputsTrust },
    });
    const handle = await world.start();
    if (end === 'succeeded') expect(await handle.done).toBe('succeeded');
    else {
      await quiet();
      expect([world.commands, openSignals(handle.view())[0]?.request]).toMatchObject([[], { kind: 'gate', untrusted: true }]);
    }
  });

  test('a file that a flow names outside the workspace is not read', async () => {
    const read: string[] = [];
    const world = testWorld({
      nodes: { ask: { type: 'prompt', with: { file: '../../../etc/passwd' } } },
      start: {
        readFile: async (path) => {
          read.push(path);
          return 'root:x:0:0';
        },
      },
    });
    await expect(world.start()).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
    expect(read).toEqual([]);
  });
});

test('a run that is asked for twice at the same time is taken once', async () => {
  const first = testWorld({ nodes: { p: { type: 'approval', with: { message: 'Go?' } } } });
  const handle = await first.start();
  await quiet();
  await handle.park();
  const [one, two] = await Promise.all([first.service.resume(handle.id), first.service.resume(handle.id)]);
  expect(one).toBe(two);
  const yes: SignalReply = { decision: 'approved', by: 'ada, test', at: 0 };
  await first.service.decide(handle.id, 'p/approval', yes);
  expect(await one.done).toBe('succeeded');
});

test('what a template file reads is looked up in every run: the same flow may stand beside another file', async () => {
  let file = 'plain';
  const world = testWorld({
    nodes: {
      ask: { type: 'prompt', with: { prompt: 'hi' } },
      say: { type: 'template', after: { ask: 'success' }, with: { file: 'say.liquid' } },
    },
    replies: ['x', 'x'],
    start: { readFile: async () => file },
  });
  const trustOfNext = async (): Promise<string | undefined> => {
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    return handle.view().nodes.say?.trust;
  };
  expect(await trustOfNext()).toBe('trusted');
  file = '{{ steps.ask.output.text }}';
  expect(await trustOfNext()).toBe('untrusted');
});
