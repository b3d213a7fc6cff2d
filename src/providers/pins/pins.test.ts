import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Pin } from './pins.ts';
import { Pins } from './pins.ts';

const FLOW = 'flows/a.flow.json';
const pin = (output: string): Pin => ({ outlet: 'success', output, trust: 'trusted', by: 'ada', at: 1 });
const here = async (): Promise<string> => 'here';

const redact = (text: string): string => text.replaceAll('hunter2', '[redacted]');

async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'belay-pins-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

test('are there for the next process, each flow with its own; looking makes no folder', async () => {
  const root = await newRoot();
  expect(await new Pins(root, redact, here).of(FLOW)).toEqual({});
  expect(await readdir(root)).toEqual([]);
  const pins = new Pins(root, redact, here);
  await Promise.all([pins.set(FLOW, 'x', pin('1')), pins.set(FLOW, 'y', pin('2')), pins.set('../b', 'x', pin('3'))]);
  expect(await new Pins(root, redact, here).of(FLOW)).toEqual({ x: pin('1'), y: pin('2') });
  expect(await new Pins(root, redact, here).of('../b')).toEqual({ x: pin('3') });
});

test('are removed one by one, or all', async () => {
  const root = await newRoot();
  const pins = new Pins(root, redact, here);
  for (const id of ['x', 'y', 'z']) await pins.set(FLOW, id, pin(id));
  expect(await pins.remove(FLOW, 'y')).toEqual(['y']);
  expect(await pins.remove(FLOW, 'y')).toEqual([]);
  expect(await pins.remove(FLOW)).toEqual(['x', 'z']);
  expect(await readdir(join(root, '.belay', 'local', 'pins'))).toEqual([]);
});

test('have no secrets in them', async () => {
  const root = await newRoot();
  const pins = new Pins(root, redact, here);
  await pins.set(FLOW, 'x', { ...pin(''), output: { text: 'key=hunter2', hunter2: [1] } });
  const folder = join(root, '.belay', 'local', 'pins');
  expect(await readFile(join(folder, (await readdir(folder))[0] ?? ''), 'utf8')).not.toContain('hunter2');
  expect(await pins.of(FLOW)).toMatchObject({ x: { output: { text: 'key=[redacted]' } } });
});

test.each<[string, (text: string) => string]>([
  ['came with a repository', (text) => text.replace('"here"', '"there"')],
  ['is of a newer format', (text) => text.replace('"format": 1', '"format": 2')],
  ['is torn', (text) => text.slice(0, -20)],
])('a file that %s is passed over', async (_how, change) => {
  const root = await newRoot();
  await new Pins(root, redact, here).set(FLOW, 'x', pin('1'));
  const folder = join(root, '.belay', 'local', 'pins');
  const path = join(folder, (await readdir(folder))[0] ?? '');
  await writeFile(path, change(await readFile(path, 'utf8')));
  expect(await new Pins(root, redact, here).of(FLOW)).toEqual({});
});

test.skipIf(process.platform === 'win32')('a link in place of the folder leads nowhere', async () => {
  const root = await newRoot();
  const elsewhere = await newRoot();
  await new Pins(root, redact, here).set(FLOW, 'x', pin('1'));
  const folder = join(root, '.belay', 'local', 'pins');
  const [name = ''] = await readdir(folder);
  await writeFile(join(elsewhere, name), await readFile(join(folder, name)));
  await rm(folder, { recursive: true });
  await symlink(elsewhere, folder);
  const pins = new Pins(root, redact, here);
  for (const use of [() => pins.of(FLOW), () => pins.set(FLOW, 'y', pin('2')), () => pins.remove(FLOW)]) {
    await expect(use()).rejects.toMatchObject({ code: 'JOURNAL_FOLDER' });
  }
  expect(await readdir(elsewhere)).toEqual([name]);
});

test('a disk that does not take them is told', async () => {
  const root = await newRoot();
  await writeFile(join(root, '.belay'), '');
  await expect(new Pins(root, redact, here).set(FLOW, 'x', pin('1'))).rejects.toMatchObject({ code: 'JOURNAL_FOLDER' });
});
