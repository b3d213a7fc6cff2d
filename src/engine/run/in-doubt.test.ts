import { describe, expect, test } from 'vitest';
import { BelayError } from '../errors.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { TestWorld, TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import type { RunHandle } from './api.ts';
import { openSignals } from './view.ts';

describe('a step in doubt', () => {
  const rows: [
    name: string,
    decision: string,
    value: string | undefined,
    expected: { outcome: string; output?: string | null; again: boolean },
  ][] = [
    ['happened, with the result', 'happened', 'receipt 7', { outcome: 'succeeded', output: 'receipt 7', again: false }],
    ['happened', 'happened', undefined, { outcome: 'succeeded', output: null, again: false }],
    ['once more', 'retry', undefined, { outcome: 'succeeded', output: 'a', again: true }],
    ['stop', 'abort', undefined, { outcome: 'failed', again: false }],
  ];
  const cases: [name: string, make: (options: TestWorldOptions) => Promise<{ world: TestWorld; handle: RunHandle; before: number }>][] = [
    [
      'after a crash',
      async (options) => {
        const one = testWorld({ ...options, deeds: { a: () => new Promise(() => undefined) } });
        const handle = await one.start();
        await quiet();
        one.runs.crash(handle.id);
        const later = testWorld({ ...options, runs: one.runs, clock: one.clock });
        const resumed = await later.service.resume(handle.id);
        await quiet();
        return { world: later, handle: resumed, before: 0 };
      },
    ],
    [
      'after a lost connection',
      async (options) => {
        let times = 0;
        const one = testWorld({
          ...options,
          deeds: {
            a: () => {
              times += 1;
              if (times === 1) throw new BelayError('BROKEN', 'It broke.', { hint: 'Mend it.', kind: 'network' });
              return 'a';
            },
          },
        });
        const handle = await one.start();
        await quiet();
        return { world: one, handle, before: 1 };
      },
    ],
  ];
  for (const [name, make] of cases) {
    test.each(rows)(`${name}: %s`, async (_name, decision, value, expected) => {
      const made = await make({ nodes: { a: { with: { effect: 'irreversible' }, retry: { attempts: 5 } } }, start: { approved: ['a'] } });
      const [signal] = openSignals(made.handle.view());
      expect(signal?.request).toMatchObject({ kind: 'inDoubt', effect: 'irreversible' });
      expect(made.world.performed).toHaveLength(made.before);
      const reply = { decision, by: 'ada, test', at: 1, ...(value === undefined ? {} : { value }) };
      await made.world.service.decide(made.handle.id, signal!.key, reply);
      expect(await made.handle.done).toBe(expected.outcome);
      if (expected.output !== undefined) expect(made.handle.view().nodes.a?.output).toBe(expected.output);
      expect(made.world.performed).toHaveLength(made.before + (expected.again ? 1 : 0));
    });
  }

  test.each([
    ['done: its result is taken', { is: 'done', output: 'found' } as const, { asked: false, performed: 0, output: 'found' }],
    ['repeat: it is done again', { is: 'repeat' } as const, { asked: false, performed: 1, output: 'a' }],
    ['ask: a person says', { is: 'ask', why: 'Somebody changed it.' } as const, { asked: true, performed: 0 }],
    ['nothing known: a person says', undefined, { asked: true, performed: 0 }],
  ])('a write finds out for itself: %s', async (_name, verdict, expected) => {
    const options: TestWorldOptions = { nodes: { a: { with: { effect: 'write' } } } };
    const one = testWorld({ ...options, deeds: { a: () => new Promise(() => undefined) } });
    const handle = await one.start();
    await quiet();
    one.runs.crash(handle.id);
    const later = testWorld({ ...options, runs: one.runs, clock: one.clock, ...(verdict ? { reconcile: async () => verdict } : {}) });
    const resumed = await later.service.resume(handle.id);
    await quiet();
    expect(openSignals(resumed.view())).toHaveLength(expected.asked ? 1 : 0);
    expect(later.performed).toHaveLength(expected.performed);
    if ('output' in expected) expect(resumed.view().nodes.a?.output).toBe(expected.output);
  });

  test('a time-out of an irreversible step that was alive asks, and does not retry by itself', async () => {
    const one = testWorld({
      nodes: { a: { timeout: '5s', retry: { attempts: 3 }, with: { effect: 'irreversible' } } },
      deeds: { a: () => new Promise(() => undefined) },
      start: { approved: ['a'] },
    });
    const handle = await one.start();
    await one.clock.advance(60_000);
    expect(openSignals(handle.view())[0]?.request).toMatchObject({ kind: 'inDoubt', message: expect.stringContaining('longer than 5 s') });
    expect(one.performed).toEqual(['a#1']);
  });
});
