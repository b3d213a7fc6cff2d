import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { storeIn, temporaryRoot } from './testing/fixture.ts';

const LOCKER = fileURLToPath(new URL('testing/locker.ts', import.meta.url));

function locker(root: string, times: string): ReturnType<typeof spawn> {
  const child = spawn(process.execPath, [LOCKER, root, times], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

const folderOf = (root: string): string => join(root, '.belay', 'local', 'locks', createHash('sha256').update('turns').digest('hex'));

test('of several processes only one is inside at a time, and no file is left for each time', async () => {
  const root = await temporaryRoot();
  const ended = await Promise.all([1, 2, 3, 4].map(() => once(locker(root, '40'), 'close')));
  expect(ended).toEqual([
    [0, null],
    [0, null],
    [0, null],
    [0, null],
  ]);
  const files = await readdir(folderOf(root));
  expect(Math.max(...files.map(Number))).toBe(160);
  expect(files.length).toBeLessThan(10);
}, 60_000);

test('a process that is killed inside does not keep the others out', async () => {
  const root = await temporaryRoot();
  const holder = locker(root, 'hang');
  await once(holder.stdout!, 'data');
  const waiting = Promise.all([1, 2, 3].map(() => once(locker(root, '5'), 'close')));
  const ours = storeIn(root).exclusive('turns', async () => 'inside');
  expect(await Promise.race([ours, waiting, Promise.resolve('nobody yet')])).toBe('nobody yet');
  expect(await readdir(folderOf(root))).toEqual(['1']);
  holder.kill('SIGKILL');
  expect(await ours).toBe('inside');
  expect(await waiting).toEqual([
    [0, null],
    [0, null],
    [0, null],
  ]);
}, 60_000);

test('within a process turns are taken in order, and a failure inside is told and lets the next one in', async () => {
  const store = storeIn(await temporaryRoot());
  const order: string[] = [];
  const inside = (name: string) => async () => {
    order.push(`${name} in`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} out`);
    if (name === 'b') throw new Error('broken');
    return name;
  };
  const ended = await Promise.allSettled(['a', 'b', 'c'].map((name) => store.exclusive('turns', inside(name))));
  expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  expect(ended).toMatchObject([{ value: 'a' }, { reason: new Error('broken') }, { value: 'c' }]);
});

test.each([
  ['nothing', ''],
  ['half a line', '{"kind":"cli"'],
])('a lock that says %s is being written if it is young, and was left by a crash if it is old', async (_name, text) => {
  const root = await temporaryRoot();
  const store = storeIn(root);
  await store.exclusive('turns', async () => undefined);
  const path = join(folderOf(root), '2');
  await writeFile(path, text);
  let entered = false;
  const inside = store.exclusive('turns', async () => {
    entered = true;
  });
  // As long as it takes to have looked at the file more than once.
  const looks = Array.from({ length: 20 }, () => readdir(folderOf(root)));
  await Promise.all(looks);
  expect(entered).toBe(false);
  await utimes(path, new Date(0), new Date(0));
  await inside;
  expect(entered).toBe(true);
});

test('a number that leaves none after it is told at once', async () => {
  const root = await temporaryRoot();
  await mkdir(folderOf(root), { recursive: true });
  await writeFile(join(folderOf(root), '999999999999999'), 'free\n');
  await expect(storeIn(root).exclusive('turns', async () => 'inside')).rejects.toMatchObject({ code: 'LOCK_BUSY' });
});

test.skipIf(process.platform === 'win32')('a link in place of the folder leads nowhere', async () => {
  const root = await temporaryRoot();
  const elsewhere = await temporaryRoot();
  await writeFile(join(elsewhere, '1'), 'precious');
  await mkdir(join(folderOf(root), '..'), { recursive: true });
  await symlink(elsewhere, folderOf(root));
  await expect(storeIn(root).exclusive('turns', async () => 'inside')).rejects.toMatchObject({ code: 'LOCK_BUSY' });
  expect(await readdir(elsewhere)).toEqual(['1']);
});
