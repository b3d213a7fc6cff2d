import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const start = join(import.meta.dirname, 'start.ts');
const oldest = /^>=(\d+)$/.exec(packageJson.engines.node)?.[1];

test.each([
  {
    version: `${Number(oldest) - 1}.9.0`,
    status: 2,
    stderr: `NODE_TOO_OLD: This is Node ${Number(oldest) - 1}.9.0, and belay needs Node ${oldest} or later`,
  },
  { version: `${oldest}.0.0`, status: 0, stderr: '' },
])('with Node $version it ends with $status', ({ version, status, stderr }) => {
  const pretend = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  const said = spawnSync(process.execPath, ['--import', pretend, start, '--version'], { encoding: 'utf8' });
  expect(said.status).toBe(status);
  expect(said.stderr).toContain(stderr);
});
