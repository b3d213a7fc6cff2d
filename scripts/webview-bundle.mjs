// @ts-check
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './lib/paths.mjs';

/** The layout worker's bundle as a module that exports its text, to be imported when it is needed. @type {import('esbuild').Plugin} */
const layoutWorker = {
  name: 'layout-worker',
  setup(builder) {
    builder.onResolve({ filter: /^belay:layout-worker$/ }, ({ path }) => ({ path, namespace: 'layout-worker' }));
    builder.onLoad({ filter: /.*/, namespace: 'layout-worker' }, async () => {
      const entry = join(root, 'src', 'webview', 'layout', 'worker.ts');
      const { outputFiles, metafile } = await build({
        entryPoints: [entry],
        absWorkingDir: root,
        bundle: true,
        write: false,
        metafile: true,
        minify: builder.initialOptions.minify ?? false,
        format: 'iife',
        platform: 'browser',
        target: 'es2023',
        tsconfig: 'tsconfig.webview.json',
        legalComments: 'none',
      });
      const watchFiles = Object.keys(metafile.inputs).map((file) => join(root, file));
      return { contents: `export const source = ${JSON.stringify(outputFiles[0]?.text ?? '')};`, loader: 'js', watchFiles };
    });
  },
};

/**
 * zod as a stand-in that is loaded when something of it is needed: documents that fit the generated schemas (door.ts) are read without
 * it, and it weighs a fifth of the editor. `belay:zod` is how it is loaded. @type {import('esbuild').Plugin}
 */
const lateZod = {
  name: 'late-zod',
  setup(builder) {
    const fromHere = { resolveDir: root, pluginData: 'real' };
    builder.onResolve({ filter: /^(zod|belay:zod)$/ }, ({ path, pluginData }) =>
      pluginData === 'real' ? undefined : { path, namespace: 'late-zod', sideEffects: false },
    );
    builder.onResolve({ filter: /^belay:real-zod$/ }, async ({ kind }) => {
      const { path } = await builder.resolve('zod', { ...fromHere, kind });
      return { path };
    });
    builder.onLoad({ filter: /^belay:zod$/, namespace: 'late-zod' }, () => ({
      contents: `
export class NotLoaded extends Error {}
let zod;
export function real() {
  if (!zod) throw new NotLoaded('zod is not loaded yet');
  return zod;
}
export async function loadZod() {
  if (zod) return;
  const loaded = await import('belay:real-zod');
  // The page may not evaluate text as code, which zod does to speed up object schemas: it would try, and leave a violation in the log.
  loaded.config({ jitless: true });
  zod = loaded;
}`,
      loader: 'js',
      resolveDir: root,
    }));
    builder.onLoad({ filter: /^zod$/, namespace: 'late-zod' }, async () => {
      const names = Object.keys(await import('zod')).filter((name) => name !== 'default' && name !== 'module.exports');
      const contents = `import { real } from 'belay:zod';
import { late } from ${JSON.stringify(join(root, 'scripts/lib/late.mjs'))};
${names.map((name, i) => `const _${i} = /* @__PURE__ */ late(() => real().${name});`).join('\n')}
export { ${names.map((name, i) => `_${i} as ${name}`).join(', ')} };`;
      return { contents, loader: 'js', resolveDir: root };
    });
  },
};

/** The schema of the document without words for people: those come from the host. @type {import('esbuild').Plugin} */
const withoutWords = {
  name: 'without-words',
  setup(builder) {
    builder.onLoad({ filter: /flow\.generated\.json$/ }, async ({ path }) => ({
      contents: JSON.stringify(JSON.parse(await readFile(path, 'utf8')), (key, value) =>
        (typeof value === 'string' && (key === 'title' || key === 'description')) || (Array.isArray(value) && key === 'examples')
          ? undefined
          : value,
      ),
      loader: 'json',
    }));
  },
};

/** zod's words in forty languages, of which Belay says none: parse-words.ts has its own. @type {import('esbuild').Plugin} */
export const withoutLocales = {
  name: 'without-locales',
  setup(builder) {
    builder.onResolve({ filter: /\/locales\/index\.js$/ }, ({ path }) => ({ path, namespace: 'no-locales' }));
    builder.onLoad({ filter: /.*/, namespace: 'no-locales' }, () => ({ contents: 'export {};' }));
  },
};

/** How the graph editor is bundled, for the product as for tests: what is imported when it is needed is a file of its own. @type {import('esbuild').BuildOptions} */
export const webviewBundle = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2023',
  jsx: 'automatic',
  splitting: true,
  assetNames: '[name]',
  chunkNames: '[name]-[hash]',
  loader: { '.ttf': 'file' },
  tsconfig: 'tsconfig.webview.json',
  plugins: [layoutWorker, lateZod, withoutWords, withoutLocales],
};
