import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRoot } from './root.ts';
import { temporaryRoot } from './testing/fixture.ts';

/** The folder opened in the editor is `open`; the flow stands in `open/flows`. */
test.each<[what: string, marks: string[], editor: string, terminal: string]>([
  ['nothing says so', [], 'open', 'open/flows'],
  ['the opened folder is a repository', ['open/.git'], 'open', 'open'],
  ['the opened folder has runs or recordings', ['.git', 'open/.belay'], 'open', 'open'],
  ['a folder below has them', ['open/.git', 'open/flows/.belay'], 'open/flows', 'open/flows'],
  ['a worktree or a submodule', ['open/.git', 'open/flows/.git*'], 'open/flows', 'open/flows'],
  // The editor does not reach out of what was opened; --root or a folder .belay brings both together.
  ['the opened folder is a part of a repository', ['.git'], 'open', ''],
])('the root where %s', async (_what, marks, editor, terminal) => {
  const base = await temporaryRoot();
  await mkdir(join(base, 'open', 'flows'), { recursive: true });
  for (const mark of marks) {
    if (mark.endsWith('*')) await writeFile(join(base, mark.slice(0, -1)), 'gitdir: x');
    else await mkdir(join(base, mark), { recursive: true });
  }
  const open = join(base, 'open');
  expect(findRoot(join(open, 'flows'), open, open)).toBe(join(base, editor));
  expect(findRoot(join(open, 'flows'))).toBe(join(base, terminal));
});
