// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './log.mjs';

/** Groups that must not outlive this process. @type {Set<number>} */
const running = new Set();

/** The exit code that we are about to end with, from the moment somebody ends us. @type {number | undefined} */
let ending;

/**
 * Runs a program to its end in a process group of its own.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log?: string, limit?: number }} [options]
 *   `log`: the file that takes the output instead of the terminal; `limit`: milliseconds after which it is ended
 * @returns {Promise<number>} the exit code; 128 when a signal ended it, 127 when it could not be started, 124 when the limit did
 */
export async function run(command, args, options = {}) {
  // Whoever waits for us goes no further; the signal's handler ends the process.
  if (ending !== undefined) return await new Promise(() => {});
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  try {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', log ?? 'inherit', log ?? 'inherit'],
    });
    adopt(child);
    return await new Promise((resolve) => {
      child.once('error', () => resolve(127));
      child.once('exit', (code) => resolve(code ?? 128));
      const { limit } = options;
      if (limit === undefined) return;
      setTimeout(() => {
        resolve(124);
        if (child.pid !== undefined) void endTree(child.pid);
      }, limit).unref();
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/**
 * Runs a program that has to succeed, quietly: the end of its output is shown only when it fails.
 * @param {string} code the stable code of the failure
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log: string, next: string }} options
 */
export async function mustRun(code, command, args, options) {
  rmSync(options.log, { force: true });
  const exit = await run(command, args, options);
  if (exit === 0) return;
  const tail = existsSync(options.log) ? readFileSync(options.log, 'utf8').trimEnd().split('\n').slice(-40).join('\n') : '';
  throw new SetupError(
    code,
    `\`${[command, ...args].join(' ')}\` ended with ${exit}\n${tail}`,
    `${options.next} (whole log: ${options.log})`,
  );
}

/**
 * Runs a program for its answer.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string | undefined>} its standard output, or undefined when it is missing or fails
 */
export async function ask(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', resolve);
  });
  return code === 0 ? output.trim() : undefined;
}

/**
 * @param {string} name a program
 * @returns {string | undefined} where PATH finds it
 */
export function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const candidate of process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name]) {
      if (folder !== '' && existsSync(join(folder, candidate))) return join(folder, candidate);
    }
  }
  return undefined;
}

/**
 * Makes this process responsible for a child that leads a process group: `endAll` ends it.
 * @param {import('node:child_process').ChildProcess} child started with `detached: true`
 */
export function adopt(child) {
  const pid = child.pid;
  if (pid === undefined) return;
  running.add(pid);
  child.once('exit', () => running.delete(pid));
}

/**
 * Every process below `pid`, nearest first. Groups are not enough: terminals in VS Code lead sessions of their own.
 * @param {number} pid
 * @returns {Promise<{ pid: number, command: string }[]>}
 */
export async function descendants(pid) {
  const all = existsSync('/proc/self/stat') ? processesFromProc() : await processesFromPs();
  const found = [];
  const parents = [pid];
  for (const parent of parents) {
    for (const entry of all) {
      if (entry.parent !== parent) continue;
      parents.push(entry.pid);
      found.push({ pid: entry.pid, command: entry.command });
    }
  }
  return found;
}

function processesFromProc() {
  const entries = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name stands in parentheses and may hold anything: the fields are counted from the last one.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      entries.push({ pid: Number(name), parent: Number(fields[1]), command });
    } catch {
      // It ended while we looked.
    }
  }
  return entries;
}

async function processesFromPs() {
  const table = (await ask('ps', ['-A', '-o', 'pid=,ppid=,command='])) ?? '';
  return table.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }] : [];
  });
}

/**
 * Ends a child and everything below it: asks first, then insists.
 * @param {number} pid the leader of the tree
 * @param {number} [patience] milliseconds between the two
 */
export async function endTree(pid, patience = 4000) {
  const pids = [...(await descendants(pid)).map((entry) => entry.pid), pid];
  for (const each of pids) signal(each, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (Date.now() < deadline && pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const each of pids) if (isAlive(each)) signal(each, 'SIGKILL');
}

/** Ends everything that `adopt` holds. */
export async function endAll() {
  await Promise.all([...running].map((pid) => endTree(pid)));
}

/**
 * Ends the children when the person or the CI ends us, and gives the conventional exit code.
 * @param {() => void} [before] said once, before the children end
 * @returns {() => number | undefined} that exit code from the moment somebody ends us
 */
export function endWithUs(before = () => {}) {
  for (const [name, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.on(name, () => {
      if (ending !== undefined) return;
      ending = code;
      before();
      void endAll().then(() => process.exit(code));
    });
  }
  return () => ending;
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // A zombie has ended; its parent just has not looked yet.
    return !/^\d+ \(.*\) Z/s.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '');
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already, which is what we want.
  }
}
