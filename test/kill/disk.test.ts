/** The journal's disk is full, or its folder read-only: a clear error, nothing lost, and the run goes on when it can be written again. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { FileRunStore } from '../../src/providers/journal/file-run-store.ts';
import { silentLog } from '../../src/providers/journal/testing/silent-log.ts';
import { type EffectServer, startEffectServer } from './effect-server.ts';
import { judge } from './judge.ts';
import type { Ended } from './processes.ts';
import { buildWorker, work } from './processes.ts';
import { effectsIn, furnish } from './workspace.ts';

const home = mkdtempSync(join(tmpdir(), 'belay-disk-'));
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

interface Disk {
  root: string;
  /** Changes how the disk is mounted: `size=64m`, `ro`, … */
  remount(options: string): void;
}

/**
 * A folder whose `.belay/local` is a small disk of its own. Its flow remembers nothing: a step that cannot write down what it has to
 * remember fails by itself, which is another matter.
 */
function diskOf(name: string, options: string, { skip }: TestContext): Disk {
  const root = join(home, name);
  furnish(root, server.addressFor(root), false);
  const local = join(root, '.belay/local');
  mkdirSync(local, { recursive: true });
  const mount = (...args: string[]): void => void execFileSync('mount', [...args, local], { stdio: 'pipe' });
  try {
    mount('-t', 'tmpfs', '-o', options, 'tmpfs');
  } catch (error) {
    skip(`not tested: a small disk can be mounted here by nobody but root on Linux (${(error as Error).message.split('\n')[0]})`);
  }
  onTestFinished(() => void execFileSync('umount', [local], { stdio: 'pipe' }));
  return { root, remount: (changed) => mount('-o', `remount,${changed}`) };
}

const failures = ({ lines }: Ended): unknown[] =>
  lines.flatMap((line) => ('failed' in line ? [line.failed === 'INTERNAL' ? line.message : line.failed] : []));

/** What is left is brought to its end, and is as if nothing had happened. */
async function goesOn(root: string, count: number): Promise<void> {
  const rest = await work(worker, root, count);
  expect({ code: rest.code, stderr: rest.stderr, failures: failures(rest) }).toEqual({ code: 0, stderr: '', failures: [] });
  await judge(root, count);
}

it.for([8, 16, 24, 32])('the disk is full after %i KiB', { timeout: 150_000 }, async (size, context) => {
  const { root, remount } = diskOf(`full-${size}`, `size=${size}k`, context);
  const first = await work(worker, root, 1);
  expect({ code: first.code, failures: new Set(failures(first)) }).toEqual({ code: 1, failures: new Set(['JOURNAL_WRITE']) });
  remount('size=64m');
  await goesOn(root, 1);
});

it.for([64, 160])('the disk is full after %i KiB, with eight runs in one process', { timeout: 150_000 }, async (size, context) => {
  const { root, remount } = diskOf(`full-eight-${size}`, `size=${size}k`, context);
  const first = await work(worker, root, 8);
  expect({ code: first.code, failures: new Set(failures(first)) }).toEqual({ code: 1, failures: new Set(['JOURNAL_WRITE']) });
  remount('size=64m');
  await goesOn(root, 8);
});

it('nothing is begun where the journal cannot be written', { timeout: 150_000 }, async (context) => {
  const { root, remount } = diskOf('read-only', 'size=64m', context);
  remount('ro');
  const first = await work(worker, root, 1);
  expect({ code: first.code, failures: failures(first), effects: effectsIn(root) }).toEqual({
    code: 1,
    failures: ['JOURNAL_WRITE'],
    effects: [],
  });
  remount('rw');
  await goesOn(root, 1);
});

it('finished runs are neither removed nor kept where that cannot be written, and it is said', { timeout: 150_000 }, async (context) => {
  const { root, remount } = diskOf('finished', 'size=64m', context);
  await goesOn(root, 1);
  remount('ro');
  const store = new FileRunStore({ root, kind: 'cli', log: silentLog, now: Date.now });
  const [run] = await store.list();
  const refused = { code: 'JOURNAL_WRITE', message: expect.stringContaining('read-only') };
  await expect(store.remove(run!.id)).rejects.toMatchObject(refused);
  await expect(store.removeOld(run!.id)).rejects.toMatchObject(refused);
  await expect(store.keep(run!.id, true)).rejects.toMatchObject(refused);
  await expect(store.noteTidied({ at: 1 })).rejects.toMatchObject(refused);
  remount('rw');
  expect(await store.list()).toMatchObject([{ id: run!.id }]);
});

it.for([10, 25, 40])(
  'a run that died at event %i is not taken over while its journal is read-only',
  { timeout: 150_000 },
  async (events, context) => {
    const { root, remount } = diskOf(`left-${events}`, 'size=64m', context);
    expect(await work(worker, root, 1, { at: 'event', events })).toMatchObject({ killed: true });
    const before = effectsIn(root);
    remount('ro');
    const second = await work(worker, root, 1);
    expect({ code: second.code, failures: failures(second), effects: effectsIn(root) }).toEqual({
      code: 1,
      failures: ['JOURNAL_WRITE'],
      effects: before,
    });
    remount('rw');
    await goesOn(root, 1);
  },
);
