/**
 * `npm run bench [-- WORKLOAD…]`: Belay beside its peers and beside what the machine allows, interleaved round by round. Prints
 * Markdown; a full run also writes bench/RESULTS.md.
 *
 *   WORKLOAD…             only these: ids, or the beginning of some (`chain`, `payload-5mb`); `small`: what takes seconds
 *   browser               the graph editor instead of the engine: bench/editor/main.ts has its options
 *   host                  what a keystroke costs the extension host of a real VS Code: bench/host/main.ts has its options
 *   --only=A,B            only these contenders: limits, belay, peers, or the names in work.ts
 *   --rounds=N            instead of 4
 *   --profile=WORKLOAD    instead of measuring: the functions that take most of the time of Belay's steps; `--only=synced` for another
 *                         variant, `--whole` for all from the call that starts to the end
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBelay, type Watch } from './belay/measure.ts';
import { prepareCold, prepareResume } from './belay/processes.ts';
import { Child } from './child.ts';
import { GOALS, isMet, MEMORY_HEAP, MEMORY_NODES, memoryId } from './goals.ts';
import { PeerHost } from './peer-host.ts';
import { raceProcesses } from './process-race.ts';
import { Profiler, repeated, selfTimes } from './profile.ts';
import { type Result, race } from './race.ts';
import { interim, report } from './report.ts';
import type { Contender, Peer, Variant, Workload } from './work.ts';
import { LIMITS, NAMES, PEERS, PROCESS_WORKLOADS, SMALL, VARIANTS, WORKLOADS } from './work.ts';

const ROUNDS = 4;
const project = join(import.meta.dirname, '..');
const worker = join(import.meta.dirname, 'belay', 'worker.ts');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    keys: { type: 'string' },
    profile: { type: 'string' },
    whole: { type: 'boolean', default: false },
    nodes: { type: 'string' },
  },
});

const wanted = positionals.flatMap((name) => (name === 'small' ? SMALL : [name]));
const only = values.only?.split(',');
const rounds = Number(values.rounds ?? ROUNDS);
if (!(rounds >= 1)) throw new Error(`--rounds=${values.rounds}: give a number from 1`);

function chosenWorkload({ id }: { id: string }): boolean {
  return wanted.length === 0 || wanted.some((name) => id === name || id.startsWith(`${name}-`));
}

function chosenContender(contender: Contender | 'bare'): boolean {
  if (only === undefined || only.includes(contender)) return true;
  const group = (names: readonly string[]): boolean => names.includes(contender);
  return (
    (only.includes('limits') && (contender === 'bare' || group(LIMITS))) ||
    (only.includes('belay') && group(VARIANTS)) ||
    (only.includes('peers') && group(PEERS))
  );
}

const isPeer = (contender: string): contender is Peer => PEERS.some((peer) => peer === contender);

async function raceSteps(workload: Workload, peers: PeerHost, tmp: string): Promise<Map<string, Result>> {
  const { work } = workload;
  const children = new Map<string, Child>();
  const childOf = (contender: Contender): Child => {
    const key = isPeer(contender) ? contender : 'belay';
    const { node, script } = isPeer(contender) ? peers.command(contender) : { node: process.execPath, script: worker };
    const child = children.get(key) ?? new Child(script, isPeer(contender) ? [contender, 'serve'] : [], node, tmp);
    children.set(key, child);
    return child;
  };
  try {
    return await race(workload.contenders.filter(chosenContender), rounds, (contender) => childOf(contender).measure(contender, work));
  } finally {
    for (const child of children.values()) child.stop();
  }
}

/**
 * In a process that does nothing else, for its memory is what is asked for. With a small heap: whoever held on to the values would run
 * out of it, and what has only not been collected yet is not counted for long.
 */
async function peakOf(workload: Workload, nodes: number, tmp: string): Promise<Map<string, Result>> {
  const child = new Child(worker, [], process.execPath, tmp, MEMORY_HEAP);
  try {
    const { work } = workload;
    if (work.kind !== 'payload') throw new Error(`${workload.id} hands on no value`);
    return await race(['pure'], 1, () => child.measure('pure', { ...work, nodes }), false);
  } finally {
    child.stop();
  }
}

/** In a process of its own: it belongs to the world of browsers. */
function benchElsewhere(folder: 'editor' | 'host'): void {
  const script = join(import.meta.dirname, folder, 'main.ts');
  const options = process.argv.slice(2).filter((it) => it.startsWith('--'));
  const { status } = spawnSync(process.execPath, [script, ...options], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

async function measureAll(tmp: string): Promise<void> {
  const peers = new PeerHost();
  const workloads = WORKLOADS.filter(chosenWorkload);
  const processes = PROCESS_WORKLOADS.filter(chosenWorkload);
  if (PEERS.some(chosenContender)) peers.install();
  const cli = processes.length > 0 && chosenContender('pure') ? build(['--production']) : undefined;
  const results = new Map<string, Map<string, Result>>();
  for (const workload of workloads) {
    say(workload.title);
    const row = await raceSteps(workload, peers, tmp);
    results.set(workload.id, row);
    console.error(`  ${workload.unit}: ${interim(row, workload)}`);
    if (workload.work.kind !== 'payload' || !chosenContender('pure')) continue;
    const { short, long } = MEMORY_NODES;
    for (const nodes of workload.work.bytes >= 1e6 ? [short, long] : [short]) {
      results.set(memoryId(workload.id, nodes), await peakOf(workload, nodes, tmp));
    }
    const peak = results.get(memoryId(workload.id, short))?.get('pure');
    const ours = row.get('pure');
    if (ours && 'measured' in ours && peak && 'measured' in peak) ours.measured.peakBytes = peak.measured.peakBytes ?? 0;
  }
  for (const workload of processes) {
    say(workload.title);
    const row = await raceProcesses(workload, chosenContender, { rounds, tmp, cli, peers });
    results.set(workload.id, row);
    console.error(`  ms: ${interim(row, { steps: 1, unit: 'ms' })}`);
  }
  const asked = PEERS.filter(chosenContender).flatMap((peer) => {
    const version = peers.version(peer);
    const note = version === undefined ? undefined : peers.note(peer);
    return version === undefined ? [] : [[NAMES[peer], { version, ...(note === undefined ? {} : { note }) }] as const];
  });
  const text = report({ results, rounds, peers: new Map(asked) });
  console.log(text);
  const met = GOALS.filter((goal) => isMet(goal, results)).length;
  const whole = wanted.length === 0 && only === undefined && rounds >= ROUNDS;
  if (whole) writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text);
  console.error(`bench: ${met} of ${GOALS.length} goals met${whole ? '; written to bench/RESULTS.md' : ''}`);
}

/** The built command line (`--production`: as users have it); undefined where it cannot be built. */
function build(options: readonly string[]): string | undefined {
  const { status } = spawnSync(process.execPath, [join(project, 'esbuild.mjs'), ...options], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 ? join(project, 'dist', 'cli.cjs') : undefined;
}

async function showProfile(id: string, tmp: string): Promise<void> {
  const workload = WORKLOADS.find((it) => it.id === id);
  const processWork = PROCESS_WORKLOADS.find((it) => it.id === id);
  if (workload) {
    const variant = VARIANTS.find((it) => only?.includes(it)) ?? 'pure';
    const lines = await profileSteps(workload, variant, tmp);
    const part = values.whole ? 'start to end' : 'steps';
    console.log(`${workload.title}, ${NAMES[variant]}, ${part}: itself, with what it calls\n${lines.join('\n')}`);
  } else if (processWork) {
    // With the names that functions have in the source.
    const cli = build([]);
    if (cli === undefined) throw new Error('The build failed');
    const { work, title } = processWork;
    const args = work.kind === 'cold' ? prepareCold(tmp) : (await prepareResume(tmp, work.passes)).args;
    const profiles = mkdtempSync(join(tmp, 'profile-'));
    spawnSync(process.execPath, ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${profiles}`, cli, ...args], { stdio: 'ignore' });
    const [file = ''] = readdirSync(profiles);
    console.log(`${title}: itself, with what it calls\n${selfTimes([JSON.parse(readFileSync(join(profiles, file), 'utf8'))]).join('\n')}`);
  } else {
    throw new Error(`There is no workload ${id}. There are: ${[...WORKLOADS, ...PROCESS_WORKLOADS].map((it) => it.id).join(', ')}`);
  }
}

async function profileSteps({ work }: Workload, variant: Variant, tmp: string): Promise<string[]> {
  const profiler = new Profiler();
  const round = async (watched: boolean): Promise<void> => {
    const steps: Watch = { opening: () => profiler.start(), ended: () => profiler.stop() };
    if (watched && values.whole) await profiler.start();
    await measureBelay(variant, work, mkdtempSync(join(tmp, 'run-')), watched && !values.whole ? steps : undefined);
    if (watched && values.whole) profiler.stop();
  };
  await round(false);
  await profiler.open();
  await repeated(() => round(true));
  return await profiler.close();
}

function say(text: string): void {
  console.error(`bench: ${text} …`);
}

// Beside the project, not in the system's folder for temporary files: that may be memory, and a sync of it says nothing.
const place = join(import.meta.dirname, '.tmp');
mkdirSync(place, { recursive: true });
const tmp = mkdtempSync(join(place, 'bench-'));
try {
  if (wanted.includes('browser')) {
    benchElsewhere('editor');
  } else if (wanted.includes('host')) {
    if (build([]) === undefined) throw new Error('The build failed');
    benchElsewhere('host');
  } else if (values.profile === undefined) {
    await measureAll(tmp);
  } else {
    await showProfile(values.profile, tmp);
  }
} finally {
  rmSync(tmp, { recursive: true, force: true });
}
