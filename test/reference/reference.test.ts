/** The engine against a second telling of the documents: random flows, the same effects in the same order, the same end. */

import { beforeAll, expect, it } from 'vitest';
import { fc } from '../../src/engine/testing/fast-check.ts';
import { isBuilt, lines, Performer } from './engine-trace.ts';
import { interpret } from './interpreter.ts';
import { randomScenarios } from './random-scenarios.ts';
import type { Scenario } from './scenario.ts';

const RUNS = Number(process.env.BELAY_PROPERTY_RUNS ?? 300);
const TYPES = ['work', 'branch', 'validate', 'approval', 'transform', 'wait', 'end', 'loop', 'each', 'flow'].filter(isBuilt);

// The engine loads these with the first schema it checks, which takes time that the standing clock knows nothing of.
beforeAll(() => Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')]));

async function performed(scenario: Scenario): Promise<Performer & { id: string }> {
  const performer = new Performer(scenario);
  const run = await performer.start();
  await performer.follow(run);
  return Object.assign(performer, { id: run.id });
}

it(`does what the documents say in ${RUNS} random flows`, { timeout: 120_000 + RUNS * 100 }, async () => {
  let [open, compared] = [0, 0];
  await fc.assert(
    fc.asyncProperty(randomScenarios(TYPES), async (scenario) => {
      const said = interpret(scenario);
      if (said.open) {
        open += 1;
        return;
      }
      compared += 1;
      const engine = await performed(scenario);
      expect(lines(engine.trace(engine.id), said.isVague)).toEqual(lines(said.trace, said.isVague));
      expect(engine.host.complaints).toEqual([]);
    }),
    { numRuns: RUNS },
  );
  // Were too many of them undecided, this would prove little.
  expect(open).toBeLessThan(compared);
});
