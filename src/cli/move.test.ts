import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { belay, jsonLines, workspaceWith } from './testing/belay.ts';

const flow = (more: object) => ({
  version: 1,
  nodes: {
    greet: { type: 'template', with: { template: 'Hello' } },
    ask: { type: 'approval', after: { greet: 'success' }, with: { message: 'Go on?' } },
    ...more,
  },
  outputs: { text: { value: { $expr: 'steps.end1.output.text' } } },
});
const end1 = (template: string) => ({ end1: { type: 'template', after: { ask: 'approved' }, with: { template } } });

test('a parked run goes on with the changed flow if it is told to, and what it has done fits', async () => {
  const root = await workspaceWith({ 'ask.flow.json': flow(end1('old')) });
  expect((await belay(root, 'run', 'ask.flow.json')).code).toBe(3);
  const path = join(root, 'ask.flow.json');
  const fitting = JSON.stringify(flow(end1('new')));
  await writeFile(path, fitting.replace('Go on?', 'Really?'));
  const refused = await belay(root, 'resume', 'last', '--update-flow');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^MOVE_CONFLICT: .*"ask" is under way, and was changed/);
  await writeFile(path, fitting);
  expect((await belay(root, 'resume', 'last', '--update-flow')).code).toBe(3);
  expect((await belay(root, 'approve', 'last', '--no-resume')).code).toBe(0);
  const ended = await belay(root, 'resume', 'last', '--json');
  expect(ended.code).toBe(0);
  expect(jsonLines(ended.stdout).find(({ type }) => type === 'run.finished')).toMatchObject({ outputs: { text: 'new' } });
  // The graph of the run is that of the changed flow from then on.
  expect((await belay(root, 'show', 'last', '--json')).stdout).toMatch(/"type":"run.moved"/);
  expect(await readFile(path, 'utf8')).toBe(fitting);
}, 60_000);
