/** Whole processes side by side, from `spawn` to their end, or to what was asked of them. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { prepareCold, prepareResume } from './belay/processes.ts';
import type { PeerHost } from './peer-host.ts';
import { type Result, race } from './race.ts';
import type { Answer, Peer, ProcessWork, ProcessWorkload } from './work.ts';

type Entrant = ProcessWorkload['contenders'][number];

/** A start that takes longer (ms) is given up. */
const PATIENCE = 60_000;

interface Start {
  node: string;
  args: string[];
  /** What stands in its output when it has done what was asked; undefined: it ends then. */
  until?: RegExp | undefined;
}

/** A resumed run has gone on when the node after those that were kept has ended. Peers make this one node and end. */
const NEXT_NODE = /^improve #\d+ › add: succeeded/m;

/** Makes `folder` ready and says what to start in it; undefined: there is no such thing. */
type Prepare = (folder: string) => Promise<((folder: string) => Start) | undefined>;

export interface ProcessRaceOptions {
  rounds: number;
  tmp: string;
  /** The built command line; undefined: the build failed. */
  cli: string | undefined;
  peers: PeerHost;
}

export async function raceProcesses(
  { work, contenders }: ProcessWorkload,
  chosen: (entrant: Entrant) => boolean,
  { rounds, tmp, cli, peers }: ProcessRaceOptions,
): Promise<Map<Entrant, Result>> {
  const entrants = contenders.filter(chosen);
  const prepared = new Map<Entrant, { folder: string; start: (folder: string) => Start } | Answer>();
  for (const entrant of entrants) {
    const folder = mkdtempSync(join(tmp, 'prepared-'));
    const prepare = entrant === 'bare' ? bare : entrant === 'pure' ? belay(work, cli) : peer(entrant, work, peers);
    const start = await prepare(folder).catch(
      (error: unknown): Answer => ({ failed: error instanceof Error ? error.message : String(error) }),
    );
    prepared.set(entrant, start === undefined ? { none: true } : typeof start === 'function' ? { folder, start } : start);
  }
  return await race(entrants, rounds, async (entrant) => {
    const ready = prepared.get(entrant);
    if (ready === undefined || !('start' in ready)) return ready ?? { none: true };
    const folder = mkdtempSync(join(tmp, 'copy-'));
    cpSync(ready.folder, folder, { recursive: true });
    try {
      return { measured: { ms: await timed(ready.start(folder)) } };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

const bare: Prepare = async () => () => ({ node: process.execPath, args: ['-e', '0'] });

function belay(work: ProcessWork, cli: string | undefined): Prepare {
  return async (folder) => {
    if (cli === undefined) throw new Error('the build failed');
    const args = work.kind === 'cold' ? prepareCold(folder) : (await prepareResume(folder, work.passes)).args;
    const until = work.kind === 'resume' ? NEXT_NODE : undefined;
    return (copy) => ({ node: process.execPath, args: [cli, ...args.map((arg) => arg.replace(folder, copy))], until });
  };
}

function peer(name: Peer, work: ProcessWork, peers: PeerHost): Prepare {
  return async (folder) => {
    const { node, script } = peers.command(name);
    if (work.kind === 'resume') await timed({ node, args: [script, name, 'prepare', folder, String(work.passes)] });
    const passes = work.kind === 'resume' ? [String(work.passes)] : [];
    return (copy) => ({ node, args: [script, name, work.kind, copy, ...passes] });
  };
}

/** Milliseconds from the call to what was asked. Throws where the process does not end well. */
function timed({ node, args, until }: Start): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE, killSignal: 'SIGKILL' });
    let said = '';
    let reached: number | undefined;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4000);
        if (until?.test(said)) reached ??= performance.now() - began;
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const ms = performance.now() - began;
      if (code === 0 && until === undefined) return resolve(ms);
      if (code === 0) return reached === undefined ? reject(new Error('ended without what was asked of it')) : resolve(reached);
      const why = said.match(/^(?:\w*Error|[A-Z_]+):.*$/m)?.[0] ?? said.trim().split('\n').at(-1) ?? '';
      reject(new Error(`ended with ${signal ?? code}: ${why}`.slice(0, 200)));
    });
  });
}
