import { expect, test } from 'vitest';
import { idOf, isPass, nodePath, parentOf, passPath } from './paths.ts';

test.each([
  ['draft', '', 'draft', false],
  ['improve[2]/draft', 'improve[2]', 'draft', false],
  ['improve[2]', 'improve', undefined, true],
  ['all[3]/improve~2[0]', 'all[3]/improve', undefined, true],
  ['all~2[3]/improve', 'all~2[3]', 'improve', false],
  ['all[3]/improve[0]/draft', 'all[3]/improve[0]', 'draft', false],
])('%s', (path, parent, id, pass) => {
  expect(parentOf(path)).toBe(parent);
  expect(isPass(path)).toBe(pass);
  if (id !== undefined) {
    expect(idOf(path)).toBe(id);
    expect(nodePath(parent, id)).toBe(path);
  }
});

test('a pass is named by its node, the round and its index', () => {
  expect([passPath('a', 1, 0), passPath('b[1]/a', 2, 7)]).toEqual(['a[0]', 'b[1]/a~2[7]']);
});
