import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';

/** Long enough for several turns of the event loop on any machine. */
const PASSES = 3000;

const nodes: TestWorldOptions['nodes'] = {
  count: {
    type: 'loop',
    with: {
      until: `index == ${PASSES - 1}`,
      maxIterations: PASSES,
      nodes: { add: { type: 'transform', with: { value: { $expr: 'index' } } } },
    },
  },
};

test('steps that only compute need no turn each, and still let everything else have its turn', async () => {
  const handle = await testWorld({ nodes }).start();
  let turns = 0;
  let running = true;
  const ended = handle.done.finally(() => {
    running = false;
  });
  while (running) {
    await turn();
    turns += 1;
  }
  expect(await ended).toBe('succeeded');
  expect(turns).toBeGreaterThan(3);
  expect(turns).toBeLessThan(PASSES / 2);
});

test('a cancellation reaches a run that never waits', async () => {
  const handle = await testWorld({ nodes }).start();
  await turn();
  handle.cancel('ada');
  expect(await handle.done).toBe('cancelled');
  expect(Object.keys(handle.view().nodes).length).toBeLessThan(PASSES);
});
