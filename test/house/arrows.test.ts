/** Every rule of .dependency-cruiser.cjs is proved by breaking it: a rule that matches nothing is no rule. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const script = join(root, 'scripts/arrows.mjs');

/** A small house in good order: every arrow that is allowed, once. */
const sound: Record<string, string> = {
  'src/engine/errors.ts': `import { z } from 'zod'; export const error = z.string();`,
  'src/engine/format/model.ts': `import { z } from 'zod'; import { parseTree } from 'jsonc-parser'; export const model = [z, parseTree];`,
  'src/engine/nodes/catalog.ts': `export { manifest } from './prompt/manifest.ts';`,
  'src/engine/nodes/prompt/manifest.ts': `import { model } from '../../format/model.ts'; export const manifest = model;`,
  'src/engine/nodes/prompt/executor.ts': `import { join } from 'node:path'; import { manifest } from './manifest.ts'; export const executor = [join, manifest];`,
  'src/engine/run/events.ts': `import { model } from '../format/model.ts'; export const events = model;`,
  'src/engine/run/view.ts': `import { events } from './events.ts'; export const view = events;`,
  'src/engine/run/first.ts': `export const first = 1;`,
  'src/engine/run/second.ts': `export { first } from './first.ts';`,
  'src/engine/run/runner.ts': `import { executor } from '../nodes/prompt/executor.ts'; export const runner = executor;`,
  'src/engine/format/expressions/engine.lazy.ts': `import { Liquid } from 'liquidjs'; export const liquid = Liquid;`,
  'src/engine/format/expressions/load.ts': `type Lazy = typeof import('./engine.lazy.ts'); export const load = (): Promise<Lazy> => import('./engine.lazy.ts');`,
  'src/providers/models.ts': `import { runner } from '../engine/run/runner.ts'; export const models = runner;`,
  'src/webview/protocol/messages.ts': `import { view } from '../../engine/run/view.ts'; export const messages = view;`,
  'src/webview/editor.tsx': `import { useState } from 'react'; import { messages } from './protocol/messages.ts'; import { manifest } from '../engine/nodes/catalog.ts'; export const editor = [useState, messages, manifest];`,
  'src/webview/editor.test.ts': `import { readFileSync } from 'node:fs'; import { editor } from './editor.tsx'; export const tested = [readFileSync, editor];`,
  'src/extension/main.ts': `import * as vscode from 'vscode'; import { models } from '../providers/models.ts'; import { messages } from '../webview/protocol/messages.ts'; export const main = [vscode, models, messages];`,
  'src/cli/main.ts': `import { models } from '../providers/models.ts'; export const cli = models;`,
  'test/fixture.ts': `import { main } from '../src/extension/main.ts'; export const fixture = main;`,
};

/** Types count as much as values: what is imported as a type today is imported as a value tomorrow. */
const broken: [rule: string, file: string, text: string][] = [
  ['engine-stands-alone', 'src/engine/run/a.ts', `import '../../providers/models.ts';`],
  ['engine-stands-alone', 'src/engine/run/b.ts', `import type { main } from '../../extension/main.ts'; export type M = typeof main;`],
  ['engine-stands-alone', 'src/engine/run/c.ts', `export type M = typeof import('../../cli/main.ts');`],
  ['engine-stands-alone', 'src/engine/run/d.ts', `export * from '../../webview/protocol/messages.ts';`],
  [
    'engine-stands-alone',
    'src/engine/run/e.ts',
    `using x = { [Symbol.dispose]() {} }; export const load = () => import('../../providers/models.ts');`,
  ],
  ['providers-know-the-engine', 'src/providers/a.ts', `import '../extension/main.ts';`],
  ['providers-know-the-engine', 'src/providers/b.ts', `import '../webview/protocol/messages.ts';`],
  ['cli-knows-engine-and-providers', 'src/cli/a.ts', `import '../extension/main.ts';`],
  ['cli-knows-engine-and-providers', 'src/cli/b.ts', `import '../webview/protocol/messages.ts';`],
  ['extension-knows-the-protocol-only', 'src/extension/a.ts', `import '../webview/editor.tsx';`],
  ['extension-knows-the-protocol-only', 'src/extension/b.ts', `import '../cli/main.ts';`],
  ['webview-knows-what-is-shared', 'src/webview/a.ts', `import '../engine/run/runner.ts';`],
  ['webview-knows-what-is-shared', 'src/webview/b.ts', `import '../engine/nodes/prompt/executor.ts';`],
  [
    'webview-knows-what-is-shared',
    'src/webview/c.ts',
    `import type { models } from '../providers/models.ts'; export type M = typeof models;`,
  ],
  ['protocol-knows-no-ui', 'src/webview/protocol/a.ts', `import '../editor.tsx';`],
  ['shared-stays-shared', 'src/engine/format/a.ts', `import type { runner } from '../run/runner.ts'; export type M = typeof runner;`],
  ['shared-stays-shared', 'src/engine/nodes/loop/manifest.ts', `import '../prompt/executor.ts';`],
  ['shared-packages', 'src/engine/format/b.ts', `import 'node:fs';`],
  ['shared-packages', 'src/engine/nodes/each/manifest.ts', `import 'ajv';`],
  ['shared-packages', 'src/webview/protocol/b.ts', `import type { FC } from 'react'; export type M = FC;`],
  ['shared-packages', 'src/webview/protocol/c.ts', `import { posix } from 'path'; export const M = posix;`],
  ['expressions-run-anywhere', 'src/engine/format/expressions/a.ts', `import 'node:vm';`],
  ['expressions-run-anywhere', 'src/engine/format/expressions/b.ts', `import 'ajv';`],
  ['one-door-to-expressions', 'src/engine/run/k.ts', `import 'liquidjs';`],
  ['one-door-to-expressions', 'src/extension/e.ts', `export type M = typeof import('@marcbachmann/cel-js');`],
  ['webview-has-no-node', 'src/webview/d.ts', `import 'node:path';`],
  ['vscode-in-extension-only', 'src/engine/run/f.ts', `import type { Uri } from 'vscode'; export type M = Uri;`],
  ['vscode-in-extension-only', 'src/providers/c.ts', `import * as vscode from 'vscode'; export const M = vscode;`],
  ['vscode-in-extension-only', 'src/webview/e.ts', `export type M = import('vscode').Uri;`],
  ['ui-in-webview-only', 'src/extension/c.ts', `import 'react';`],
  ['ui-in-webview-only', 'src/engine/run/g.ts', `import '@xyflow/react';`],
  ['lazy-is-lazy', 'src/engine/run/h.ts', `import '../format/expressions/engine.lazy.ts';`],
  ['lazy-is-lazy', 'src/providers/d.ts', `export { liquid } from '../engine/format/expressions/engine.lazy.ts';`],
  ['no-test-in-product', 'src/extension/d.ts', `import '../../test/fixture.ts';`],
  ['no-test-in-product', 'src/webview/f.ts', `import './editor.test.ts';`],
  ['no-cycle', 'src/engine/run/first.ts', `import type {} from './second.ts';`],
  ['resolvable', 'src/engine/run/j.ts', `import './nowhere.ts';`],
  ['every-file-has-a-room', 'src/shed/a.ts', `import '../engine/errors.ts';`],
];

let house: string;
beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'belay-arrows-'));
  writeFileSync(join(house, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'), 'junction');
  plant(Object.entries(sound));
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

function plant(files: Iterable<readonly [file: string, text: string]>): void {
  for (const [file, text] of files) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), `${text}\n`);
  }
}

/** What the check says: its exit code and the `rule: file` of each complaint. */
function check(): { status: number | null; complaints: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: house, encoding: 'utf8' });
  expect(stderr).toBe('');
  const complaints = [...stdout.matchAll(/^\s*error (\S+?): (\S+)/gm)].map(([, rule, file]) => `${rule}: ${file}`);
  return { status, complaints };
}

test('a house in good order passes', () => {
  expect(check()).toEqual({ status: 0, complaints: [] });
});

test('each rule fails on what it forbids, and on nothing else', () => {
  plant(broken.map(([, file, text]) => [file, text] as const));
  const { status, complaints } = check();
  expect(status).not.toBe(0);
  expect([...new Set(complaints)].sort()).toEqual(broken.map(([rule, file]) => `${rule}: ${file}`).sort());
});

test('no rule is left unproved', () => {
  const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] };
  expect(new Set(broken.map(([rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
});
