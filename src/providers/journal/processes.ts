/**
 * Who owns a run, and whether that process is still there. A pid alone says nothing, as systems use pids again: the owner is the
 * process with that pid, that start and that boot of the machine.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { lazily } from '../../engine/format/lazily.ts';
import type { Owner } from '../../engine/run/events.ts';
import { machineIdentity } from './machine.ts';

const run = lazily(() => promisify(execFile));

/** An owner without a known process start shows by this file's age that it lives. */
export const HEARTBEAT_MS = 5000;
const HEARTBEAT_LOST_MS = 3 * HEARTBEAT_MS;

/** What the platform tells about processes. */
export interface ProcessTable {
  readonly pid: number;
  readonly host: string;
  /** See machine.ts. The same at every call. */
  machine(): Promise<string>;
  /** Empty where it cannot be had. */
  bootId(): Promise<string>;
  /** When the process started, in the platform's own words; empty: it lives, but its start cannot be had; undefined: there is none. */
  startOf(pid: number): Promise<string | undefined>;
}

/** Of this process: where it cannot be kept on disk, all stores have to draw the same one. */
let identity: Promise<string> | undefined;

/** The machine this process runs on. */
export function systemProcesses(): ProcessTable {
  const boot = process.platform === 'linux' ? linuxBoot : process.platform === 'darwin' ? macBoot : async () => '';
  const start = process.platform === 'linux' ? linuxStart : process.platform === 'darwin' ? macStart : probe;
  let bootId: Promise<string> | undefined;
  const machine = (): Promise<string> => {
    identity ??= machineIdentity(boot);
    return identity;
  };
  return {
    pid: process.pid,
    host: hostname(),
    machine,
    bootId() {
      bootId ??= boot();
      return bootId;
    },
    startOf: start,
  };
}

/** Nonces of the journals that this very process holds: its own pid being alive does not tell which of its runs it still has. */
const heldHere = new Set<string>();

export class Owners {
  readonly #kind: Owner['kind'];
  readonly #table: ProcessTable;

  constructor(kind: Owner['kind'], table: ProcessTable) {
    this.#kind = kind;
    this.#table = table;
  }

  /** An owner record for a journal about to be taken. Counts as held until `drop`. */
  async make(): Promise<Owner> {
    const owner: Owner = {
      kind: this.#kind,
      nonce: randomBytes(12).toString('base64url'),
      pid: this.#table.pid,
      processStart: (await this.#table.startOf(this.#table.pid)) ?? '',
      bootId: await this.#table.bootId(),
      host: this.#table.host,
      machine: await this.#table.machine(),
    };
    heldHere.add(owner.nonce);
    return owner;
  }

  drop(owner: Owner): void {
    heldHere.delete(owner.nonce);
  }

  /** Both, because homes are shared between machines too, and processes of another one cannot be looked up here. */
  async isLocal(owner: Owner): Promise<boolean> {
    return owner.host === this.#table.host && owner.machine === (await this.#table.machine());
  }

  /** Whether the owner is still there. Owners on other machines cannot be judged: false. */
  async isAlive(owner: Owner, heartbeat: string): Promise<boolean> {
    if (heldHere.has(owner.nonce)) return true;
    if (!(await this.isLocal(owner))) return false;
    const bootId = await this.#table.bootId();
    if (owner.bootId !== '' && bootId !== '' && owner.bootId !== bootId) return false;
    // This process would hold the nonce: it has let go after a fault, or it was given the pid of an owner that is gone.
    if (owner.pid === this.#table.pid) return false;
    const start = await this.#table.startOf(owner.pid);
    if (start === undefined) return false;
    if (owner.processStart === '') return await beats(heartbeat);
    // Better to leave a run to a process that cannot be told apart than to have two writers.
    return start === '' || start === owner.processStart;
  }
}

async function beats(heartbeat: string): Promise<boolean> {
  const found = await stat(heartbeat).catch(() => undefined);
  return found !== undefined && Math.abs(Date.now() - found.mtimeMs) < HEARTBEAT_LOST_MS;
}

/** Of a file that takes no disk; undefined: there is none. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function linuxBoot(): Promise<string> {
  return (textOf('/proc/sys/kernel/random/boot_id') ?? '').trim();
}

/** Fields 3 (state) and 22 (start in clock ticks since boot) of proc_pid_stat(5), counted behind the command's last parenthesis. */
async function linuxStart(pid: number): Promise<string | undefined> {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === undefined) return await probe(pid);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  return dead ? undefined : (fields[19] ?? '');
}

async function macBoot(): Promise<string> {
  return await run()('sysctl', ['-n', 'kern.bootsessionuuid']).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}

async function macStart(pid: number): Promise<string | undefined> {
  return await run()('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' } }).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => probe(pid),
  );
}

/** Whether there is such a process; its start cannot be had. */
async function probe(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? '' : undefined;
  }
}
