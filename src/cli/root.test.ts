import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseRoot, pathBelow, rootOption } from './root.ts';
import { workspaceWith } from './testing/belay.ts';

describe('the journal root', () => {
  test('is the nearest folder with .belay or .git, the flow’s own folder, or what --root says', async () => {
    const root = await workspaceWith({});
    const deep = join(root, 'a', 'b');
    await mkdir(deep, { recursive: true });
    expect(chooseRoot(undefined, root, deep)).toBe(root);
    await mkdir(join(root, 'a', '.git'));
    expect(chooseRoot(undefined, root, deep)).toBe(join(root, 'a'));
    expect(chooseRoot('a/b', root, root)).toBe(deep);
    expect(chooseRoot(undefined, '/', '/')).toBe('/');
    expect(() => chooseRoot('no', root, root)).toThrow(expect.objectContaining({ code: 'ROOT_INVALID' }));
  });

  test('is named in the commands that are told, where they would not find it by themselves', async () => {
    const root = await workspaceWith({});
    await mkdir(join(root, 'a b', '.git'), { recursive: true });
    expect(rootOption(root, root)).toBe('');
    expect(rootOption(root, join(root, 'deep'))).toBe('');
    expect(rootOption(join(root, 'a b'), root)).toBe(' --root "a b"');
    expect(rootOption(root, join(root, 'a b'))).toBe(' --root ..');
  });

  test.each<[string, string | undefined]>([
    ['/repo/a/x.flow.json', 'a/x.flow.json'],
    ['/repo/..x.flow.json', '..x.flow.json'],
    ['/other/x.flow.json', undefined],
    ['/x.flow.json', undefined],
  ])('%s below /repo is %s', (file, path) => {
    if (path === undefined) expect(() => pathBelow('/repo', file)).toThrow(expect.objectContaining({ code: 'FLOW_OUTSIDE' }));
    else expect(pathBelow('/repo', file)).toBe(path);
  });
});
