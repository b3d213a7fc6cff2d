/** A process dies at any event of a random flow; another one goes on. What "Repeat or ask" says has to hold for every step. */

import { beforeAll, expect, it } from 'vitest';
import type { RunEvent } from '../../src/engine/run/events.ts';
import { parentOf } from '../../src/engine/run/paths.ts';
import { fc } from '../../src/engine/testing/fast-check.ts';
import { isBuilt, Performer } from './engine-trace.ts';
import { interpret } from './interpreter.ts';
import { randomScenarios } from './random-scenarios.ts';
import type { Effect, Scenario } from './scenario.ts';

const RUNS = Math.ceil(Number(process.env.BELAY_PROPERTY_RUNS ?? 300) / 2);
const TYPES = ['work', 'branch', 'validate', 'approval', 'transform', 'wait', 'end', 'loop', 'each', 'flow'].filter(isBuilt);

beforeAll(() => Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')]));

interface Story {
  /** What had been recorded when the process died. */
  before: readonly RunEvent[];
  after: readonly RunEvent[];
  done: Effect[];
  redone: Effect[];
  keys: [ReadonlyMap<string, string>, ReadonlyMap<string, string>];
}

/** Undefined: the run was over before it could be killed. */
async function killed(scenario: Scenario, at: number, powerCut: boolean): Promise<Story | undefined> {
  const first = new Performer(scenario);
  const run = await first.start();
  const { isDead } = first.dieAt(run, at, powerCut);
  await first.follow(run, isDead);
  if (!isDead()) return undefined;
  const before = first.host.runs.events(run.id);
  const last = before.at(-1);
  if (last?.type === 'run.finished' || last?.type === 'segment.closed') return undefined;
  const second = new Performer(scenario, first);
  const resumed = await second.service.resume(run.id);
  await second.follow(resumed);
  expect(second.host.complaints).toEqual([]);
  const events = second.host.runs.events(run.id);
  return { before, after: events.slice(before.length), done: first.effects, redone: second.effects, keys: [first.keys, second.keys] };
}

const started = (effects: readonly Effect[]): string[] =>
  effects.flatMap(({ what, path, attempt }) => (what === 'start' ? [`${path}#${attempt}`] : []));

/** What stands in something that was stopped has been stopped with it. */
function within(paths: ReadonlySet<string>, node: string): boolean {
  for (let at = node; at !== ''; at = parentOf(at)) if (paths.has(at)) return true;
  return false;
}

function check({ before, after, done, redone, keys }: Story): void {
  const steps = (events: readonly RunEvent[], type: 'step.started' | 'step.finished'): Map<string, RunEvent> =>
    new Map(events.flatMap((event) => (event.type === type ? [[`${event.node}#${event.attempt}`, event] as const] : [])));
  const [begun, finished] = [steps(before, 'step.started'), steps(before, 'step.finished')];
  const left = new Set(before.flatMap((event) => (event.type === 'node.finished' || event.type === 'node.skipped' ? [event.node] : [])));
  const again = started(redone);

  // What was recorded is not done again, neither the step nor anything of a node that had been left.
  expect(again.filter((name) => finished.has(name))).toEqual([]);
  expect(again.filter((name) => left.has(name.slice(0, name.lastIndexOf('#'))))).toEqual([]);

  // What was under way and changes something is asked about, once, and nothing else is.
  const unsure = [...begun].flatMap(([name, event]) => {
    const grave = event.type === 'step.started' && (event.effect === 'write' || event.effect === 'irreversible');
    return grave && !finished.has(name) && event.type === 'step.started' ? [event.node] : [];
  });
  const asked = (events: readonly RunEvent[]): string[] =>
    events.flatMap((event) => (event.type === 'signal.requested' && event.request.kind === 'inDoubt' ? [event.node] : []));
  // A lost connection or a time-out is asked about as well, where the process lives.
  const lost = redone.flatMap(({ what, path, value }) => (what === 'end' && (value === 'network' || value === 'aborted') ? [path] : []));
  const failed = [...before, ...after].flatMap((event) => (event.type === 'step.finished' && event.error ? [event.node] : []));
  const alive = [...lost, ...failed];
  const answeredBefore = asked(before);
  const cancelled = new Set(after.flatMap((event) => (event.type === 'node.skipped' && event.reason === 'cancelled' ? [event.node] : [])));
  const wanted = unsure.filter((node) => !answeredBefore.includes(node) && !within(cancelled, node));
  expect(wanted.filter((node) => !asked(after).includes(node))).toEqual([]);
  expect(asked(after).filter((node) => !unsure.includes(node) && !alive.includes(node))).toEqual([]);

  // Nothing grave is done twice unless somebody said so.
  const retried = new Set(
    [...before, ...after].flatMap((event) => (event.type === 'signal.received' && event.reply.decision === 'retry' ? [event.node] : [])),
  );
  const graveAgain = again.filter((name) => started(done).includes(name)).map((name) => name.slice(0, name.lastIndexOf('#')));
  expect(graveAgain.filter((node) => unsure.includes(node) && !retried.has(node))).toEqual([]);

  // The same piece of work has the same key, whoever does it.
  for (const [path, key] of keys[1]) if (keys[0].has(path)) expect(key).toBe(keys[0].get(path));

  // It goes on to its end: nothing is lost on the way.
  expect(after.at(-2)?.type).toBe('run.finished');
}

it(`${RUNS} random flows, each killed at a random event`, { timeout: 120_000 + RUNS * 200 }, async () => {
  let resumed = 0;
  await fc.assert(
    fc.asyncProperty(randomScenarios(TYPES), fc.nat(1000), fc.boolean(), async (scenario, where, powerCut) => {
      if (interpret(scenario).open) return;
      const whole = new Performer(scenario);
      const run = await whole.start();
      await whole.follow(run);
      const story = await killed(scenario, 3 + (where % Math.max(1, run.events().length - 3)), powerCut);
      if (!story) return;
      resumed += 1;
      check(story);
    }),
    { numRuns: RUNS },
  );
  expect(resumed).toBeGreaterThan(RUNS / 4);
});
