/**
 * Ending a command with everything it started. Its own process group reaches most; what left the group is found by its ancestry,
 * its session, or a mark in its environment (Linux), as far as the platform tells.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The environment variable that marks what belongs to a command. */
export const MARK = 'BELAY_COMMAND_ID';

/** A process, and when it started: a reused pid is another process. */
interface Process {
  pid: number;
  parent: number;
  group: number;
  session: number;
  started: string;
}

/** How often, in ms, it is looked whether the processes have gone. */
const POLL = 50;
/** After SIGKILL only the kernel can hold a process back; it is not waited for without end. */
const KILL_WAIT = 5000;

/**
 * SIGTERM to the tree, SIGKILL to what is left after `graceMs`. Resolves when nothing of it is left.
 * @param root The command, leader of its own group and session (spawned `detached`).
 * @param mark The value of `MARK` in its environment.
 */
export async function endTree(root: number, mark: string, graceMs: number): Promise<void> {
  if (process.platform === 'win32') {
    await promisify(execFile)('taskkill', ['/pid', String(root), '/T', '/F'], { windowsHide: true }).catch(() => undefined);
    return;
  }
  // Once seen as part of the tree a process stays a part of it, even if its parent is gone and it was adopted.
  const known = new Map<number, Process>();
  signalAll(await tree(root, mark, known), 'SIGTERM');
  signalGroup(root, 'SIGTERM');
  if (await goneWithin(root, mark, known, graceMs)) return;
  const deadline = Date.now() + KILL_WAIT;
  do {
    signalGroup(root, 'SIGKILL');
    signalAll(await tree(root, mark, known), 'SIGKILL');
  } while (!(await goneWithin(root, mark, known, POLL * 2)) && Date.now() < deadline);
}

/**
 * Ends what carries the mark although its host is gone: what a host that was killed left running. Linux only, where a mark can be read;
 * elsewhere nothing is done.
 */
export async function endStrays(mark: string, graceMs: number): Promise<void> {
  if (process.platform !== 'linux') return;
  const deadline = Date.now() + graceMs;
  // Before every command: what is read of all processes is their environment alone, which a zombie has not.
  const find = async () => markedAmong(await pidsNow(), mark);
  for (let strays = await find(); strays.length > 0; strays = await find()) {
    if (Date.now() > deadline + KILL_WAIT) return;
    signalAll(strays, Date.now() < deadline ? 'SIGTERM' : 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** At once, for a host that is exiting: the group only, without looking for more. */
export function killGroup(root: number): void {
  if (process.platform !== 'win32') signalGroup(root, 'SIGKILL');
}

async function goneWithin(root: number, mark: string, known: Map<number, Process>, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  for (;;) {
    if ((await tree(root, mark, known)).length === 0) return true;
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** What lives of the tree now. Zombies do not count: they only wait to be collected. */
async function tree(root: number, mark: string, known: Map<number, Process>): Promise<Process[]> {
  const all = process.platform === 'linux' ? await readProc() : await readPs();
  const byPid = new Map(all.map((it) => [it.pid, it]));
  for (const [pid, it] of known) if (byPid.get(pid)?.started !== it.started) known.delete(pid);
  const belongs = (it: Process) => it.pid === root || it.group === root || it.session === root || known.has(it.parent);
  let grown = true;
  while (grown) {
    grown = false;
    for (const it of all) {
      if (known.has(it.pid) || !belongs(it)) continue;
      known.set(it.pid, it);
      grown = true;
    }
  }
  if (process.platform === 'linux') {
    const unknown = all.filter((it) => !known.has(it.pid));
    for (const it of await markedAmong(unknown, mark)) known.set(it.pid, it);
  }
  return [...known.values()];
}

/** The processes that carry the mark in their environment. Those of other users cannot be read, and are not ours. */
async function markedAmong<T extends Pick<Process, 'pid'>>(processes: readonly T[], mark: string): Promise<T[]> {
  const needle = Buffer.from(`${MARK}=${mark}\0`);
  const marked = await Promise.all(
    processes.map(async (it) => {
      if (it.pid === process.pid) return undefined;
      const environment = await readFile(`/proc/${it.pid}/environ`).catch(() => undefined);
      return environment?.includes(needle) ? it : undefined;
    }),
  );
  return marked.filter((it) => it !== undefined);
}

async function pidsNow(): Promise<Pick<Process, 'pid'>[]> {
  return (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map((name) => ({ pid: Number(name) }));
}

/** `man 5 proc`, `/proc/PID/stat`: fields behind the name in parentheses: state, ppid, pgrp, session, …, starttime (22nd of all). */
async function readProc(): Promise<Process[]> {
  const read = await Promise.all(
    (await pidsNow()).map(async ({ pid }): Promise<Process | undefined> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
      if (stat === undefined) return undefined;
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
      return {
        pid,
        parent: Number(fields[1]),
        group: Number(fields[2]),
        session: Number(fields[3]),
        started: fields[19] ?? '',
      };
    }),
  );
  return read.filter((it) => it !== undefined);
}

async function readPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { maxBuffer: 16 * 1_048_576 });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (!match || match[4]?.startsWith('Z')) return [];
    return [{ pid: Number(match[1]), parent: Number(match[2]), group: Number(match[3]), session: -1, started: match[5] ?? '' }];
  });
}

function signalAll(processes: readonly Pick<Process, 'pid'>[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) send(pid, signal);
}

function signalGroup(root: number, signal: NodeJS.Signals): void {
  send(-root, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already, or it changed its user and is out of reach.
  }
}
