import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let cache: string;
let withLock: typeof import('./lock.mjs').withLock;

beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'belay-lock-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  vi.resetModules();
  ({ withLock } = await import('./lock.mjs'));
  mkdirSync(join(cache, 'belay'));
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

test('two at once work one after the other', async () => {
  const order: string[] = [];
  let release = () => {};
  const first = withLock('turn', async () => {
    order.push('first in');
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    order.push('first out');
  });
  const second = withLock('turn', async () => {
    order.push('second in');
  });
  release();
  await Promise.all([first, second]);
  expect(order).toEqual(['first in', 'first out', 'second in']);
});

test.each([
  // The largest number Linux can be told to allow, plus one: nobody's.
  { name: 'a process that is gone', text: '4194305', age: 0 },
  { name: 'a process that died before it wrote its number', text: '', age: 60 },
])('the lock of $name is overruled', async ({ text, age }) => {
  const file = join(cache, 'belay', 'old.lock');
  writeFileSync(file, text);
  const then = Date.now() / 1000 - age;
  utimesSync(file, then, then);
  expect(await withLock('old', async () => 'mine')).toBe('mine');
});

test('the lock is free again after a failure', async () => {
  await expect(withLock('fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock('fails', async () => 'mine')).toBe('mine');
});
