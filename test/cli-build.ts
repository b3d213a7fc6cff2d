/** Before the unit tests: the command line as users have it, for the tests that start it. From its sources it takes four times as long to begin. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** `script`: what Node is to run. `cache`: where all keep what Node has compiled (XDG_CACHE_HOME). */
    cli: { script: string; cache: string };
  }
}

let folder = '';

export function setup({ provide }: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'belay-built-'));
  const dist = join(folder, 'dist');
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '..', 'esbuild.mjs'), `--cli=${dist}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The command line cannot be built:\n${stderr}`);
  provide('cli', { script: join(dist, 'cli.cjs'), cache: join(folder, 'cache') });
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
