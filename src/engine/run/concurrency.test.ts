import { describe, expect, test } from 'vitest';
import type { Json } from '../format/json.ts';
import { FakeClock, quiet } from '../testing/fake-clock.ts';
import type { TestWorld } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import { MemoryRuns } from '../testing/memory-runs.ts';
import type { RunHandle } from './api.ts';
import type { Concurrency } from './concurrency.ts';
import { openSignals } from './view.ts';

/** Several processes on one disk. Each run of the flow works until it is told to end. */
class Machine {
  readonly clock = new FakeClock();
  readonly runs = new MemoryRuns(() => this.clock.now());
  readonly #ends = new Map<string, (value: Json) => void>();
  readonly #limit: Partial<Concurrency>;

  constructor(limit: Partial<Concurrency> = {}) {
    this.#limit = limit;
  }

  process(): TestWorld {
    return testWorld({
      runs: this.runs,
      clock: this.clock,
      flow: { limits: { concurrency: { maxRuns: 1, ...this.#limit } } },
      nodes: { work: {} },
      deeds: {
        work: ({ signal, idempotencyKey }) =>
          new Promise((resolve, reject) => {
            this.#ends.set(idempotencyKey.split('/')[0] ?? '', resolve);
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          }),
      },
    });
  }

  /** Whether the run is at its step. */
  works(handle: RunHandle): boolean {
    return handle.view().nodes.work?.attempts.length === 1;
  }

  async end(handle: RunHandle): Promise<void> {
    this.#ends.get(handle.id)?.('done');
    expect(await handle.done).toBe('succeeded');
    await this.settle();
  }

  /** Until everybody has looked whether it is their turn. */
  async settle(): Promise<void> {
    await this.clock.advance(1000);
    await quiet();
  }
}

/** Runs that are made one after another, the time moving on between them. */
async function starts(machine: Machine, ...worlds: TestWorld[]): Promise<RunHandle[]> {
  const handles: RunHandle[] = [];
  for (const world of worlds) {
    handles.push(await world.start());
    await machine.settle();
  }
  return handles;
}

const statuses = (handles: readonly RunHandle[]): string[] => handles.map((handle) => handle.view().status);

describe('runs of a flow that allows so many at a time', () => {
  test('wait for their turn, whoever started them, and get it in the order in which they came', async () => {
    const machine = new Machine({ maxRuns: 2 });
    const [here, there] = [machine.process(), machine.process()];
    const handles = await starts(machine, here, there, there, here, there);
    const [first, second, third, fourth, fifth] = handles as [RunHandle, RunHandle, RunHandle, RunHandle, RunHandle];
    expect(statuses(handles)).toEqual(['running', 'running', 'queued', 'queued', 'queued']);
    expect((await here.service.list()).map(({ status }) => status)).toEqual(['queued', 'queued', 'queued', 'running', 'running']);
    await machine.end(second);
    expect(statuses(handles)).toEqual(['running', 'succeeded', 'running', 'queued', 'queued']);
    expect(machine.works(third)).toBe(true);
    await machine.end(first);
    await machine.end(third);
    expect(statuses([fourth, fifth])).toEqual(['running', 'running']);
    await machine.end(fourth);
    await machine.end(fifth);
    expect(here.story(third.id).slice(0, 5)).toEqual(['segment.opened', 'run.created', 'run.queued', 'run.admitted', 'work started']);
    expect(here.complaints).toEqual([]);
  });

  test('started at the same moment are never more than may be', async () => {
    const machine = new Machine({ maxRuns: 2 });
    const worlds = [machine.process(), machine.process(), machine.process()];
    const handles = await Promise.all([...worlds, ...worlds].map((world) => world.start()));
    await machine.settle();
    for (let left = handles.filter(({ id }) => id !== ''); left.length > 0; ) {
      const working = left.filter((handle) => machine.works(handle));
      expect(working).toHaveLength(Math.min(2, left.length));
      const [next] = working as [RunHandle];
      await machine.end(next);
      left = left.filter((handle) => handle !== next);
    }
  });

  test('of other flows do not count', async () => {
    const machine = new Machine();
    const world = machine.process();
    await world.start();
    const other = testWorld({
      ...shared(machine),
      start: { flowPath: 'flows/other.flow.json' },
      flow: { limits: { concurrency: { maxRuns: 1 } } },
      nodes: { a: {} },
    });
    expect(await (await other.start()).done).toBe('succeeded');
  });

  test('that crash make room; gone on with, they wait for their turn like everybody', async () => {
    const machine = new Machine();
    const [here, there] = [machine.process(), machine.process()];
    const handles = await starts(machine, here, there);
    const [dead, next] = handles as [RunHandle, RunHandle];
    machine.runs.crash(dead.id);
    machine.runs.changed(dead.id);
    await machine.settle();
    expect(next.view().status).toBe('running');
    const again = await machine.process().service.resume(dead.id);
    await machine.settle();
    expect(again.view().status).toBe('queued');
    await machine.end(next);
    expect(again.view().status).toBe('running');
    expect(machine.works(again)).toBe(false);
    expect(again.view().nodes.work?.attempts).toHaveLength(2);
  });

  test('that are queued and let go lose their turn until they are gone on with, and keep their age', async () => {
    const machine = new Machine();
    const [here, there] = [machine.process(), machine.process()];
    const [first, second, third] = (await starts(machine, here, there, here)) as [RunHandle, RunHandle, RunHandle];
    await second.park();
    expect((await here.service.list()).find(({ id }) => id === second.id)?.status).toBe('interrupted');
    const again = await there.service.resume(second.id);
    await machine.settle();
    expect(statuses([first, again, third])).toEqual(['running', 'queued', 'queued']);
    await machine.end(first);
    expect(statuses([again, third])).toEqual(['running', 'queued']);
    expect(here.story(second.id).filter((line) => line.startsWith('run.'))).toEqual(['run.created', 'run.queued', 'run.admitted']);
  });

  test('cancelled while they wait end without having done anything', async () => {
    const machine = new Machine();
    const [here, there] = [machine.process(), machine.process()];
    const [first, second, third] = (await starts(machine, here, there, there)) as [RunHandle, RunHandle, RunHandle];
    await here.service.cancel(second.id, 'ada, test');
    expect(await second.done).toBe('cancelled');
    expect(there.performed).toEqual([]);
    await machine.settle();
    expect(third.view().status).toBe('queued');
    await machine.end(first);
    expect(third.view().status).toBe('running');
  });

  test('keep their place while they wait for a person, also when nobody has them', async () => {
    const machine = new Machine();
    const limits = { concurrency: { maxRuns: 1 } };
    const asking = (): TestWorld =>
      testWorld({
        ...shared(machine),
        flow: { limits },
        nodes: { ask: { type: 'approval', with: { message: 'Go on?' } }, work: { after: { ask: 'approved' } } },
      });
    const here = asking();
    const first = await here.start();
    await quiet();
    expect(first.view().status).toBe('waiting');
    await first.park();
    const second = await asking().start();
    await machine.settle();
    expect(second.view().status).toBe('queued');
    const again = await asking().service.resume(first.id);
    const [question] = openSignals(again.view());
    await asking().service.decide(first.id, question?.key ?? '', { decision: 'approved', by: 'ada, test', at: 1 });
    expect(await again.done).toBe('succeeded');
    await machine.settle();
    expect(second.view().status).toBe('waiting');
  });

  test('are not started where the flow says to skip', async () => {
    const machine = new Machine({ policy: 'skip' });
    const [here, there] = [machine.process(), machine.process()];
    const first = await here.start();
    await expect(there.start()).rejects.toMatchObject({ code: 'RUN_SKIPPED', kind: 'quota', details: { maxRuns: 1, runs: [first.id] } });
    expect(await here.service.list()).toHaveLength(1);
    await machine.settle();
    await machine.end(first);
    expect((await there.start()).view().status).toBe('running');
  });

  test('make way for a newer one where the flow says so: those that run and those that wait', async () => {
    const machine = new Machine({ policy: 'cancelPrevious', maxRuns: 2 });
    const worlds = [machine.process(), machine.process(), machine.process()] as const;
    const [first, second, third] = (await starts(machine, ...worlds)) as [RunHandle, RunHandle, RunHandle];
    expect(await first.done).toBe('cancelled');
    expect(first.view().reason).toMatch(/newer run/);
    expect(statuses([second, third])).toEqual(['running', 'running']);
    const [fourth] = (await starts(machine, worlds[0])) as [RunHandle];
    expect(await second.done).toBe('cancelled');
    expect(statuses([third, fourth])).toEqual(['running', 'running']);
  });

  test('that nobody has make way, too', async () => {
    const machine = new Machine();
    const world = (): TestWorld =>
      testWorld({
        ...shared(machine),
        flow: { limits: { concurrency: { maxRuns: 1, policy: 'cancelPrevious' } } },
        nodes: { ask: { type: 'approval', with: { message: 'Go on?' } }, work: { after: { ask: 'approved' } } },
      });
    const first = await world().start();
    await quiet();
    await first.park();
    const second = await world().start();
    await machine.settle();
    expect((await world().service.list()).map(({ id, status }) => [id, status])).toEqual([
      [second.id, 'waiting'],
      [first.id, 'cancelled'],
    ]);
  });
});

function shared({ runs, clock }: Machine): { runs: MemoryRuns; clock: FakeClock } {
  return { runs, clock };
}
