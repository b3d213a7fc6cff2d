/**
 * `node bench/index-of-runs.ts [FINISHED] [PARKED]`: how long a fresh process takes to list so many runs, against what any list needs:
 * reading the file of the index and parsing it as JSON. A line for each of: all runs as they stand, the same after a run came, and
 * without an index (every run is looked at).
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { RunEvent } from '../src/engine/run/events.ts';
import { encodeEvent } from '../src/engine/run/journal-codec.ts';
import { emptyView, reduceView, summaryOf } from '../src/engine/run/view.ts';
import { FileRunStore } from '../src/providers/journal/file-run-store.ts';
import { systemProcesses } from '../src/providers/journal/processes.ts';

const ROUNDS = 5;
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const open = (root: string): FileRunStore => new FileRunStore({ root, kind: 'cli', log, now: Date.now });

interface Timed {
  listed: number;
  questions: number;
  list: number;
  limit: number;
}

async function measure(root: string): Promise<Timed> {
  const began = performance.now();
  const runs = await open(root).list();
  const list = performance.now() - began;
  const text = readFileSync(join(root, '.belay/local/index.jsonl'), 'utf8');
  const again = performance.now();
  for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
  const limit = performance.now() - again;
  return { listed: runs.length, questions: runs.reduce((sum, { waiting }) => sum + waiting.length, 0), list, limit };
}

/** A run of a minute each, the first ones finished, the last ones waiting; at most 50 flows. */
async function populate(root: string, finished: number, parked: number): Promise<void> {
  const table = systemProcesses();
  const owner = {
    kind: 'cli' as const,
    nonce: 'n',
    pid: 1,
    processStart: '1',
    bootId: 'gone',
    host: hostname(),
    machine: await table.machine(),
  };
  await open(root).putObject('makes the folders');
  for (let n = 0; n < finished + parked; n += 1) {
    const t = Date.UTC(2026, 0, 1) + n * 60_000;
    const time = new Date(t).toISOString();
    const id = `${time.slice(0, 10).replaceAll('-', '')}-${time.slice(11, 19).replaceAll(':', '')}-${n.toString(36).padStart(6, '0')}`;
    const run = {
      id,
      flow: `flows/flow-${n % 50}.flow.json`,
      title: `Flow number ${n % 50}`,
      bundle: 'b',
      inputs: {},
      mode: 'live' as const,
      startedBy: 'cli' as const,
      belay: '0',
    };
    const request = { kind: 'approval' as const, title: 'Approve the draft', message: 'Good?', argsHash: 'h', untrusted: false };
    const last: RunEvent[] =
      n < finished
        ? [{ seq: 2, t: t + 5000, type: 'run.finished', outcome: 'succeeded' }]
        : [{ seq: 2, t: t + 5000, type: 'signal.requested', node: 'approve', key: 'approve/ask', request }];
    const events: RunEvent[] = [
      { seq: 0, t, type: 'segment.opened', format: 1, segment: 1, owner },
      { seq: 1, t, type: 'run.created', run },
      ...last,
      { seq: 3, t: t + 5000, type: 'segment.closed', reason: n < finished ? 'finished' : 'parked' },
    ];
    const text = events.map((event) => `${encodeEvent(event)}\n`).join('');
    const folder = join(root, '.belay/local/runs', id);
    mkdirSync(folder);
    writeFileSync(join(folder, '0001.jsonl'), text);
    const summary = summaryOf(events.reduce(reduceView, emptyView()), true);
    writeFileSync(join(folder, 'summary.json'), JSON.stringify({ summary, at: { segment: 1, length: text.length } }));
  }
}

function inFreshProcess(root: string): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, ['measure', root]);
    child.once('message', (timed) => resolve(timed as Timed));
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`the listing ended with ${code}`)));
  });
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function row(root: string, name: string, rounds: number, before: () => void): Promise<void> {
  const timed: Timed[] = [];
  for (let round = 0; round < rounds; round += 1) {
    before();
    timed.push(await inFreshProcess(root));
  }
  const list = median(timed.map((one) => one.list));
  const limit = median(timed.map((one) => one.limit));
  const { listed = 0, questions = 0 } = timed.at(-1) ?? {};
  process.stdout.write(
    `| ${name} | ${listed} | ${questions} | ${list.toFixed(0)} | ${limit.toFixed(0)} | ${(list / limit).toFixed(1)} |\n`,
  );
}

async function main(finished: number, parked: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'belay-index-'));
  const folder = join(root, '.belay/local/runs');
  try {
    await populate(root, finished, parked);
    utimesSync(folder, 1e9, 1e9);
    process.stdout.write('| listing | runs | open questions | ms | index as JSON, ms | ratio |\n|---|---|---|---|---|---|\n');
    await row(root, 'the first time, without an index', 1, () => rmSync(join(root, '.belay/local/index.jsonl'), { force: true }));
    await row(root, 'as they stand', ROUNDS, quiet);
    let time = 1e9;
    await row(root, 'after a run came or went', ROUNDS, () => utimesSync(folder, ++time, time));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const [first = '100000', second = '10000'] = process.argv.slice(2);
if (first === 'measure') process.send?.(await measure(second));
else await main(Number(first), Number(second));
