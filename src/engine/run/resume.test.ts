import { describe, expect, test } from 'vitest';
import { BelayError } from '../errors.ts';
import { success } from '../testing/deeds.ts';
import { quiet } from '../testing/fake-clock.ts';
import { fc } from '../testing/fast-check.ts';
import type { TestWorld, TestWorldOptions } from '../testing/harness.ts';
import { line, testWorld } from '../testing/harness.ts';
import type { RandomKind } from '../testing/random-flows.ts';
import { randomFlows } from '../testing/random-flows.ts';
import type { RunHandle } from './api.ts';
import type { RunEvent, SignalKind } from './events.ts';
import { openSignals } from './view.ts';

const broken = (kind: BelayError['kind']): BelayError => new BelayError('BROKEN', 'It broke.', { hint: 'Mend it.', kind });

/** A bit of everything: joins, a handled failure, retries, a gate, an approval, effects, a round, a branch not taken. */
const rich: TestWorldOptions = {
  flow: {
    inputs: { who: { type: 'string', default: 'Ada' } },
    outputs: { text: { value: { $expr: 'steps.join.output.text' } }, sent: { value: { $expr: 'steps.send.output' } } },
  },
  nodes: {
    read: { with: { effect: 'read', say: '{{ inputs.who }}' } },
    flaky: { retry: { attempts: 3, delay: '2s' } },
    bad: {},
    sorry: { type: 'template', after: { bad: 'failure' }, with: { template: 'sorry: {{ steps.bad.error.code }}' } },
    never: { after: success('bad') },
    mend: { output: { type: 'object' }, retry: { attempts: 2, delay: '1s' } },
    write: { after: success('read'), with: { effect: 'write', say: '{{ steps.read.output }}' } },
    quick: { after: success('read', 'flaky'), join: 'any' },
    ask: { type: 'approval', after: success('write', 'flaky', 'sorry'), with: { message: 'Send {{ steps.write.output }}?' } },
    send: { after: { ask: 'approved' }, with: { effect: 'irreversible', say: '{{ steps.ask.output.decision }}' } },
    off: { after: success('send'), disabled: true },
    sort: { type: 'branch', after: success('off', 'mend'), with: { cases: [{ name: 'x', when: 'steps.send.output == "send"' }] } },
    join: {
      type: 'template',
      after: { sort: 'case:x', quick: 'success' },
      with: { template: '{{ steps.send.output }} {{ steps.sorry.output.text }}' },
    },
    other: { after: { sort: 'else' } },
  },
  deeds: {
    flaky: ({ attempt }) => {
      if (attempt < 3) throw broken('network');
      return 'flaky';
    },
    bad: () => {
      throw broken('exit');
    },
    mend: async (_info, { bundled: _bundled }) => null,
  },
  reconcile: async () => ({ is: 'repeat' }),
};

/** The first result of `mend` is of the wrong shape, in whatever process that happens: its key tells the rounds apart. */
const deeds: TestWorldOptions['deeds'] = {
  ...rich.deeds,
  mend: ({ idempotencyKey }) => (idempotencyKey.includes('round2') ? { fine: true } : 'text'),
};

const ANSWERS: { readonly [K in SignalKind]: string } = {
  approval: 'approved',
  gate: 'approved',
  signal: 'received',
  budget: 'more',
  inDoubt: 'retry',
  reply: 'replied',
  recordingMissing: 'byHand',
  consent: 'approved',
};

/** Moves the clock and answers whatever is asked until the run has ended. Returns the kinds of question that were answered. */
async function carryThrough(world: TestWorld, handle: RunHandle): Promise<SignalKind[]> {
  const asked: SignalKind[] = [];
  let over = false;
  const end = (): void => {
    over = true;
  };
  handle.done.then(end, end);
  for (let turn = 0; turn < 200; turn += 1) {
    const { next } = world.clock;
    await world.clock.advance(next === undefined ? 0 : Math.max(0, next - world.clock.now()));
    if (over) return asked;
    for (const { key, request } of openSignals(handle.view())) {
      asked.push(request.kind);
      await world.service.decide(handle.id, key, { decision: ANSWERS[request.kind], by: 'ada, test', at: world.clock.now() });
    }
  }
  throw new Error(`the run does not end: ${world.story(handle.id).join('\n')}`);
}

const world = (): TestWorld => testWorld({ ...rich, deeds });

interface Whole {
  id: string;
  bundle: string;
  events: RunEvent[];
}

/** A run from start to end. Same flow, same answers, same journal. */
async function whole(): Promise<Whole> {
  const first = world();
  const handle = await first.start();
  await carryThrough(first, handle);
  expect(await handle.done).toBe('succeeded');
  const bundle = await first.runs.getObject(handle.view().bundle);
  return { id: handle.id, bundle, events: first.runs.events(handle.id) };
}

/** The process dies when these events are on disk; another one goes on. */
async function goOn(
  { id, bundle }: Whole,
  events: readonly RunEvent[],
): Promise<{ later: TestWorld; handle: RunHandle; asked: SignalKind[] }> {
  const later = world();
  await later.runs.putObject(bundle);
  later.runs.restore(id, events);
  await later.clock.advance(1_000_000);
  const handle = await later.service.resume(id);
  return { later, handle, asked: await carryThrough(later, handle) };
}

/** What must not depend on where a run was interrupted. */
function result(events: readonly RunEvent[]): unknown {
  const nodes: Record<string, unknown> = {};
  for (const event of events) {
    if (event.type === 'node.finished') nodes[event.node] = [event.outlet, event.output, event.trust, event.error?.code];
    if (event.type === 'node.skipped') nodes[event.node] = event.reason;
  }
  const end = events.find(({ type }) => type === 'run.finished');
  return { nodes, end: end?.type === 'run.finished' && [end.outcome, end.outputs] };
}

function checkWhole(events: readonly RunEvent[]): void {
  events.forEach(({ seq }, i) => {
    expect(seq).toBe(i);
  });
  const once = events
    .map(line)
    .filter((text) => / -> | skipped | started$| (approved|rejected) by /.test(text) && !/#\d+ started/.test(text));
  expect(once).toEqual([...new Set(once)]);
}

describe('resume', () => {
  test('after a crash at any event: the same end, and nothing recorded is done again', async () => {
    const run = await whole();
    const { id, events } = run;
    expect(new Set(events.map(({ type }) => type))).toContain('timer.fired');
    const reference = result(events);
    const last = events.findIndex(({ type }) => type === 'run.finished');
    for (let cut = 2; cut <= last; cut += 1) {
      const kept = events.slice(0, cut);
      const { later, handle, asked } = await goOn(run, kept);
      expect(await handle.done, `cut after ${kept.map(line).at(-1)}`).toBe('succeeded');
      const now = later.runs.events(id);
      expect(result(now), `cut after ${kept.map(line).at(-1)}`).toEqual(reference);
      checkWhole(now);
      expect(now.slice(0, cut)).toEqual(kept);

      const done = new Set(kept.flatMap((event) => (event.type === 'step.finished' ? [`${event.node}#${event.attempt}`] : [])));
      done.delete('mend#1'); // its second round is another step with the same attempt number
      for (const performed of later.performed) expect(done).not.toContain(performed);
      const open = kept.map(line).includes('send/do#1 started') && !done.has('send#1');
      expect(asked.includes('inDoubt')).toBe(open);
    }
  }, 60_000);

  test('after several crashes at any events', async () => {
    const run = await whole();
    const { id, events } = run;
    const reference = result(events);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 2, maxLength: 4 }),
        async (cuts) => {
          let now: RunEvent[] = events;
          for (const cut of cuts) {
            const end = now.findIndex(({ type }) => type === 'run.finished');
            const { later, handle } = await goOn(run, now.slice(0, 2 + Math.floor(cut * (end - 2))));
            expect(await handle.done).toBe('succeeded');
            now = later.runs.events(id);
          }
          expect(result(now)).toEqual(reference);
          checkWhole(now);
        },
      ),
      { numRuns: 12 },
    );
  }, 60_000);

  test('random flows, interrupted anywhere: every node ends once, nothing recorded is done again', async () => {
    const kinds: RandomKind[] = [
      { type: 'work', with: {}, outlets: ['success', 'success', 'failure'] },
      { type: 'work', with: { effect: 'write' }, outlets: ['success'] },
      { type: 'branch', with: { cases: [{ name: 'x', when: 'true' }] }, outlets: ['case:x', 'else'] },
    ];
    const failing = fc.subarray(
      Array.from({ length: 12 }, (_, i) => `n${i}`),
      { maxLength: 3 },
    );
    const cut = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    await fc.assert(
      fc.asyncProperty(randomFlows(['all', 'any', { atLeast: 2 }], kinds), failing, cut, async (nodes, bad, where) => {
        const fail = (): never => {
          throw broken('exit');
        };
        const options: TestWorldOptions = {
          nodes,
          deeds: Object.fromEntries(bad.map((id) => [id, fail])),
          reconcile: async () => ({ is: 'repeat' }),
        };
        const first = testWorld(options);
        const handle = await first.start();
        const outcome = await handle.done;
        const events = first.runs.events(handle.id);
        const end = events.findIndex(({ type }) => type === 'run.finished');
        const kept = events.slice(0, 2 + Math.floor(where * (end - 1)));

        const later = testWorld(options);
        await later.runs.putObject(await first.runs.getObject(handle.view().bundle));
        later.runs.restore(handle.id, kept);
        const resumed = await later.service.resume(handle.id);
        const joinsAll = Object.values(nodes).every(({ join }) => join === 'all' || join === undefined);
        if (joinsAll) expect(await resumed.done).toBe(outcome);
        else await resumed.done;
        const now = later.runs.events(handle.id);
        checkWhole(now);
        const done = kept.flatMap((event) => (event.type === 'step.finished' ? [`${event.node}#1`] : []));
        for (const performed of later.performed) expect(done).not.toContain(performed);
        if (resumed.view().status === 'succeeded') expect(Object.keys(resumed.view().nodes).sort()).toEqual(Object.keys(nodes).sort());
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('a run that fails, is rejected or cancelled ends the same way', async () => {
    const failing: TestWorldOptions = {
      nodes: { a: {}, slow: {}, bad: { after: success('a'), retry: { attempts: 2, delay: '1s' } }, b: { after: success('slow') } },
      deeds: {
        bad: () => {
          throw broken('network');
        },
        slow: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          }),
      },
    };
    const first = testWorld(failing);
    const handle = await first.start();
    await first.clock.advance(5000);
    expect(await handle.done).toBe('failed');
    const events = first.runs.events(handle.id);
    const last = events.findIndex(({ type }) => type === 'run.finished');
    for (let cut = 2; cut <= last; cut += 1) {
      const later = testWorld(failing);
      await (await later.start()).park();
      later.performed.length = 0;
      later.runs.restore(handle.id, events.slice(0, cut));
      const resumed = await later.service.resume(handle.id);
      await later.clock.advance(5000);
      expect(await resumed.done).toBe('failed');
      expect(result(later.runs.events(handle.id))).toEqual(result(events));
      // Once the failure is on record, what it cancels is not begun anew.
      if (events.slice(0, cut).some((event) => event.type === 'node.finished' && event.node === 'bad')) expect(later.performed).toEqual([]);
    }
  });

  test.each([
    ['another process has it', (one: TestWorld) => one, 'RUN_OWNED'],
    ['it is not there', (one: TestWorld) => one, 'RUN_UNKNOWN'],
  ])('is refused: %s', async (_name, of, code) => {
    const one = of(testWorld({ nodes: { p: { type: 'approval', with: { message: 'Go?' } } } }));
    const handle = await one.start();
    const other = testWorld({ nodes: {}, runs: one.runs, clock: one.clock });
    await expect(other.service.resume(code === 'RUN_OWNED' ? handle.id : 'nothing')).rejects.toMatchObject({ code });
  });

  test('a finished run is not gone on with', async () => {
    const one = testWorld({ nodes: { a: {} } });
    const handle = await one.start();
    await handle.done;
    await expect(one.service.resume(handle.id)).rejects.toMatchObject({ code: 'RUN_FINISHED' });
  });

  test('parking lets go at once; what was under way repeats, what waits goes on waiting', async () => {
    const options: TestWorldOptions = {
      nodes: { p: { type: 'approval', with: { message: 'Go?' } }, slow: { with: { effect: 'read' } } },
      deeds: {
        slow: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          }),
      },
    };
    const one = testWorld(options);
    const handle = await one.start();
    await quiet();
    await handle.park();
    expect(await handle.done).toBe('parked');
    expect(one.story(handle.id).at(-1)).toBe('segment.closed');
    expect((await one.service.list())[0]).toMatchObject({ status: 'waiting' });
    const later = testWorld({ nodes: {}, runs: one.runs, clock: one.clock });
    const resumed = await later.service.resume(handle.id);
    await later.service.decide(handle.id, 'p/approval', { decision: 'approved', by: 'ada, test', at: 1 });
    expect(await resumed.done).toBe('succeeded');
    expect(later.performed).toEqual(['slow#1']);
  });
});

describe('a missing recording', () => {
  const options: TestWorldOptions = {
    nodes: { a: { type: 'prompt', with: { prompt: 'hi' } }, b: { type: 'prompt', after: success('a'), with: { prompt: 'ho' } } },
    recorded: {},
    replies: ['live a', 'live b'],
    start: { mode: 'recorded' },
  };

  test.each([
    ['go live: later prompts do as well', { decision: 'live', value: 'test/model' }, 'live', 'live b'],
    ['by hand: only this one', { decision: 'byHand', value: 'typed' }, 'recorded', undefined],
  ])('%s', async (_name, reply, mode, second) => {
    const one = testWorld(options);
    const handle = await one.start();
    await quiet();
    const [signal] = openSignals(handle.view());
    expect(signal?.request.kind).toBe('recordingMissing');
    await one.service.decide(handle.id, signal!.key, { by: 'ada, test', at: 1, ...reply });
    await quiet();
    expect(handle.view().mode).toBe(mode);
    expect(handle.view().nodes.b?.output).toEqual(second === undefined ? undefined : { text: second, model: 'test/model' });
    expect(openSignals(handle.view()).map(({ node }) => node)).toEqual(second === undefined ? ['b'] : []);
  });

  test('a choice outlives the process', async () => {
    const one = testWorld(options);
    const handle = await one.start();
    await quiet();
    await one.service.decide(handle.id, openSignals(handle.view())[0]!.key, { decision: 'live', value: 'test/model', by: 'ada', at: 1 });
    await quiet();
    const events = one.runs.events(handle.id);
    for (let cut = events.findIndex(({ type }) => type === 'run.mode') + 1; cut < events.length - 2; cut += 1) {
      const later = testWorld({ ...options, replies: ['again', 'again'] });
      await (await later.start()).park();
      later.runs.restore(handle.id, events.slice(0, cut));
      const resumed = await later.service.resume(handle.id);
      expect(await resumed.done).toBe('succeeded');
      expect(resumed.view().mode).toBe('live');
      expect(resumed.events().filter(({ type }) => type === 'run.mode')).toHaveLength(1);
    }
  });
});
