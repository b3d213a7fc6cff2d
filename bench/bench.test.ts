import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');

/** Long enough for a machine that has much else to do; a second where it has not. */
const PATIENCE = 60_000;

test('a quick look at Belay measures every variant and judges it', { timeout: PATIENCE }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'small', '--only=belay,limits', '--rounds=1'], {
    encoding: 'utf8',
  });
  expect(stderr).toContain('goals met');
  expect(status).toBe(0);
  // A figure in every column but that of the shared sync, which a chain has no use for.
  expect(stdout).toMatch(/^\| chain of 10 \|( [\d.,]+( \([\d.,]+ ×\))? \|){3} – \|( [\d.,]+( \([\d.,]+ ×\))? \|){6}$/m);
  expect(stdout).toMatch(/^\| fan-out 100 and merge: Belay, effects against a shared sync \| [\d.,]+ × \| ≤ 3\.00 × \| (\*\*not )?met/m);
  expect(stdout).not.toContain('failed');
});
