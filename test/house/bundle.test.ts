/** What the graph editor reads before it can draw anything, as it is shipped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { webviewBundle } from '../../scripts/webview-bundle.mjs';

/** Minified bytes. The bare page of the benchmark, React Flow alone, has 403 KB. */
const BUDGET = 700_000;

/** An output and what it imports at once; not what it loads when it is needed. */
function atOnce(outputs: Metafile['outputs'], file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') atOnce(outputs, path, seen);
  return seen;
}

it('keeps what is read at once within its budget, in few files, and zod out of it', async () => {
  const { metafile } = await build({
    ...webviewBundle,
    entryPoints: { editor: 'src/webview/main.tsx' },
    outdir: 'dist/webview',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const { outputs } = metafile;
  const files = [...atOnce(outputs, 'dist/webview/editor.js')];
  expect(files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0)).toBeLessThanOrEqual(BUDGET);
  expect(files.length).toBeLessThanOrEqual(3);
  const inputs = files.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
  expect(inputs.filter((input) => /node_modules\/(zod|liquidjs|openai|ajv)\//.test(input))).toEqual([]);
}, 60_000);

it('reads a document that fits without zod, and any other once it is loaded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const contents = `
    export { loadZod, NotLoaded } from 'belay:zod';
    export { parseFlow } from './src/engine/format/parse.ts';
    export { catalog } from './src/engine/nodes/catalog.ts';
    export { formOf } from './src/webview/inspector/form-model.ts';`;
  await build({
    ...webviewBundle,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    minify: true,
    outdir: folder,
    entryNames: 'page',
    outExtension: { '.js': '.mjs' },
  });
  const page = await import(pathToFileURL(join(folder, 'page.mjs')).href);
  const flow = (nodes: object, more = {}) => JSON.stringify({ version: 1, ...more, nodes });
  const good = flow(
    { a: { type: 'prompt', retry: { attempts: 2 }, with: { prompt: 'x', model: 'fast' } } },
    { title: 'T', notes: { n: { text: 'x', at: [0, 0] } } },
  );
  expect(page.parseFlow(good, page.catalog).problems).toEqual([]);
  for (const manifest of page.catalog.values()) expect(page.formOf(manifest)).toBeInstanceOf(Array);
  const odd = flow({ a: { type: 'prompt', retry: { attempts: 0 }, with: { prompt: 'x' } } });
  expect(() => page.parseFlow(odd, page.catalog)).toThrow(page.NotLoaded);
  await page.loadZod();
  expect(page.parseFlow(odd, page.catalog).problems.map(({ code }: { code: string }) => code)).toEqual(['VALUE_INVALID']);
}, 60_000);
