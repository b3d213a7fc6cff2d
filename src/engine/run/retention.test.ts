import { describe, expect, test } from 'vitest';
import { testWorld } from '../testing/harness.ts';
import type { PruneRequest } from './retention.ts';
import { isTidyingDue, oldRuns } from './retention.ts';
import type { RunSummary } from './view.ts';

const HOUR = 3_600_000;

/** Run `n` finished n hours ago. */
function run(n: number, more: Partial<RunSummary> = {}): RunSummary {
  const at = 1000 * HOUR - n * HOUR;
  const id = String(n);
  const base = { id, flow: 'a', title: 'A', mode: 'live', startedBy: 'cli', status: 'succeeded', local: true } as const;
  return { ...base, waiting: [], createdAt: at - 1, finishedAt: at, ...more };
}

const { finishedAt: _never, ...unfinished } = run(9, { status: 'waiting' });
const runs = [
  run(1),
  run(2, { flow: 'b' }),
  run(3),
  run(4),
  run(5, { kept: true }),
  run(6, { flow: 'b' }),
  run(7, { local: false }),
  unfinished,
];

describe('old runs', () => {
  test.each<[string, PruneRequest, number[]]>([
    ['without limits there are none', {}, []],
    ['all but the newest', { keep: 2 }, [3, 4, 6]],
    ['beyond a number for each flow', { perFlow: 1 }, [3, 4, 6]],
    ['beyond a number for each flow that no flow has', { perFlow: 4 }, []],
    ['by age', { olderThanMs: 3 * HOUR }, [4, 6]],
    ['by size, the newest first', { maxBytes: 250 }, [3, 4, 6]],
    ['by any limit', { perFlow: 2, olderThanMs: 5 * HOUR }, [4, 6]],
    ['but never the newest that are to stay', { olderThanMs: 0, keep: 3 }, [4, 6]],
    ['none at all are wanted', { keep: 0 }, [1, 2, 3, 4, 6]],
  ])('%s', (_name, request, expected) => {
    expect(oldRuns(runs.toReversed(), request, 1000 * HOUR, () => 100).map(({ id }) => Number(id))).toEqual(expected);
  });

  test.each([
    ['within a day', 23, undefined, false],
    ['a day later', 24, undefined, true],
    ['when the clock was set back', -24, undefined, true],
    ['by the same limits', 1, { perFlow: 3 }, false],
    ['by other limits', 1, { perFlow: 2 }, true],
  ])('are looked for again: %s', (_name, hours, limits, expected) => {
    expect(isTidyingDue({ at: 0, ...(limits ? { limits: { perFlow: 3 } } : {}) }, limits, hours * HOUR)).toBe(expected);
  });
});

describe('tidying', () => {
  test('goes by the limits a host has set, once a day, leaves kept runs, and says what it removed', async () => {
    const world = testWorld({ nodes: { a: {} } });
    const told: unknown[] = [];
    world.ports.log.info = (message, data) => void told.push(message, data);
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const handle = await world.start();
      await handle.done;
      ids.push(handle.id);
      await world.clock.advance(1000);
    }
    await world.service.keep(ids[0]!, true);
    expect(await world.service.tidy()).toEqual([]);
    expect(await world.service.tidy({ limits: { perFlow: 1 } })).toEqual([ids[1]]);
    expect(told).toEqual(['1 old run was removed', { limits: { perFlow: 1 }, removed: [ids[1]] }]);

    const later = await world.start();
    await later.done;
    expect(await world.service.tidy()).toEqual([]);
    await world.clock.advance(24 * HOUR);
    expect(await world.service.tidy()).toEqual([ids[2]]);
    await world.service.keep(ids[0]!, false);
    expect(await world.service.tidy()).toEqual([]);
    expect(await world.service.tidy({ evenToday: true })).toEqual([ids[0]]);
  });
});
