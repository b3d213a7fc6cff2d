import { describe, expect, test } from 'vitest';
import { BelayError } from '../errors.ts';
import type { NodeSpec } from '../format/model.ts';
import { fails, forever, success, yes } from '../testing/deeds.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { TestWorldOptions } from '../testing/harness.ts';
import { line, testWorld } from '../testing/harness.ts';
import type { SignalReply } from './events.ts';
import { openSignals } from './view.ts';

const no: SignalReply = { decision: 'rejected', by: 'ada, test', at: 1, reason: 'too long' };

describe('cancelling', () => {
  test('reaches every step at once and lets nothing begin', async () => {
    const world = testWorld({ nodes: { a: {}, b: {}, c: { after: success('a', 'b') } }, deeds: { a: forever, b: forever } });
    const handle = await world.start();
    await quiet();
    handle.cancel('ada, test', 'changed my mind');
    expect(await handle.done).toBe('cancelled');
    expect(handle.view()).toMatchObject({
      status: 'cancelled',
      reason: 'changed my mind',
      nodes: { a: { state: 'cancelled' }, b: { state: 'cancelled' } },
    });
    expect(world.performed).toEqual(['a#1', 'b#1']);
    expect(handle.events().filter(({ t }) => t !== handle.view().createdAt)).toEqual([]);
  });

  test('by another process is obeyed by the owner', async () => {
    const world = testWorld({ nodes: { a: {} }, deeds: { a: forever } });
    const other = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    const handle = await world.start();
    await quiet();
    await other.service.cancel(handle.id, 'bob, test', 'enough');
    expect(await handle.done).toBe('cancelled');
    expect(handle.view().reason).toBe('enough');
  });

  test('gives a step that does not listen a grace and goes on without it', async () => {
    const world = testWorld({ nodes: { a: {} }, deeds: { a: () => new Promise(() => undefined) } });
    const handle = await world.start();
    await quiet();
    handle.cancel('ada, test');
    await world.clock.advance(5000);
    expect(await handle.done).toBe('cancelled');
  });

  test('ends a wait for a person and for the next attempt', async () => {
    const world = testWorld({
      nodes: { p: { type: 'approval', with: { message: 'Go?' } }, r: { retry: { attempts: 2, delay: '1m' } } },
      deeds: { r: fails() },
    });
    const handle = await world.start();
    await quiet();
    handle.cancel('ada, test');
    expect(await handle.done).toBe('cancelled');
    expect(await world.service.decide(handle.id, 'p/approval', yes())).toEqual({ accepted: false, earlier: undefined });
  });

  test('of a run nobody owns takes it over and repeats nothing', async () => {
    const world = testWorld({ nodes: { a: {}, b: { after: success('a') } }, deeds: { a: forever } });
    const handle = await world.start();
    await quiet();
    await handle.park();
    const later = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    await later.service.cancel(handle.id, 'bob, test');
    expect(world.story(handle.id)).toContain('run cancelled');
    expect(later.performed).toEqual([]);
  });
});

/** An approval that may be given for an hour. */
const IN_AN_HOUR = {
  nodes: { p: { type: 'approval', timeout: '1h', with: { message: 'Go?' } }, late: { after: { p: 'timedOut' } } },
};

describe('people', () => {
  const approval: TestWorldOptions['nodes'] = { p: { type: 'approval', with: { message: 'Go?' } }, b: { after: { p: 'approved' } } };

  test('approve: the run waits, tells that it is idle, and goes on', async () => {
    const world = testWorld({ nodes: approval });
    const handle = await world.start();
    const idle: unknown[] = [];
    handle.onIdle((now) => idle.push(now));
    await quiet();
    expect(idle.at(-1)).toEqual({ signals: 1 });
    expect(handle.view()).toMatchObject({ status: 'waiting', nodes: { p: { state: 'awaiting' } } });
    expect((await world.service.list())[0]).toMatchObject({ status: 'waiting', waiting: [{ key: 'p/approval', kind: 'approval' }] });
    expect(await world.service.decide(handle.id, 'p/approval', yes())).toEqual({ accepted: true });
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.p).toMatchObject({
      outlet: 'approved',
      output: { decision: 'approved', by: 'ada, test' },
      trust: 'trusted',
    });
  });

  test('idle tells of timers, so that a host knows whether the run moves by itself', async () => {
    const world = testWorld({ nodes: { r: { retry: { attempts: 2, delay: '5s', jitter: false } } }, deeds: { r: fails() } });
    const handle = await world.start();
    const idle: unknown[] = [];
    handle.onIdle((now) => idle.push(now));
    await quiet();
    expect(idle).toEqual([{ signals: 0, timer: world.clock.now() + 5000 }]);
    await world.clock.advance(5000);
    expect(await handle.done).toBe('failed');
  });

  test('a run that is gone on with after a time-out had passed is not idle, so that no host lets it go again before that counts', async () => {
    const nodes: TestWorldOptions['nodes'] = {
      p: { type: 'approval', timeout: '5s', with: { message: 'Go?' } },
      b: { after: { p: 'timedOut' } },
    };
    const world = testWorld({ nodes });
    const first = await world.start();
    await quiet();
    await first.park();
    await world.clock.advance(5000);
    const handle = await world.service.resume(first.id);
    const idle: unknown[] = [];
    handle.onIdle((now) => idle.push(now));
    await quiet();
    expect(idle).toEqual([]);
    await world.clock.advance(0);
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.p).toMatchObject({ outlet: 'timedOut' });
  });

  test('reject: unconnected, the run ends as rejected with the reason', async () => {
    const world = testWorld({ nodes: approval });
    const handle = await world.start();
    await quiet();
    await world.service.decide(handle.id, 'p/approval', no);
    expect(await handle.done).toBe('rejected');
    expect(handle.view()).toMatchObject({ status: 'rejected', reason: 'too long' });
    expect(world.performed).toEqual([]);
  });

  test('the first of many answers counts, and the others are told whose it was', async () => {
    const world = testWorld({ nodes: approval });
    const other = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    const handle = await world.start();
    await quiet();
    const answers = await Promise.all(
      [world, other, world, other].map((where, i) => where.service.decide(handle.id, 'p/approval', yes({ by: `person ${i}` }))),
    );
    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(await handle.done).toBe('succeeded');
    const counted = handle.view().signals[0]?.reply?.by;
    for (const answer of answers) if (!answer.accepted) expect(answer.earlier?.by).toBe(counted);
    expect(answers[Number(counted?.slice(-1))]).toEqual({ accepted: true });
    expect(await world.service.decide(handle.id, 'p/approval', no)).toMatchObject({ accepted: false, earlier: { by: counted } });
  });

  test.each([
    ['a question nobody asked', 'p/other', yes(), 'SIGNAL_UNKNOWN'],
    ['an answer of another kind', 'p/approval', yes({ decision: 'happened' }), 'REPLY_INVALID'],
  ])('%s is refused', async (_name, key, reply, code) => {
    const world = testWorld({ nodes: approval });
    const other = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    const handle = await world.start();
    await quiet();
    for (const { service } of [world, other]) await expect(service.decide(handle.id, key, reply)).rejects.toMatchObject({ code });
    expect(handle.view().status).toBe('waiting');
  });

  test('an approval that nobody answers in time leaves by timedOut', async () => {
    const world = testWorld(IN_AN_HOUR);
    const handle = await world.start();
    await world.clock.advance(3_599_000);
    expect(handle.view().status).toBe('waiting');
    await world.clock.advance(1000);
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.p).toMatchObject({ outlet: 'timedOut' });
    expect(await world.service.decide(handle.id, 'p/approval', yes())).toMatchObject({ accepted: false, earlier: { by: 'time-out' } });
  });

  test('an answer that comes later does not count, though nobody had the run when the time was up', async () => {
    const world = testWorld(IN_AN_HOUR);
    const parked = await world.start();
    await quiet();
    await parked.park();
    await world.clock.advance(3_600_000);
    const decided = await world.service.decide(parked.id, 'p/approval', yes());
    expect(decided).toEqual({ accepted: false, earlier: { decision: 'timedOut', by: 'time-out', at: world.clock.now() } });
    const handle = await world.service.resume(parked.id);
    await world.clock.advance(0);
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.p).toMatchObject({ outlet: 'timedOut' });
  });

  test('an answer given in time counts, though the run was parked when the time was up', async () => {
    const world = testWorld({
      nodes: { p: { type: 'approval', timeout: '1h', with: { message: 'Go?' } }, b: { after: { p: 'approved' } } },
    });
    const handle = await world.start();
    await quiet();
    await handle.park();
    expect(await handle.done).toBe('parked');
    expect(await world.service.decide(handle.id, 'p/approval', yes())).toEqual({ accepted: true });
    await world.clock.advance(7_200_000);
    const resumed = await world.service.resume(handle.id);
    expect(await resumed.done).toBe('succeeded');
  });

  test('a declared gate shows what will be used, and binds it', async () => {
    const world = testWorld({
      nodes: { a: { gate: { message: 'Send {{ inputs.n }}?' }, with: { effect: 'write', say: 'n={{ inputs.n }}' } } },
      flow: { inputs: { n: {} } },
      start: { inputs: { n: 3 } },
    });
    const handle = await world.start();
    await quiet();
    expect(world.performed).toEqual([]);
    const [signal] = openSignals(handle.view());
    expect(signal?.request).toMatchObject({
      kind: 'gate',
      why: 'declared',
      message: 'Send 3?',
      effect: 'write',
      args: { say: 'n=3' },
      untrusted: false,
    });
    await world.service.decide(handle.id, signal!.key, yes());
    expect(await handle.done).toBe('succeeded');
    expect(world.performed).toEqual(['a#1']);
  });

  test('a declared gate of a pure node is asked before it does anything', async () => {
    const world = testWorld({ nodes: { a: { type: 'template', gate: true, with: { template: 'x' } } } });
    const handle = await world.start();
    await quiet();
    expect(openSignals(handle.view())[0]).toMatchObject({ key: 'a/gate', request: { why: 'declared', args: { template: 'x' } } });
  });

  test('an irreversible step without a gate asks before it runs; no leaves the run rejected', async () => {
    const world = testWorld({ nodes: { a: { with: { effect: 'irreversible' } } } });
    const handle = await world.start();
    await quiet();
    const [signal] = openSignals(handle.view());
    expect(signal?.request).toMatchObject({ kind: 'gate', why: 'demanded', effect: 'irreversible' });
    await world.service.decide(handle.id, signal!.key, no);
    expect(await handle.done).toBe('rejected');
    expect(handle.view()).toMatchObject({ reason: 'too long', error: { code: 'GATE_REJECTED' } });
    expect(world.performed).toEqual([]);
  });

  test('a no to a gate goes by a connected failure', async () => {
    const world = testWorld({ nodes: { a: { with: { effect: 'irreversible' } }, b: { after: { a: 'failure' } } } });
    const handle = await world.start();
    await quiet();
    await world.service.decide(handle.id, openSignals(handle.view())[0]!.key, no);
    expect(await handle.done).toBe('succeeded');
    expect(world.performed).toEqual(['b#1']);
  });

  test('lowering an effect counts only while the values are trusted', async () => {
    const lowered: Partial<NodeSpec> = { type: 'command', effect: 'read', with: { run: ['echo', '{{ steps.a.output }}'] } };
    const trusted = testWorld({ nodes: { a: {}, c: { ...lowered, after: success('a') } } });
    const untrusted = testWorld({
      nodes: { a: { type: 'prompt', with: { prompt: 'hi' } }, c: { ...lowered, after: success('a') } },
      replies: ['x'],
    });
    expect(await (await trusted.start()).done).toBe('succeeded');
    const handle = await untrusted.start();
    await quiet();
    expect(openSignals(handle.view())[0]?.request).toMatchObject({ kind: 'gate', why: 'demanded', untrusted: true });
  });

  test('an approval that showed exactly these values covers the step', async () => {
    const world = testWorld({
      nodes: {
        p: { type: 'approval', with: { message: 'Go?', show: { say: 'hello' } } },
        a: { after: { p: 'approved' }, with: { effect: 'irreversible', say: 'hello' } },
      },
    });
    const handle = await world.start();
    await quiet();
    await world.service.decide(handle.id, 'p/approval', yes());
    expect(await handle.done).toBe('succeeded');
  });

  test('nodes approved beforehand ask nobody, and the journal says who said yes', async () => {
    const world = testWorld({
      nodes: { p: { type: 'approval', with: { message: 'Go?' } }, a: { after: { p: 'approved' }, with: { effect: 'irreversible' } } },
      start: { approved: ['p', 'a'] },
    });
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().signals.map(({ reply }) => reply?.by)).toEqual(['--approve', '--approve']);
  });
});

describe('what is on disk', () => {
  test.each(['read', 'write', 'irreversible'])('the intent before an effect, the result before the next one: %s', async (effect) => {
    const seen: string[] = [];
    const world = testWorld({
      nodes: { a: { with: { effect } }, b: { after: success('a'), with: { effect: 'read' } } },
      start: { approved: ['a'] },
      deeds: {
        a: () => {
          seen.push(
            ...world.runs
              .syncedEvents(runId)
              .map(line)
              .filter((it) => it.includes('/do#')),
          );
          return 'a';
        },
        b: () => {
          seen.push(
            ...world.runs
              .syncedEvents(runId)
              .map(line)
              .filter((it) => it.includes('/do#')),
          );
          return 'b';
        },
      },
    });
    const handle = await world.start();
    const runId = handle.id;
    await handle.done;
    expect(seen).toEqual(['a/do#1 started', 'a/do#1 started', 'a/do#1 ok', 'b/do#1 started']);
    expect(world.runs.syncedEvents(runId).at(-1)?.type).toBe('segment.closed');
  });

  test('a result that nothing follows is on disk all the same, before anything else happens', async () => {
    const world = testWorld({
      nodes: { a: { with: { effect: 'write' } }, ask: { type: 'wait', after: success('a'), with: { for: '1h' } } },
    });
    const handle = await world.start();
    await quiet();
    expect(world.runs.syncedEvents(handle.id).map(line)).toContain('a/do#1 ok');
    await handle.park();
  });

  test('that cannot be written stops the run: nothing more is done, and it says so', async () => {
    const world = testWorld({
      nodes: { a: { with: { effect: 'write' } }, b: { after: success('a') }, other: {} },
      deeds: {
        a: () => {
          world.runs.breakDisk(runId);
          return 'a';
        },
        other: forever,
      },
    });
    const handle = await world.start();
    const runId = handle.id;
    await expect(handle.done).rejects.toMatchObject({ code: 'JOURNAL_WRITE' });
    expect(world.performed.toSorted()).toEqual(['a#1', 'other#1']);
    expect(world.service.handle(runId)).toBeUndefined();
  });

  test('holds no secret', async () => {
    const secret = 'sk-very-secret-value';
    const world = testWorld({
      nodes: { a: {}, b: { after: success('a'), with: { say: '{{ steps.a.output }}' } } },
      deeds: {
        a: () => `token ${secret}`,
        b: () => {
          throw new BelayError('BROKEN', `no ${secret}`, { hint: secret, details: { secret } });
        },
      },
      secrets: { key: secret },
    });
    const handle = await world.start();
    await handle.done;
    expect(JSON.stringify(world.runs.events(handle.id))).not.toContain(secret);
    expect(handle.view().nodes.b?.input).toEqual({ say: 'token •••' });
  });
});

describe('looking on', () => {
  test('a run of another process is followed by its journal', async () => {
    const world = testWorld({ nodes: { p: { type: 'approval', with: { message: 'Go?' } } } });
    const other = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    const handle = await world.start();
    await quiet();
    const open = await other.service.open(handle.id);
    expect(open).toMatchObject({ owner: { kind: 'test' }, local: true, view: { status: 'waiting' } });
    expect(JSON.parse(open.flowText)).toMatchObject({ version: 1 });
    const seen: string[] = [];
    const following = open.onEvents((events) => seen.push(...events.map(({ type }) => type)));
    await other.service.decide(handle.id, 'p/approval', yes());
    await handle.done;
    await quiet();
    expect(seen).toEqual(['signal.received', 'node.finished', 'run.finished', 'segment.closed']);
    expect(open.view.status).toBe('succeeded');
    following.dispose();
  });

  test('pruning keeps the newest and what is not finished', async () => {
    const world = testWorld({ nodes: { a: {} } });
    const ids: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      const handle = await world.start();
      await handle.done;
      ids.push(handle.id);
      await world.clock.advance(60_000);
    }
    expect(await world.service.prune({})).toEqual([]);
    expect(await world.service.prune({ keep: 1, olderThanMs: 150_000 })).toEqual([ids[1], ids[0]]);
    expect((await world.service.list()).map(({ id }) => id)).toEqual([ids[3], ids[2]]);
  });
});
