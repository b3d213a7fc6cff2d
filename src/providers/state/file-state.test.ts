import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { StateAddress, StateChange } from '../../engine/nodes/state/document.ts';
import { EMPTY, presentValue } from '../../engine/nodes/state/document.ts';
import { FileState } from './file-state.ts';

const APPENDER = fileURLToPath(new URL('./testing/appender.ts', import.meta.url));
const LIST: StateAddress = { scope: 'workspace', key: 'list' };

async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'belay-state-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

const set = (value: string): StateChange => ({ action: 'set', value });
const by = (id: string) => ({ id, run: 'r', at: 1 });
const remembered = async (root: string, address = LIST) => presentValue(await new FileState(root).read(address));

/** The folder of the only key there is. */
async function folderOf(root: string): Promise<string> {
  const state = join(root, '.belay', 'local', 'state');
  const [name = '', ...others] = await readdir(state);
  expect(others).toEqual([]);
  return join(state, name);
}

test('is there for the next process; reading alone makes no folder', async () => {
  const root = await newRoot();
  expect(await new FileState(root).read(LIST)).toEqual(EMPTY);
  expect(await readdir(root)).toEqual([]);
  await new FileState(root).change(LIST, set('a'), by('1'));
  expect(await new FileState(root).change(LIST, set('b'), by('2'))).toEqual({ gave: 1, value: 'b', previous: 'a' });
  expect((await new FileState(root).read(LIST)).entries).toEqual([
    { value: 'a', at: 1, run: 'r', change: '1' },
    { value: 'b', at: 1, run: 'r', change: '2' },
  ]);
});

test('keys and scopes are kept apart, whatever they are called', async () => {
  const root = await newRoot();
  const state = new FileState(root);
  const addresses: StateAddress[] = ['../../x', 'a', 'A', 'a\u0000b', 'é'].flatMap((key): StateAddress[] => [
    { scope: 'workspace', key },
    { scope: { flow: 'a.flow.json' }, key },
    { scope: { flow: 'b/a.flow.json' }, key },
  ]);
  for (const [i, address] of addresses.entries()) await state.change(address, set(`${i}`), by('1'));
  for (const [i, address] of addresses.entries()) expect(await remembered(root, address)).toBe(`${i}`);
});

test('a change is made once, whoever asks for it again', async () => {
  const root = await newRoot();
  const append: StateChange = { action: 'append', value: 'x' };
  const first = await new FileState(root).change(LIST, append, by('1'));
  await new FileState(root).change(LIST, { action: 'append', value: 'y' }, by('2'));
  expect(await new FileState(root).change(LIST, append, by('1'))).toEqual(first);
  expect(await remembered(root)).toEqual(['x', 'y']);
});

test('many at once in one process lose nothing, and old versions do not pile up', async () => {
  const root = await newRoot();
  const states = [new FileState(root), new FileState(root)];
  await Promise.all(Array.from({ length: 40 }, (_, i) => states[i % 2]!.change(LIST, { action: 'append', value: i }, by(`${i}`))));
  const value = await remembered(root);
  expect([...(value as number[])].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect((await readdir(await folderOf(root))).length).toBeLessThanOrEqual(4);
  expect(await readdir(join(root, '.belay', 'local', 'tmp'))).toEqual([]);
});

function append(root: string, name: string, count: number) {
  const child = spawn(process.execPath, [APPENDER, root, name, `${count}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, lines: createInterface(child.stdout) };
}

test('processes that change one key at once lose nothing, each in its own order', async () => {
  const root = await newRoot();
  const names = ['a', 'b', 'c'];
  expect(await Promise.all(names.map((name) => append(root, name, 25).ended))).toEqual([0, 0, 0]);
  const value = (await remembered(root)) as string[];
  expect(value).toHaveLength(75);
  for (const name of names) {
    expect(value.filter((item) => item.startsWith(name))).toEqual(Array.from({ length: 25 }, (_, i) => `${name}${i}`));
  }
}, 30_000);

test('what was said to be remembered is, when the process is killed in the middle; the next one goes on at once', async () => {
  const root = await newRoot();
  let said = 0;
  for (const name of ['a', 'b', 'c', 'd']) {
    const { child, ended, lines } = append(root, name, 1000);
    let told = 0;
    for await (const _line of lines) {
      told += 1;
      if (told === 5) child.kill('SIGKILL');
    }
    await ended;
    const value = (await remembered(root)) as string[];
    const own = value.filter((item) => item.startsWith(name));
    expect(own).toEqual(Array.from({ length: own.length }, (_, i) => `${name}${i}`));
    expect(own.length).toBeGreaterThanOrEqual(told);
    said += own.length;
    expect(value).toHaveLength(said);
  }
}, 30_000);

test('a file that a crash tore (where there are no hard links) is passed over, and its number too', async () => {
  const root = await newRoot();
  await new FileState(root).change(LIST, set('a'), by('1'));
  await writeFile(join(await folderOf(root), '000000002.json'), '{"format":1,"entr');
  expect(await remembered(root)).toBe('a');
  expect(await new FileState(root).change(LIST, set('b'), by('2'))).toMatchObject({ previous: 'a' });
  expect(await remembered(root)).toBe('b');
});

test.each<[what: string, text: string, code: string]>([
  ['not JSON', '{"format":1\n', 'STATE_CORRUPT'],
  ['of another shape', '{"format":1,"machine":"here","scope":"workspace","key":"list","entries":{}}\n', 'STATE_CORRUPT'],
  ['written by a newer Belay', '{"format":2}\n', 'STATE_NEWER'],
])('what is %s is told, and nothing is written over it', async (_what, text, code) => {
  const root = await newRoot();
  const state = new FileState(root, async () => 'here');
  await state.change(LIST, set('a'), by('1'));
  await writeFile(join(await folderOf(root), '000000002.json'), text);
  await expect(state.read(LIST)).rejects.toMatchObject({ code });
  await expect(state.change(LIST, set('b'), by('2'))).rejects.toMatchObject({ code });
  expect(await readdir(await folderOf(root))).toEqual(['000000001.json', '000000002.json']);
});

test.skipIf(process.platform === 'win32')('a link in place of the folder leads nowhere', async () => {
  const root = await newRoot();
  const elsewhere = await newRoot();
  await new FileState(root).change(LIST, set('a'), by('1'));
  const folder = await folderOf(root);
  await rm(folder, { recursive: true });
  await symlink(elsewhere, folder);
  await expect(new FileState(root).change(LIST, set('b'), by('2'))).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  expect(await readdir(elsewhere)).toEqual([]);
});

test('a folder that cannot be made is a clear error', async () => {
  const root = await newRoot();
  await mkdir(join(root, '.belay', 'local'), { recursive: true });
  await writeFile(join(root, '.belay', 'local', 'state'), 'in the way');
  await expect(new FileState(root).change(LIST, set('b'), by('2'))).rejects.toMatchObject({ code: 'JOURNAL_FOLDER' });
  await expect(remembered(root)).rejects.toMatchObject({ code: 'STATE_FAILED', hint: expect.stringContaining('run the flow again') });
});

test('what came with a repository is not remembered, and what is written here goes on from its number', async () => {
  const root = await newRoot();
  await new FileState(root, async () => 'there').change(LIST, set('forged'), by('1'));
  const here = new FileState(root, async () => 'here');
  expect(await here.read(LIST)).toEqual(EMPTY);
  expect(await here.change(LIST, set('own'), by('2'))).toMatchObject({ value: 'own', previous: null });
  expect(presentValue(await here.read(LIST))).toBe('own');
  expect(await readdir(await folderOf(root))).toContain('000000002.json');
});

test('a number that leaves none after it is told at once', async () => {
  const root = await newRoot();
  await new FileState(root).change(LIST, set('a'), by('1'));
  const folder = await folderOf(root);
  await rename(join(folder, '000000001.json'), join(folder, '999999999.json'));
  await expect(new FileState(root).change(LIST, set('b'), by('2'))).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
});

test.skipIf(process.platform === 'win32')('a link in place of a file is told, also one that leads nowhere', async () => {
  const root = await newRoot();
  await new FileState(root).change(LIST, set('a'), by('1'));
  await symlink(join(root, 'nowhere'), join(await folderOf(root), '000000002.json'));
  await expect(remembered(root)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
});
