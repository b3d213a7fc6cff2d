import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBeside } from './beside.ts';

let outer: string;
let root: string;
beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'belay-beside-'));
  root = join(outer, 'workspace');
  await mkdir(join(root, 'flows'), { recursive: true });
  await writeFile(join(outer, 'secret.txt'), 'mine');
  await writeFile(join(root, 'shared.prompt.md'), 'shared');
  await writeFile(join(root, 'flows', 'own.prompt.md'), 'own');
  await writeFile(join(root, 'flows', 'binary'), Buffer.from([0xff, 0xfe]));
  await writeFile(join(root, 'flows', 'large'), '');
  await truncate(join(root, 'flows', 'large'), 5 * 1_048_576 + 1);
  await symlink('own.prompt.md', join(root, 'flows', 'link'));
  await symlink('../../secret.txt', join(root, 'flows', 'out'));
});
afterEach(() => rm(outer, { recursive: true, force: true }));

describe('a file beside a flow', () => {
  it.each<[path: string, text: string | undefined]>([
    ['own.prompt.md', 'own'],
    ['../shared.prompt.md', 'shared'],
    ['link', 'own'],
    ['missing.md', undefined],
    ['../../secret.txt', undefined],
    ['out', undefined],
    ['/etc/hostname', undefined],
    ['/dev/zero', undefined],
    ['.', undefined],
    ['large', undefined],
    ['binary', undefined],
    ['a\0b', undefined],
  ])('%j gives %j', (path, text) => {
    expect(readBeside(root, join(root, 'flows'), path)).toBe(text);
  });

  it('is found where the workspace itself is a link', async () => {
    await symlink(root, join(outer, 'alias'));
    expect(readBeside(join(outer, 'alias'), join(outer, 'alias', 'flows'), 'own.prompt.md')).toBe('own');
  });
});
