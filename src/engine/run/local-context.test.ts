import { describe, expect, test } from 'vitest';
import { FakeClock, quiet } from '../testing/fake-clock.ts';
import { MemoryRuns } from '../testing/memory-runs.ts';
import type { DurableContext, StepSpec, StrandResult } from './context.ts';
import { RunParked } from './context.ts';
import type { RunHeader, SignalReply, SignalRequest } from './events.ts';
import { LocalContext } from './local-context.ts';
import { LocalRun } from './local-run.ts';
import { NO_RETRY } from './retry.ts';

const header: RunHeader = { id: 'r', flow: 'f', title: 'F', bundle: 'b', inputs: {}, mode: 'live', startedBy: 'test', belay: '0' };
const pure: StepSpec = {
  title: 'step',
  effect: 'none',
  args: null,
  argsHash: '',
  trust: 'trusted',
  retry: NO_RETRY,
  attemptTimeout: undefined,
  totalTimeout: undefined,
  reconcile: undefined,
};
const question: SignalRequest = { kind: 'approval', title: 'Q', message: 'Go?', argsHash: '', untrusted: false };
const yes: SignalReply = { decision: 'approved', by: 'ada', at: 1 };
const done = (output: StrandResult['output']): StrandResult => ({ outlet: 'success', output, trust: 'trusted' });

interface World {
  clock: FakeClock;
  runs: MemoryRuns;
  complaints: string[];
  /** A new owner of the run: the first one makes it, later ones take it over after a crash. */
  open(): Promise<{ run: LocalRun; context: DurableContext }>;
}

function newWorld(): World {
  const clock = new FakeClock();
  const runs = new MemoryRuns(() => clock.now());
  const complaints: string[] = [];
  let made = false;
  return {
    clock,
    runs,
    complaints,
    async open() {
      if (made) runs.crash('r');
      const journal = made ? await runs.acquire('r') : await runs.create(header);
      made = true;
      const log = { debug() {}, info() {}, warn: (message: string) => void complaints.push(message), error() {} };
      const run = new LocalRun({
        journal,
        clock,
        log,
        values: { whole: (value) => value },
        record: (event) => event,
        arbitrate: async (_key, reply) => reply,
      });
      return { run, context: new LocalContext(run) };
    },
  };
}

describe('the durable context', () => {
  test('now and random are the same after a restart', async () => {
    const world = newWorld();
    const first = await world.open();
    const seen = [await first.context.now('t'), await first.context.random('x'), await first.context.random('y')];
    await world.clock.advance(5000);
    const { context } = await world.open();
    expect([await context.now('t'), await context.random('x'), await context.random('y')]).toEqual(seen);
    expect(await context.random('z')).not.toBe(seen[1]);
  });

  test('a step is done once, whatever its result', async () => {
    const world = newWorld();
    let times = 0;
    const perform = async (): Promise<number> => ++times;
    expect(await (await world.open()).context.step('a', pure, perform)).toBe(1);
    expect(await (await world.open()).context.step('a', pure, perform)).toBe(1);
    expect(times).toBe(1);
  });

  test('a sleep goes on where it was, and is over when it is over', async () => {
    const world = newWorld();
    const { clock } = world;
    const until = clock.now() + 10_000;
    const { context } = await world.open();
    void context.sleep('s', until).catch(() => undefined);
    await clock.advance(4000);
    const later = await world.open();
    let over = 0;
    const slept = later.context.sleep('s', clock.now() + 10_000).then(() => {
      over = clock.now();
    });
    await clock.advance(60_000);
    await slept;
    expect(over).toBe(until);
    await (await world.open()).context.sleep('s', clock.now() + 10_000);
  });

  test('an answer that comes before its question is kept for it', async () => {
    const { run, context } = await newWorld().open();
    run.deliver('q', yes);
    expect(await context.signal('q', question)).toEqual(yes);
  });

  test.each([
    { told: 'all', ends: ['p[0]', 'p[1]', 'p[2]'], most: 9, last: { index: 2, end: 'p[2]' }, next: [] },
    { told: 'no more than asked for', ends: ['p[0]', 'p[1]', 'p[2]'], most: 2, last: { index: 1, end: 'p[1]' }, next: ['p[2]'] },
    {
      told: 'those before one that ended it all',
      ends: ['p[0]', 'p[1]!', 'p[2]'],
      most: 9,
      last: { index: 0, end: 'p[0]' },
      next: ['p[1]!'],
    },
    {
      told: 'those before one of another round',
      ends: ['p[0]', 'p~2[0]', 'p[1]'],
      most: 9,
      last: { index: 0, end: 'p[0]' },
      next: ['p~2[0]'],
    },
    { told: 'none where the first is missing', ends: ['p[1]', 'p[2]'], most: 9, last: undefined, next: ['p[1]'] },
    { told: 'none where nothing is recorded', ends: [], most: 9, last: undefined, next: [] },
  ])('of passes that followed one another, $told are taken as they were', async ({ ends, most, last, next }) => {
    const world = newWorld();
    const { run } = await world.open();
    const paths = ends.map((end) => end.replace('!', ''));
    for (const [i, node] of paths.entries())
      run.append({ type: 'node.finished', node, outlet: 'again', output: ends[i] ?? null, trust: 'trusted' });
    const later = await world.open();
    const context = new LocalContext(later.run, 'p');
    const goesOn = ({ output }: StrandResult): boolean => !String(output).endsWith('!');
    const skipped = context.skipEnded(most, (index) => `p[${index}]`, goesOn);
    expect(skipped && { index: skipped.index, end: skipped.end.output }).toEqual(last);
    for (const path of paths) context.spawn(path, async () => done('begun'));
    for (const output of next) expect(await context.first()).toMatchObject({ type: 'ended', end: { output } });
  });

  test('winners come in recorded order, and strands that had ended are not begun again', async () => {
    const world = newWorld();
    const ends: Record<string, () => void> = {};
    const begun: string[] = [];
    const spawn = (context: DurableContext, nodes: string[]) =>
      nodes.map((node) =>
        context.spawn(node, async () => {
          begun.push(node);
          await new Promise<void>((resolve) => {
            ends[node] = resolve;
          });
          return done(node);
        }),
      );
    const first = await world.open();
    spawn(first.context, ['a', 'b', 'c']);
    const winner = first.context.first();
    await quiet();
    ends.c?.();
    expect(await winner).toMatchObject({ strand: { node: 'c' }, end: { output: 'c' } });
    ends.a?.();
    await quiet();

    const later = await world.open();
    begun.length = 0;
    spawn(later.context, ['a', 'b', 'c']);
    expect(await later.context.first()).toMatchObject({ strand: { node: 'c' } });
    expect(begun).toEqual([]);
    expect(await later.context.first()).toMatchObject({ strand: { node: 'a' }, end: { output: 'a' } });
    const last = later.context.first();
    await quiet();
    expect(begun).toEqual(['b']);
    ends.b?.();
    expect(await last).toMatchObject({ strand: { node: 'b' } });
  });

  test('a strand that does not listen to its cancelling is left alone, and what it says later is not recorded', async () => {
    const world = newWorld();
    const { run, context } = await world.open();
    let end: (result: StrandResult) => void = () => undefined;
    const strand = context.spawn('a', () => new Promise((resolve) => (end = resolve)));
    const first = context.first();
    await quiet();
    context.cancel(strand, 'enough');
    await world.clock.advance(10_000);
    expect(await first).toMatchObject({ type: 'ended', end: undefined });
    expect(world.complaints).toHaveLength(1);
    end(done('late'));
    await quiet();
    expect(run.events.at(-1)).toMatchObject({ type: 'node.skipped', reason: 'cancelled' });
  });

  test('a defect in a strand ends the run with it', async () => {
    const { context } = await newWorld().open();
    context.spawn('a', async () => {
      throw new Error('a defect');
    });
    await expect(context.first()).rejects.toThrow('a defect');
  });

  test('let go, it gives nothing more', async () => {
    const { run, context } = await newWorld().open();
    context.spawn(
      'a',
      ({ cancellation }) => new Promise((_, reject) => cancellation.addEventListener('abort', () => reject(cancellation.reason))),
    );
    const first = context.first();
    run.park();
    await expect(first).rejects.toBeInstanceOf(RunParked);
    await run.stopped();
    await expect(context.step('s', pure, async () => 1)).rejects.toBeInstanceOf(RunParked);
  });
});
