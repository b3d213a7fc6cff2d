/** Workers as processes of their own: begun, killed, and waited for with what they leave behind. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';

/** How a worker is killed: at a recorded event, after so many ms, or by a command at an effect. */
export type Plan =
  | { at: 'event'; events: number }
  | { at: 'time'; ms: number }
  | { at: 'effect'; when: 'before' | 'after' | 'instead'; label: string };

export interface Ended {
  killed: boolean;
  code: number | null;
  /** What it said. */
  lines: Record<string, unknown>[];
  stderr: string;
}

/** A worker that takes longer, in ms, hangs, and is ended: that is neither a death nor a good end. */
const LONGEST = 60_000;

/** The worker as few files, of which it reads what it needs: hundreds of it are begun. */
export async function buildWorker(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  });
  return join(folder, 'worker.mjs');
}

/** Runs a worker to its end or to its death, and until nothing of it is left. `count`: how many runs it is to have. */
export async function work(worker: string, root: string, count: number, plan?: Plan, env: Record<string, string> = {}): Promise<Ended> {
  rmSync(join(root, 'kill-plan'), { force: true });
  if (plan?.at === 'effect') writeFileSync(join(root, 'kill-plan'), `${plan.when} ${plan.label}`);
  const events = plan?.at === 'event' ? plan.events : 0;
  const child = spawn(process.execPath, [worker, root, String(count), String(events)], {
    // Those that end well keep what they compiled for the next.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_COMPILE_CACHE: join(dirname(worker), 'compiled'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (data) => {
    stdout += String(data);
    if (plan?.at === 'time' && timer === undefined && stdout.includes('"ready"')) timer = setTimeout(() => child.kill('SIGKILL'), plan.ms);
  });
  child.stderr.on('data', (data) => {
    stderr += String(data);
  });
  const hung = setTimeout(() => child.kill('SIGTERM'), LONGEST);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.once('close', (...end) => resolve(end)));
  clearTimeout(timer);
  clearTimeout(hung);
  await nothingIn(root);
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
  return {
    killed: signal === 'SIGKILL',
    code,
    lines: whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    stderr,
  };
}

/** Until no process works in the folder any more: commands outlive the host that was killed. */
async function nothingIn(root: string): Promise<void> {
  const folder = realpathSync(root);
  const isThere = (pid: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  };
  // Seldom: on a busy machine looking through all processes costs more than what is waited for.
  while (readdirSync('/proc').some((name) => /^\d+$/.test(name) && isThere(name))) await pause(20);
}
