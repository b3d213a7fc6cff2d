// @ts-check
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { root } from './lib/paths.mjs';

/**
 * Bundles the suite that runs inside VS Code: the extension host loads one CommonJS file.
 * @returns {Promise<string>} the bundle
 */
export async function buildSuite() {
  const outfile = join(root, 'dist', 'test', 'suite.cjs');
  await build({
    entryPoints: [join(root, 'test', 'suite', 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    // Mocha keeps what `describe` registers in module state: the tests and the runner must meet the same copy.
    external: ['vscode', 'mocha'],
    // jsonc-parser's CommonJS build requires its parts by paths that no bundler follows.
    mainFields: ['module', 'main'],
    sourcemap: 'inline',
    logLevel: 'warning',
    plugins: [testFiles, ownFolder],
  });
  return outfile;
}

/** Every test file of the suite as `load()`, so that none is forgotten in a list. @type {import('esbuild').Plugin} */
const testFiles = {
  name: 'test-files',
  setup(builder) {
    builder.onResolve({ filter: /^belay:test-files$/ }, ({ path }) => ({ path, namespace: 'test-files' }));
    builder.onLoad({ filter: /.*/, namespace: 'test-files' }, () => {
      const folder = join(root, 'test', 'suite');
      const imports = globSync('**/*.test.ts', { cwd: folder })
        .sort()
        .map((name) => `await import(${JSON.stringify(`./${name.replaceAll('\\', '/')}`)});`);
      return { contents: `export async function load() {\n${imports.join('\n')}\n}`, resolveDir: folder };
    });
  },
};

/** `import.meta.dirname` as the folder of the source: a CommonJS bundle has none. @type {import('esbuild').Plugin} */
const ownFolder = {
  name: 'own-folder',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]test[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
      loader: 'ts',
    }));
  },
};
