/** A name that is no icon draws nothing, and nobody is told. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { STATE_ICONS } from '../../src/webview/state/run.ts';

const css = readFileSync(join(root, 'node_modules', '@vscode', 'codicons', 'dist', 'codicon.css'), 'utf8');
const known = new Set([...css.matchAll(/\.codicon-([a-z0-9-]+)::?before/g)].map(([, name]) => name));

/** In attributes (`icon="x"`, `<Icon name="x"`) and in tables (`icon: 'x'`). */
const written = globSync('src/webview/**/*.{ts,tsx}', { cwd: root })
  .filter((file) => !file.includes('.test.'))
  .flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/(?:\bicon="|<Icon name="|\bicon: ')([a-z0-9-]+)["']/g)].map(([, name = '']) => name);
  });

it('every icon of the graph editor is there', () => {
  const names = new Set([...written, ...Object.values(STATE_ICONS), ...[...catalog.values()].map(({ icon }) => icon)]);
  expect(names.size).toBeGreaterThan(30);
  expect([...names].filter((name) => !known.has(name))).toEqual([]);
});
