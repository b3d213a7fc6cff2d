/** `kill -9` at random points of a flow with every type of node: nothing done twice, nothing lost, asked only where it cannot be known. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { executors } from '../../src/engine/nodes/executors.ts';
import { type EffectServer, startEffectServer } from './effect-server.ts';
import { judge } from './judge.ts';
import type { Plan } from './processes.ts';
import { buildWorker, work } from './processes.ts';
import { effectsIn, furnish, labelsOf, postOf, TYPES } from './workspace.ts';

const KILLS = Number(process.env.BELAY_KILLS ?? 200);
const SEED = inject('seed');
/** Folders at the same time. */
const LANES = 2;

const home = mkdtempSync(join(tmpdir(), 'belay-kill-'));
let worker = '';
let server: EffectServer;
beforeAll(async () => {
  server = await startEffectServer();
  worker = await buildWorker(join(home, 'build'));
}, 60_000);
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

it('every type of node that can run is in the flow', () => {
  expect([...TYPES].sort()).toEqual([...executors.keys()].sort());
});

/** Numbers from 0 to below `below`, the same for the same seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function planFor(root: string, count: number, random: (below: number) => number): Plan {
  const left = Array.from({ length: count }, (_, n) => labelsOf(n).filter((label) => label !== postOf(n)))
    .flat()
    .filter((label) => !effectsIn(root).includes(label));
  const label = left[random(left.length)];
  const kind = random(4);
  if (kind === 0 && label !== undefined)
    return { at: 'effect', when: (['before', 'after', 'instead'] as const)[random(3)] ?? 'after', label };
  if (kind === 1) return { at: 'time', ms: random(150 * count) };
  return { at: 'event', events: 1 + random(45 * count) };
}

/** Starts `count` runs in one process, kills it and those that go on, until all have ended. Returns how many were killed. */
async function ordeal(name: string, count: number, random: (below: number) => number): Promise<number> {
  const root = join(home, name);
  furnish(root, server.addressFor(root));
  const plans: Plan[] = [];
  let kills = 0;
  try {
    for (;;) {
      const plan = planFor(root, count, random);
      plans.push(plan);
      const { killed, code, lines, stderr } = await work(worker, root, count, plan);
      if (!killed) {
        expect({ code, stderr, trouble: lines.filter((line) => 'failed' in line || 'complaint' in line) }).toEqual({
          code: 0,
          stderr: '',
          trouble: [],
        });
        break;
      }
      kills += 1;
    }
    await judge(root, count);
  } catch (error) {
    throw new Error(`seed ${SEED}, ${name}, killed at ${JSON.stringify(plans)}: ${(error as Error).message}`, { cause: error });
  }
  rmSync(root, { recursive: true, force: true });
  return kills;
}

/** What a killed process leaves running is found in /proc. */
const onLinux = it.runIf(process.platform === 'linux');

onLinux(`${KILLS} deaths of single runs (seed ${SEED})`, { timeout: 900_000 }, async () => {
  const random = chance(SEED);
  let [kills, folders] = [0, 0];
  const lane = async (): Promise<void> => {
    while (kills < KILLS) {
      folders += 1;
      kills += await ordeal(`single-${folders}`, 1, random);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(kills).toBeGreaterThanOrEqual(KILLS);
});

onLinux(`deaths with eight runs in one process (seed ${SEED})`, { timeout: 900_000 }, async () => {
  const random = chance(SEED + 1);
  let kills = 0;
  for (let folder = 1; kills < KILLS / 10; folder += 1) kills += await ordeal(`eight-${folder}`, 8, random);
  expect(kills).toBeGreaterThan(0);
});
