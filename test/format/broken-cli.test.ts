import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { brokenDocuments } from './broken-documents.ts';

const { script: CLI, cache } = inject('cli');

test('the command line tells every broken document as file:line:column, fails, and changes none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-broken-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, '.belay'));
  const files = brokenDocuments.map(({ text }, index) => {
    const name = `broken-${index}.flow.json`;
    writeFileSync(join(folder, name), text);
    return name;
  });
  const { status, stdout } = spawnSync(process.execPath, [CLI, 'validate', ...files], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  expect(status).toBe(1);
  const lines = stdout.split('\n');
  const untold = brokenDocuments.flatMap(({ name, problems }, index) =>
    problems
      .map((problem) => problem.split(' '))
      .filter(([place, code]) => !lines.some((line) => line.startsWith(`${files[index]}:${place} `) && line.includes(` ${code} `)))
      .map((problem) => `${name}: ${problem.join(' ')}`),
  );
  expect(untold).toEqual([]);
  for (const [index, { text }] of brokenDocuments.entries()) {
    expect(readFileSync(join(folder, files[index] ?? ''), 'utf8')).toBe(text);
  }
}, 60_000);
