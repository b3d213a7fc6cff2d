/** The build keeps what is loaded at once small: each of its refusals is proved on a small project of its own. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

const sound: Record<string, string> = {
  'package.json': '{ "type": "module", "version": "1.2.3" }',
  'src/extension/main.ts': `import * as vscode from 'vscode'; export const activate = async () => [vscode, await import('../engine/say.lazy.ts')];`,
  'src/engine/say.lazy.ts': `import { Liquid } from 'liquidjs'; export const say = (name: string) => new Liquid().parseAndRender('Hello {{ name }}', { name });`,
  'src/cli/start.ts': `#!/usr/bin/env node\nimport { Command } from 'commander';\nimport { parse } from 'jsonc-parser';\nvoid import('../engine/say.lazy.ts').then(async ({ say }) => console.log(await say(new Command(parse('"you"')).name())));`,
  'src/webview/main.tsx': `import './style.css'; export const root = <main />;`,
  'src/webview/style.css': 'main { color: var(--vscode-foreground); }',
};

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'belay-build-'));
  for (const file of [
    'esbuild.mjs',
    'scripts/notices.mjs',
    'scripts/lib/late.mjs',
    'scripts/lib/paths.mjs',
    'scripts/webview-bundle.mjs',
    'src/cli/code-cache.ts',
    'src/cli/exit-codes.ts',
    'tsconfig.base.json',
    'tsconfig.json',
    'tsconfig.webview.json',
  ]) {
    cpSync(join(root, file), join(project, file));
  }
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
  write(sound);
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), `${text}\n`);
  }
}

function build(...flags: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['esbuild.mjs', ...flags], { cwd: project, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('extension, CLI and graph editor share what is lazy; nothing of an older build stays', () => {
  write({ 'dist/chunks/old.mjs': '', 'dist/test/suite.cjs': '' });
  expect(build('--production')).toMatchObject({ status: 0 });
  expect(readFileSync(join(project, 'dist/extension.cjs'), 'utf8')).toContain('import("./engine/say.lazy.mjs")');
  const env = { ...process.env, XDG_CACHE_HOME: join(project, 'cache') };
  // The second time with the code that was kept.
  for (const time of ['first', 'second'])
    expect(spawnSync(join(project, 'dist/cli.cjs'), { encoding: 'utf8', env }).stdout, time).toBe('Hello you\n');
  expect(existsSync(join(project, 'cache/belay/code'))).toBe(true);
  // The same packages, loaded by Node.
  const asExtension = `import { say } from './dist/engine/say.lazy.mjs'; console.log(await say('me'));`;
  const extension = spawnSync(process.execPath, ['--input-type=module', '-e', asExtension], { cwd: project, encoding: 'utf8' });
  expect(extension).toMatchObject({ stderr: '', stdout: 'Hello me\n' });
  expect(readFileSync(join(project, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8')).toMatch(/^liquidjs [\d.]+ \(MIT\)$/m);
  const exists = (file: string) => existsSync(join(project, 'dist', file));
  expect({
    maps: ['extension.cjs.map', 'cli.cjs.map', 'webview/editor.js.map'].filter(exists),
    editor: ['webview/editor.js', 'webview/editor.css'].filter(exists),
    old: exists('chunks/old.mjs'),
    tests: exists('test/suite.cjs'),
  }).toEqual({ maps: [], editor: ['webview/editor.js', 'webview/editor.css'], old: false, tests: true });
});

const refused: [what: string, file: string, text: string, says: string][] = [
  ['a heavy package at activation', 'src/extension/main.ts', `export * from 'openai';`, 'openai is in dist/extension.cjs'],
  [
    'a lazy module that is not',
    'src/extension/main.ts',
    `export * from '../engine/say.lazy.ts';`,
    '../engine/say.lazy.ts is lazy: load it by import()',
  ],
  [
    'expressions in the graph editor',
    'src/webview/main.tsx',
    `export { Liquid } from 'liquidjs';`,
    'liquidjs is in dist/webview/editor.js',
  ],
  ['what cannot be resolved', 'src/cli/start.ts', `import './nowhere.ts';`, 'Could not resolve "./nowhere.ts"'],
  ['to wait at the top of the command line', 'src/cli/start.ts', 'await 0;', 'Top-level await is currently not supported with the "cjs"'],
];

test.each(refused)('refuses %s', (_, file, text, says) => {
  write({ [file]: text });
  const { status, said } = build();
  expect(status).toBe(1);
  expect(said).toContain(says);
});
