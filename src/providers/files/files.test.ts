import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkspaceFiles } from '../../engine/ports.ts';
import { createWorkspaceFiles } from './files.ts';
import { isProtected } from './paths.ts';

let base: string;
let root: string;
let files: WorkspaceFiles;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'belay-files-')));
  root = join(base, 'work');
  await mkdir(join(root, 'flows/deep'), { recursive: true });
  await mkdir(join(root, '.git'));
  await mkdir(join(base, 'elsewhere'));
  await writeFile(join(base, 'elsewhere/secret.txt'), 'secret');
  await writeFile(join(root, 'flows/a.txt'), 'grün');
  files = createWorkspaceFiles(root);
});
afterEach(() => rm(base, { recursive: true, force: true }));

const at = async (path: string, from = 'flows') => (await files.resolve(path, from)).absolute;
const posix = process.platform !== 'win32';
const asRoot = process.getuid?.() === 0;

describe('where a path leads', () => {
  it.each<[path: string, from: string, relative: string]>([
    ['a.txt', 'flows', 'flows/a.txt'],
    ['./a.txt', 'flows', 'flows/a.txt'],
    ['../x.txt', 'flows', 'x.txt'],
    ['new/folder/x.txt', 'flows', 'flows/new/folder/x.txt'],
    ['.', 'flows', 'flows'],
    ['..', 'flows', '.'],
    ['..x', '.', '..x'],
    ['link/a.txt', '.', 'flows/a.txt'],
    ['link/new.txt', '.', 'flows/new.txt'],
    ['grün/ß.txt', '.', 'grün/ß.txt'],
  ])('%s from %s: %s', async (path, from, relative) => {
    await symlink('flows', join(root, 'link'));
    expect(await files.resolve(path, from)).toEqual({
      absolute: relative === '.' ? root : join(root, relative),
      relative,
      protected: false,
    });
  });

  it('takes an absolute path inside the root, also by way of a link to it', async () => {
    await symlink(root, join(base, 'alias'));
    const viaAlias = createWorkspaceFiles(join(base, 'alias'));
    expect(viaAlias.root).toBe(root);
    for (const path of [join(root, 'flows/a.txt'), join(base, 'alias/flows/a.txt')]) {
      expect(await viaAlias.resolve(path, '.')).toMatchObject({ absolute: join(root, 'flows/a.txt') });
    }
  });

  it.each<[code: string, path: string]>([
    ['FILE_OUTSIDE', '../..'],
    ['FILE_OUTSIDE', '../../elsewhere/secret.txt'],
    ['FILE_OUTSIDE', '/etc/passwd'],
    ['FILE_OUTSIDE', '../../work-2/x'],
    ['FILE_OUTSIDE', 'out/secret.txt'],
    ['FILE_OUTSIDE', 'out/new.txt'],
    ['FILE_OUTSIDE', 'out/new/deep.txt'],
    ['FILE_OUTSIDE', 'secret-link'],
    ['FILE_OUTSIDE', 'dangling'],
    ['FILE_OUTSIDE', 'dangling/x'],
    ['FILE_OUTSIDE', 'circle'],
    ['FILE_OUTSIDE', 'circle/x'],
    ['FILE_PATH_INVALID', ''],
    ['FILE_PATH_INVALID', 'a\0.txt'],
    ['FILE_PATH_INVALID', '//server/share/x'],
    ['FILE_PATH_INVALID', '\\\\server\\share\\x'],
    ['FILE_PATH_INVALID', '\\\\?\\C:\\x'],
    ['FILE_PATH_INVALID', '..\\..\\x'],
    ['FILE_PATH_INVALID', 'C:\\x'],
    ['FILE_PATH_INVALID', 'c:/x'],
  ])('%s: %j', async (code, path) => {
    await symlink('../../elsewhere', join(root, 'flows/out'));
    await symlink(join(base, 'elsewhere/secret.txt'), join(root, 'flows/secret-link'));
    await symlink(join(base, 'elsewhere/nothing-yet'), join(root, 'flows/dangling'));
    await symlink('circle', join(root, 'flows/circle'));
    await expect(files.resolve(path, 'flows')).rejects.toMatchObject({ code, hint: expect.stringMatching(/./) });
  });
});

it('a folder that somebody makes at this moment does not lead outside', async () => {
  const folder = join(root, 'flicker');
  const flicker = setInterval(() => (existsSync(folder) ? rmdirSync(folder) : mkdirSync(folder)), 0);
  try {
    for (let turn = 0; turn < 500; turn += 1) expect(await at('../flicker/x.txt')).toBe(join(folder, 'x.txt'));
  } finally {
    clearInterval(flicker);
  }
});

describe('what is protected', () => {
  it.each<[string, boolean]>([
    ['.git/config', true],
    ['.GIT/config', true],
    ['.git./config', true],
    ['.git /config', true],
    ['.g\u200bit/config', true],
    ['sub/.git/hooks/pre-commit', true],
    ['.belay/policy.json', true],
    ['.vscode/settings.json', true],
    ['.github/agents/a.md', true],
    ['.github/workflows/a.yml', false],
    ['x.flow.json', true],
    ['deep/X.FLOW.JSON', true],
    ['a.agent.md', true],
    ['prompts/a.prompt.md', true],
    ['a.prompt.md. ', true],
    ['notes/git/x', false],
    ['.gitignore', false],
    ['agents/x', false],
    ['flow.json', false],
  ])('%s: %s', (path, expected) => expect(isProtected(path)).toBe(expected));

  it('is told by where a link leads as much as by its name', async () => {
    await symlink('../.git', join(root, 'flows/harmless'));
    await symlink('../flows', join(root, '.git/inside'));
    expect(await files.resolve('harmless/config', 'flows')).toMatchObject({ relative: '.git/config', protected: true });
    expect(await files.resolve('.git/inside/a.txt', '.')).toMatchObject({ relative: 'flows/a.txt', protected: true });
  });
});

describe('reading', () => {
  it('gives the text and its hash', async () => {
    expect(await files.read(await at('a.txt'), 100)).toBe('grün');
    expect(await files.hash(await at('a.txt'))).toBe(await sha(join(root, 'flows/a.txt')));
    expect(await files.hash(await at('missing.txt'))).toBeUndefined();
  });

  it.each<[code: string, kind: string, prepare: (path: string) => Promise<unknown> | unknown]>([
    ['FILE_NOT_FOUND', 'notFound', () => undefined],
    ['FILE_IS_FOLDER', 'badRequest', (path) => mkdir(path)],
    ['FILE_TOO_LARGE', 'badRequest', (path) => writeFile(path, 'x'.repeat(101))],
    ['FILE_NOT_TEXT', 'badRequest', (path) => writeFile(path, Buffer.from([0x66, 0xff, 0xfe]))],
    ['FILE_NOT_TEXT', 'badRequest', (path) => writeFile(path, 'a\0b')],
    ['FILE_NOT_A_FILE', 'badRequest', (path) => execFileSync('mkfifo', [path])],
  ])('%s', async (code, kind, prepare) => {
    await prepare(join(root, 'flows/x'));
    await expect(files.read(await at('x'), 100)).rejects.toMatchObject({ code, kind, message: expect.stringContaining('flows/x') });
  });

  it('leaves out a byte order mark', async () => {
    await writeFile(join(root, 'flows/bom.txt'), '\uFEFF{}');
    expect(await files.read(await at('bom.txt'), 100)).toBe('{}');
  });

  it('does not follow a link that was put there after the check', async () => {
    const absolute = await at('later.txt');
    await symlink(join(base, 'elsewhere/secret.txt'), absolute);
    await expect(files.read(absolute, 100)).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
    await expect(files.write(absolute, 'x')).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
    await expect(files.append(absolute, 'x')).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
  });

  it('does not follow a folder that became a link to a protected place', async () => {
    const absolute = await at('deep/x.txt');
    await rm(join(root, 'flows/deep'), { recursive: true });
    await symlink('../.git', join(root, 'flows/deep'));
    await expect(files.write(absolute, 'x')).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
    expect(await readdir(join(root, '.git'))).toEqual([]);
  });
});

async function sha(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

describe('writing', () => {
  it('makes folders, writes whole, leaves nothing else', async () => {
    const absolute = await at('new/folder/x.md');
    const { bytes, sha256 } = await files.write(absolute, 'für');
    expect([bytes, sha256]).toEqual([4, await sha(absolute)]);
    expect(await readFile(absolute, 'utf8')).toBe('für');
    expect(await readdir(dirname(absolute))).toEqual(['x.md']);
  });

  it('replaces, keeping the mode', async () => {
    const absolute = await at('a.txt');
    await chmod(absolute, 0o640);
    await files.write(absolute, 'new');
    expect(await readFile(absolute, 'utf8')).toBe('new');
    if (posix) expect((await stat(absolute)).mode & 0o777).toBe(0o640);
  });

  it('replaces a name, not the file behind another name of it', async () => {
    await link(join(root, 'flows/a.txt'), join(root, 'flows/b.txt'));
    await files.write(await at('b.txt'), 'new');
    expect(await readFile(join(root, 'flows/a.txt'), 'utf8')).toBe('grün');
  });

  it('adds to the end, or begins', async () => {
    const absolute = await at('log/x.txt');
    expect((await files.append(absolute, 'one\n')).bytes).toBe(4);
    const { bytes, sha256 } = await files.append(absolute, 'two\n');
    expect(await readFile(absolute, 'utf8')).toBe('one\ntwo\n');
    expect([bytes, sha256]).toEqual([4, await sha(absolute)]);
  });

  it.each<[code: string, path: string]>([
    ['FILE_IS_FOLDER', 'deep'],
    ['FILE_NOT_FOUND', 'a.txt/x'],
    ['FILE_PATH_INVALID', 'n'.repeat(300)],
  ])('%s: %s', async (code, path) => {
    const absolute = join(root, 'flows', path);
    await expect(files.write(absolute, 'x')).rejects.toMatchObject({ code });
    await expect(files.append(absolute, 'x')).rejects.toMatchObject({ code });
    expect(await readdir(join(root, 'flows'))).toEqual(['a.txt', 'deep']);
  });

  it.runIf(posix && !asRoot)('respects a file that may not be written', async () => {
    const absolute = await at('a.txt');
    await chmod(absolute, 0o444);
    await expect(files.write(absolute, 'x')).rejects.toMatchObject({ code: 'FILE_NOT_ALLOWED', kind: 'permission' });
    expect(await readFile(absolute, 'utf8')).toBe('grün');
  });
});
