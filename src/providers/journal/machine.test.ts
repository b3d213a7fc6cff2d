import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machineIdentity } from './machine.ts';
import { temporaryRoot } from './testing/fixture.ts';

const boot = async (): Promise<string> => 'boot';

test('the identity is drawn once, whoever asks first, and is nobody else’s to read', async () => {
  const folder = join(await temporaryRoot(), 'state', 'belay');
  const all = await Promise.all(Array.from({ length: 8 }, () => machineIdentity(boot, () => folder)));
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(await readFile(join(folder, 'machine'), 'utf8')).toBe(`${all[0]}\n`);
  if (process.platform !== 'win32') expect((await stat(join(folder, 'machine'))).mode & 0o077).toBe(0);
});

test.each<[what: string, prepare: (folder: string) => Promise<unknown>]>([
  ['a file stands where the folder should', (folder) => writeFile(folder, '')],
  ['the file cannot be read', (folder) => mkdir(join(folder, 'machine'), { recursive: true })],
  ['the file holds something else', (folder) => mkdir(folder).then(() => writeFile(join(folder, 'machine'), 'x'))],
])('where %s, the boot stands in for it, or a number for this process', async (_what, prepare) => {
  const folder = join(await temporaryRoot(), 'belay');
  await prepare(folder);
  expect(await machineIdentity(boot, () => folder)).toBe('boot');
  expect(
    await machineIdentity(
      async () => '',
      () => folder,
    ),
  ).toMatch(/^[0-9a-f]{32}$/);
});
