import { expect, it } from 'vitest';
import { BelayError } from '../../engine/errors.ts';
import type { Log } from '../../engine/ports.ts';
import type { Owner } from '../../engine/run/events.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import { Interrupted } from './interrupted.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const editor: Owner = { kind: 'editor', nonce: 'n', pid: 1, processStart: '', bootId: '', host: 'h', machine: 'm' };
const taken = (): never => {
  throw new BelayError('RUN_OWNED', 'Another process has it.', { hint: 'Wait.' });
};

function summary(run: Partial<RunSummary> = {}): RunSummary {
  return {
    id: 'r',
    flow: 'a.flow.json',
    title: 'A',
    mode: 'live',
    startedBy: 'editor',
    status: 'interrupted',
    createdAt: 1,
    waiting: [],
    local: true,
    ...run,
  };
}

/** A window whose list of runs is set by the test. `resume`: what happens when it takes the run. */
function window(first: RunSummary, { underWay = false, resume = () => {} }: { underWay?: boolean; resume?: () => void } = {}) {
  let run: RunSummary | undefined = first;
  let take = resume;
  const resumed: string[] = [];
  const interrupted = new Interrupted(
    {
      runs: () => (run ? [{ root: '/w', run }] : []),
      owns: () => false,
      async resume({ id }) {
        take();
        resumed.push(id);
      },
      isUnderWay: async () => underWay,
    },
    quiet,
  );
  return {
    interrupted,
    resumed,
    async becomes(next: RunSummary | undefined): Promise<void> {
      run = next;
      take = () => {};
      await interrupted.resumeReleased();
    },
  };
}

it.each<[string, RunSummary, { underWay?: boolean }, boolean]>([
  ['interrupted', summary(), {}, true],
  ['waiting, with another branch under way', summary({ status: 'waiting' }), { underWay: true }, true],
  ['waiting for people only', summary({ status: 'waiting' }), {}, false],
  ['started in a terminal', summary({ startedBy: 'cli' }), {}, false],
  ['from another machine', summary({ local: false }), {}, false],
  ['held by a terminal', summary({ owner: { ...editor, kind: 'cli' } }), {}, false],
])('a run is gone on with at once or left alone: %s', async (_name, run, options, goesOn) => {
  const { interrupted, resumed } = window(run, options);
  expect(await interrupted.resumeAll()).toEqual(goesOn ? [{ root: '/w', id: 'r' }] : []);
  expect(resumed).toEqual(goesOn ? ['r'] : []);
  expect(interrupted.waits).toBe(false);
});

it('a run that another window still has is waited for, and taken once, when that window is gone', async () => {
  const { interrupted, resumed, becomes } = window(summary({ owner: editor }));
  expect(await interrupted.resumeAll()).toEqual([]);
  await becomes(summary({ owner: editor }));
  expect([interrupted.waits, resumed]).toEqual([true, []]);
  await becomes(summary());
  await becomes(summary());
  expect([interrupted.waits, resumed]).toEqual([false, ['r']]);
});

it('a run that another window takes just then is waited for, too', async () => {
  const { interrupted, resumed, becomes } = window(summary(), { resume: taken });
  expect(await interrupted.resumeAll()).toEqual([]);
  expect(interrupted.waits).toBe(true);
  await becomes(summary({ owner: editor }));
  await becomes(summary());
  expect([interrupted.waits, resumed]).toEqual([false, ['r']]);
});

it.each<[string, RunSummary | undefined]>([
  ['it was removed', undefined],
  ['it was finished', summary({ status: 'succeeded', finishedAt: 2 })],
])('nothing is waited for any more when %s', async (_name, next) => {
  const { interrupted, resumed, becomes } = window(summary({ owner: editor }));
  await interrupted.resumeAll();
  await becomes(next);
  expect([interrupted.waits, resumed]).toEqual([false, []]);
});
