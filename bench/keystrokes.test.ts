import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A frame (ms). */
const FRAME = 16;

test('a keystroke in a flow of a thousand nodes is handed to the worker in less than a frame of CPU', { timeout: 120_000 }, () => {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'keystrokes.ts'), '1000', '16'], { encoding: 'utf8' });
  expect(status).toBe(0);
  const [, median, worst] = /^extension host, at work.*median +([\d.]+) ms +worst +([\d.]+) ms$/m.exec(stdout) ?? [];
  expect(Number(median)).toBeLessThan(FRAME / 4);
  expect(Number(worst)).toBeLessThan(FRAME);
});
