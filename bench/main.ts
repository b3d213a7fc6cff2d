/**
 * `npm run bench`: how far the engine is from what the machine allows, as ratios measured in one run. Each workload alternates with
 * its limit (the same writes without an engine), round by round, so that a busy machine slows both. Prints a Markdown table.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Json } from '../src/engine/format/json.ts';
import type { Log } from '../src/engine/ports.ts';
import { createRuns } from '../src/extension/runtime.lazy.ts';

const ROUNDS = 5;
/** What a chain of template nodes records for each node, about as long as the journal's own lines. */
const LINE = `${JSON.stringify({ seq: 1000, t: 1_780_000_000_000, type: 'node.finished', node: 'n1000', outlet: 'success', output: { text: 'x' }, trust: 'trusted', crc: '00000000' })}\n`;

interface Workload {
  name: string;
  /** What one unit of the result is. */
  unit: string;
  units: number;
  run(root: string): Promise<void>;
  limitName: string;
  limit(root: string): Promise<void>;
}

const quiet = (): void => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

function runsIn(root: string) {
  const models = { connections: async () => [], aliases: () => ({}), defaultModel: () => undefined };
  return createRuns(root, { models, secret: async () => undefined, known: () => [], log, version: 'bench' });
}

function chain(length: number, effect?: 'write'): Json {
  const nodes: Record<string, Json> = {};
  for (let i = 0; i < length; i += 1) {
    const after = i === 0 ? {} : { after: { [`n${i - 1}`]: 'success' } };
    nodes[`n${i}`] = effect
      ? { type: 'file', ...after, with: { action: 'write', path: `out/${i}.txt`, content: 'x' } }
      : { type: 'template', ...after, with: { template: 'x' } };
  }
  return { version: 1, nodes };
}

async function finish(root: string, flow: Json, times = 1): Promise<void> {
  const runs = await runsIn(root);
  const flowText = JSON.stringify(flow);
  const start = () => runs.start({ flowPath: 'bench.flow.json', flowText, inputs: {}, mode: 'byHand', readFile: async () => undefined });
  const outcomes = await Promise.all(Array.from({ length: times }, async () => (await start()).done));
  const failed = outcomes.filter((outcome) => outcome !== 'succeeded');
  if (failed.length > 0) throw new Error(`${failed.length} runs ended as ${failed[0]}`);
}

/** A turn of the event loop and a line for each of the three events a node has; synced `syncs` times. */
async function bare(root: string, units: number, syncs: number): Promise<void> {
  const fd = openSync(join(root, 'bare.jsonl'), 'a');
  for (let i = 0; i < units; i += 1) {
    await undefined;
    for (let event = 0; event < 3; event += 1) writeSync(fd, LINE);
    if (syncs > 0 && i % Math.ceil(units / syncs) === 0) fdatasyncSync(fd);
  }
  closeSync(fd);
}

const chains = [10, 100, 1000].map(
  (length): Workload => ({
    name: `chain of ${length} template nodes, start to end`,
    unit: 'node',
    units: length,
    run: (root) => finish(root, chain(length)),
    limitName: 'a turn and three lines appended',
    limit: (root) => bare(root, length, 2),
  }),
);

const workloads: Workload[] = [
  ...chains,
  {
    name: 'chain of 100 file writes, each synced before and after',
    unit: 'node',
    units: 100,
    run: (root) => finish(root, chain(100, 'write')),
    limitName: 'three lines and two fdatasync',
    limit: (root) => bare(root, 200, 200),
  },
  {
    name: '200 runs of 10 template nodes at once',
    unit: 'node',
    units: 2000,
    run: (root) => finish(root, chain(10), 200),
    limitName: 'a turn and three lines appended',
    limit: (root) => bare(root, 2000, 2),
  },
];

async function timed(work: (root: string) => Promise<void>): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  try {
    const began = performance.now();
    await work(root);
    return performance.now() - began;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

process.stdout.write(`| workload | µs per unit | limit | µs per unit | ratio |\n|---|---|---|---|---|\n`);
for (const { name, unit, units, run, limitName, limit } of workloads) {
  await timed(run);
  const ours: number[] = [];
  const bares: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bares.push(await timed(limit));
    ours.push(await timed(run));
  }
  const each = (median(ours) * 1000) / units;
  const least = (median(bares) * 1000) / units;
  process.stdout.write(
    `| ${name} | ${each.toFixed(0)} per ${unit} | ${limitName} | ${least.toFixed(1)} | ${(each / least).toFixed(1)} |\n`,
  );
}
