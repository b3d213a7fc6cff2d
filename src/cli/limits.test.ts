import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Belay, belay, jsonLines, workspaceWith } from './testing/belay.ts';

/** A flow that works until the file `go` is there. */
const flow = (concurrency: Record<string, string | number>) => ({
  version: 1,
  limits: { concurrency },
  nodes: {
    work: {
      type: 'command',
      effect: 'read',
      with: {
        run: [
          process.execPath,
          '-e',
          "const look = () => require('fs').existsSync('go') ? undefined : setTimeout(look, 10); console.log('at work'); look()",
        ],
      },
    },
  },
});

const RUN = ['run', 'slow.flow.json', '--json'];

test('a run waits for the one of another process, and begins when that has ended', async () => {
  const root = await workspaceWith({ 'slow.flow.json': flow({ maxRuns: 1 }) });
  const first = new Belay(root, RUN);
  await first.until('"type":"step.started"');
  const second = new Belay(root, RUN);
  await second.until('"type":"run.queued"');
  expect((await belay(root, 'runs')).stdout).toMatch(/ queued [\s\S]* running /);
  await writeFile(join(root, 'go'), '');
  expect((await first.ended).code).toBe(0);
  const ended = await second.ended;
  expect(ended.code).toBe(0);
  const types = jsonLines(ended.stdout).map(({ type }) => type);
  expect(types.slice(0, 4)).toEqual(['segment.opened', 'run.created', 'run.queued', 'run.admitted']);
}, 60_000);

test('a run waits no longer for one whose process was killed', async () => {
  const root = await workspaceWith({ 'slow.flow.json': flow({ maxRuns: 1 }) });
  const first = new Belay(root, RUN);
  await first.until('"type":"step.started"');
  const second = new Belay(root, RUN);
  await second.until('"type":"run.queued"');
  first.signal('SIGKILL');
  await second.until('"type":"run.admitted"');
  expect(existsSync(join(root, 'go'))).toBe(false);
  await writeFile(join(root, 'go'), '');
  expect((await second.ended).code).toBe(0);
}, 60_000);

test('of many started at once no two are at work at the same time', async () => {
  const steps = "const { mkdirSync, rmdirSync } = require('fs'); mkdirSync('alone'); setTimeout(() => rmdirSync('alone'), 50)";
  const alone = { type: 'command', effect: 'read', with: { run: [process.execPath, '-e', steps] } };
  const root = await workspaceWith({ 'slow.flow.json': { version: 1, limits: { concurrency: { maxRuns: 1 } }, nodes: { alone } } });
  const ended = await Promise.all([1, 2, 3, 4].map(() => belay(root, ...RUN)));
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
}, 60_000);

test('a flow that skips says so, with an exit code of its own; one that cancels the previous run does', async () => {
  const root = await workspaceWith({ 'slow.flow.json': flow({ maxRuns: 1, policy: 'skip' }) });
  const first = new Belay(root, RUN);
  await first.until('"type":"step.started"');
  const skipped = await belay(root, ...RUN);
  expect(skipped).toMatchObject({ code: 9, stdout: '' });
  expect(skipped.stderr).toMatch(/RUN_SKIPPED: .*allows 1 run at a time/);
  await writeFile(join(root, 'slow.flow.json'), JSON.stringify(flow({ maxRuns: 1, policy: 'cancelPrevious' })));
  const newer = new Belay(root, RUN);
  expect((await first.ended).code).toBe(5);
  await newer.until('"type":"step.started"');
  await writeFile(join(root, 'go'), '');
  expect((await newer.ended).code).toBe(0);
}, 60_000);
