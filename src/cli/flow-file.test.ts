import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../engine/format/json.ts';
import { readRecordedFlow, subFlowsOf } from './flow-file.ts';
import { modelNeeds } from './mode.ts';
import { workspaceWith } from './testing/belay.ts';

const calls = (flow: string): Json => ({ version: 1, nodes: { call: { type: 'flow', with: { flow } } } });
const asks: Json = { version: 1, nodes: { ask: { type: 'prompt', with: { prompt: 'Hi' } } } };
/** A folder with a flow beside it, a link to that, and a pipe whose reader would wait for ever. */
async function folderWith(files: Record<string, Json>): Promise<string> {
  const above = await workspaceWith({ 'outside.flow.json': asks });
  const root = join(above, 'repo');
  await mkdir(root);
  for (const [name, flow] of Object.entries(files)) await writeFile(join(root, name), JSON.stringify(flow));
  await symlink('../outside.flow.json', join(root, 'link.flow.json'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(root, 'pipe.flow.json')]);
  return root;
}

describe('what sub-flows need of models', () => {
  const chain = (length: number): Record<string, Json> =>
    Object.fromEntries(Array.from({ length }, (_, i) => [`${i}.flow.json`, i + 1 < length ? calls(`${i + 1}.flow.json`) : asks]));

  test.each<[string, string, Record<string, Json>, string]>([
    ['one that asks', 'a.flow.json', { 'a.flow.json': asks }, 'chosen'],
    ['one outside of the root', '../outside.flow.json', {}, 'none'],
    ['a link out of the root', 'link.flow.json', {}, 'none'],
    ['a pipe', 'pipe.flow.json', {}, 'none'],
    ['a few inside of one another', '0.flow.json', chain(16), 'chosen'],
    ['more than are looked at', '0.flow.json', chain(17), 'none'],
  ])('%s', async (_name, path, files, needs) => {
    const root = await folderWith(files);
    const nodes = { call: { type: 'flow', with: { flow: path } } };
    expect(modelNeeds({ version: 1, nodes }, subFlowsOf(root, root))).toBe(needs);
  });
});

describe('the flow of a run', () => {
  test('is read where it stands below the root', async () => {
    const root = await folderWith({ 'a.flow.json': asks });
    expect(readRecordedFlow(root, 'a.flow.json')).toEqual({ path: join(root, 'a.flow.json'), folder: root, text: JSON.stringify(asks) });
  });

  test.each([
    ['../outside.flow.json', 'FLOW_OUTSIDE'],
    ['/etc/hostname', 'FLOW_OUTSIDE'],
    ['link.flow.json', 'FILE_UNREADABLE'],
    ['pipe.flow.json', 'FILE_UNREADABLE'],
    ['gone.flow.json', 'FILE_UNREADABLE'],
  ])('is refused where a journal says %s', async (path, code) => {
    const root = await folderWith({});
    expect(() => readRecordedFlow(root, path)).toThrow(expect.objectContaining({ code }));
  });
});
