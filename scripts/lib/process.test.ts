import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SetupError } from './log.mjs';
import { ask, descendants, endTree, isAlive, mustRun, run } from './process.mjs';

/** A process whose child leads a session of its own and ignores the polite signal, as a terminal in VS Code may. */
const stubborn = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)'], { detached: true });
  child.stdout.once('data', () => console.log(child.pid));
  setInterval(() => {}, 1000);
`;

test('the end of a tree is the end of all that is in it', async () => {
  const parent = spawn(process.execPath, ['-e', stubborn], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = parent.pid ?? 0;
  const [line] = await once(parent.stdout, 'data');
  const child = Number(String(line));
  expect((await descendants(pid)).map((entry) => entry.pid)).toContain(child);
  await endTree(pid, 200);
  await expect.poll(() => isAlive(pid) || isAlive(child)).toBe(false);
});

test('exit codes: its own, not found, over the limit', async () => {
  expect(await run(process.execPath, ['-e', 'process.exit(3)'])).toBe(3);
  expect(await run('belay-no-such-program', [])).toBe(127);
  expect(await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { limit: 50 })).toBe(124);
});

test('an answer, or none', async () => {
  expect(await ask(process.execPath, ['-p', '1 + 1'])).toBe('2');
  expect(await ask(process.execPath, ['-e', 'process.exit(1)'])).toBeUndefined();
  expect(await ask('belay-no-such-program', [])).toBeUndefined();
});

test('what has to succeed fails with the end of its output and the next step', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-process-'));
  const log = join(folder, 'log');
  const failing = mustRun('EXAMPLE', process.execPath, ['-e', 'console.log("out of paper"); process.exit(1)'], { log, next: 'add paper' });
  await expect(failing).rejects.toThrow(SetupError);
  await expect(failing).rejects.toMatchObject({
    code: 'EXAMPLE',
    message: expect.stringContaining('out of paper'),
    next: `add paper (whole log: ${log})`,
  });
  expect(readFileSync(log, 'utf8')).toBe('out of paper\n');
  rmSync(folder, { recursive: true });
});
