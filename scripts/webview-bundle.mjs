// @ts-check
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
  plugins: [layoutWorker],
};
