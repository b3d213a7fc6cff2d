/**
 * The one build: `node esbuild.mjs [--production] [--watch]`. `--cli=FOLDER/dist`: the command line alone, into a folder of the tests.
 *
 *   dist/extension.cjs          what VS Code loads at activation: as little as possible
 *   dist/**\/*.lazy.mjs         everything else that it needs, sharing chunks
 *   dist/cli.cjs                the command line, with chunks of its own
 *   dist/webview/editor.{js,css} the graph editor; beside it what it loads when it is needed
 *
 * A `*.lazy.ts` is an entry of its own. The extension reaches it by `import('./x.lazy.ts')`, which here becomes an import of the
 * built file, so that SDKs and expression languages are read from disk at their first use and not at activation.
 */
import { chmodSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { context, transform } from 'esbuild';
import { writeNotices } from './scripts/notices.mjs';
import { webviewBundle, withoutLocales } from './scripts/webview-bundle.mjs';

const root = import.meta.dirname;
const { values: asked } = parseArgs({
  options: { production: { type: 'boolean', default: false }, watch: { type: 'boolean', default: false }, cli: { type: 'string' } },
});
const { production, watch } = asked;
/** Of what runs on Node. */
const folder = asked.cli ?? 'dist';

/** What a bundle that is read at once must not hold: the first at activation, the second with every graph that is opened. */
const TOO_HEAVY = {
  'dist/extension.cjs': [
    'zod',
    'jsonc-parser',
    'liquidjs',
    '@marcbachmann/cel-js',
    're2js',
    'openai',
    '@anthropic-ai/sdk',
    '@modelcontextprotocol/client',
    '@pydantic/genai-prices',
    'ajv',
    'react',
  ],
  'dist/webview/editor.js': ['zod', 'liquidjs', '@marcbachmann/cel-js', 're2js', 'openai', 'ajv'],
};

/** Those of the command line alone are chunks of it. */
const lazyEntries = Object.fromEntries(
  globSync('src/**/*.lazy.ts', { cwd: root, exclude: ['src/cli/**'] })
    .sort()
    .map((file) => [lazyOutput(file), join(root, file)]),
);

/** Where the build of `src/a/x.lazy.ts` stands in dist/, without the extension. */
function lazyOutput(file) {
  return relative(join(root, 'src'), resolve(root, file)).replaceAll('\\', '/').replace(/\.ts$/, '');
}

/** In the CommonJS bundle: `import('./x.lazy.ts')` becomes an import of the file that the ESM build makes of it. @type {import('esbuild').Plugin} */
const lazyImports = {
  name: 'lazy-imports',
  setup(build) {
    build.onResolve({ filter: /\.lazy\.ts$/ }, ({ path, resolveDir, importer, kind }) => {
      if (kind !== 'dynamic-import') return { errors: [{ text: `${path} is lazy: load it by import() (in ${relative(root, importer)})` }] };
      return { path: `./${lazyOutput(join(resolveDir, path))}.mjs`, external: true };
    });
  },
};

/**
 * Packages that a command may never need, though modules that it does need import them. On Node each is a file of its own, read when
 * something of it is used for the first time: loading all at once would take longer than most commands do.
 */
const LATE = ['zod', 'liquidjs', 're2js', 'yaml', 'commander'];
/** The same of Node itself, which reads them anew in every process; where our own code imports them, or what parses its arguments. */
const LATE_BUILTINS = ['node:child_process', 'node:readline'];

/** What the command line loads its chunks with; a bundle of its own, since it comes before them. */
const CODE_CACHE = 'chunks/code-cache';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const loadedWithCache = `require = require('./${CODE_CACHE}.cjs').startWithCodeCache(require, __dirname, '${version}');`;

/** Chunks of the command line are as code-cache.ts takes them: functions. The end is a line of its own, as the last one may be a comment. */
const asFunction = { banner: '(function (exports, require, module, __dirname) {', footer: '})' };

/**
 * And ASCII, of which V8 needs half the memory. What esbuild leaves are regular expressions, where the same may be written so; behind a
 * backslash it may not.
 */
function asAscii(code) {
  const odd = /\\[^\0-\x7f]/.exec(code);
  if (odd) throw new Error(`A character that is not ASCII stands behind a backslash: ${code.slice(odd.index - 40, odd.index + 40)}`);
  return code.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** @type {import('esbuild').Plugin} */
const ascii = {
  name: 'ascii',
  setup(build) {
    build.initialOptions.write = false;
    build.onEnd(({ outputFiles = [] }) => {
      for (const { path, text } of outputFiles) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, path.endsWith('.map') ? text : asAscii(text));
      }
    });
  },
};

/** Names of these packages are stand-ins that read the package at their first use. @type {(packages: string[]) => import('esbuild').Plugin} */
const readLate = (packages) => ({
  name: 'read-late',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${packages.join('|')})$`) }, ({ path, importer, namespace }) => {
      const asIs = namespace === 'late' || (LATE_BUILTINS.includes(path) && /node_modules.(?!commander\b)/.test(importer));
      return asIs ? undefined : { path, namespace: 'late', sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'late' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== 'default' && name !== 'module.exports');
      // Whatever file this comes to stand in: a chunk, an entry, somewhere below dist/.
      const inChunks = `/^.*[\\\\/]dist(?=[\\\\/]|$)/.exec(import.meta.dirname)[0] + '/chunks/${path}.cjs'`;
      const contents = `import { late } from ${JSON.stringify(join(root, 'scripts/lib/late.mjs'))};
let loaded;
const load = () => (loaded ??= require(${LATE.includes(path) ? inChunks : `'${path}'`}));
${names.map((name, i) => `const _${i} = /* @__PURE__ */ late(() => load().${name});`).join('\n')}
export { ${names.map((name, i) => `_${i} as ${name}`).join(', ')} };
${LATE.includes(path) ? '' : 'export default /* @__PURE__ */ late(load);'}`;
      return { contents, resolveDir: root, loader: 'js' };
    });
  },
});
const latePackages = readLate([...LATE, ...LATE_BUILTINS]);

/**
 * Makes CommonJS of what was split as ES modules, which esbuild does for them alone: Node takes a twentieth of a short command longer to
 * read ES modules. No module of the command line may await at its top. @type {import('esbuild').Plugin}
 */
const commonJs = {
  name: 'common-js',
  setup(build) {
    build.initialOptions.write = false;
    build.onEnd(async ({ outputFiles = [] }) => {
      const maps = new Map(outputFiles.map(({ path, text }) => [path, text]));
      for (const { path, text } of outputFiles.filter((file) => file.path.endsWith('.cjs'))) {
        const isEntry = basename(path) === 'cli.cjs';
        const map = maps.get(`${path}.map`);
        const told = map && `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`;
        const made = await transform(told ? text.replace(/^\/\/# sourceMappingURL=.*$/m, told) : text, {
          format: 'cjs',
          platform: 'node',
          target: node.target,
          minify: production,
          legalComments: 'none',
          sourcemap: map !== undefined,
          sourcefile: path,
          define: { 'import.meta.dirname': '__dirname' },
          supported: { 'dynamic-import': false },
          ...(isEntry ? { banner: loadedWithCache } : asFunction),
        });
        mkdirSync(dirname(path), { recursive: true });
        if (map) writeFileSync(`${path}.map`, made.map);
        writeFileSync(path, asAscii(map ? `${made.code}//# sourceMappingURL=${basename(path)}.map\n` : made.code));
      }
    });
  },
};

/** @type {import('esbuild').Plugin} */
const report = {
  name: 'report',
  setup(build) {
    build.onEnd(({ errors, metafile }) => {
      if (errors.length > 0 || metafile === undefined) return undefined;
      const files = Object.entries(metafile.outputs).filter(([file]) => !file.endsWith('.map'));
      for (const [file, { bytes, entryPoint }] of files) {
        if ((entryPoint !== undefined && !file.includes('/chunks/')) || file.endsWith('.css'))
          console.log(`${file.padEnd(42)} ${kilobytes(bytes)}`);
      }
      const shared = files.filter(([file]) => file.includes('/chunks/'));
      if (shared.length > 0)
        console.log(`${`${shared.length} shared chunks`.padEnd(42)} ${kilobytes(shared.reduce((sum, [, { bytes }]) => sum + bytes, 0))}`);
      return { errors: tooHeavy(metafile).map((text) => ({ text })) };
    });
  },
};

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`.padStart(10);
}

/** The packages that have no business in a bundle, each with the file that gives it away. */
function tooHeavy({ outputs }) {
  return Object.entries(TOO_HEAVY).flatMap(([bundle, packages]) => {
    const inputs = Object.keys(outputs[bundle]?.inputs ?? {});
    return packages.flatMap((name) => {
      const file = inputs.find((input) => input.includes(`node_modules/${name}/`));
      return file === undefined ? [] : [`${name} is in ${bundle} (${file}): import it behind a *.lazy.ts`];
    });
  });
}

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none', // notices.mjs collects the licences in one file
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
};

/** @type {import('esbuild').BuildOptions} */
const node = {
  ...common,
  platform: 'node',
  target: 'node22',
  // `module` first: jsonc-parser's `main` is UMD, whose require() no bundler sees through.
  mainFields: ['module', 'main'],
  external: ['vscode'],
  keepNames: true,
  tsconfig: 'tsconfig.json',
};

/** ES modules that share chunks. @type {import('esbuild').BuildOptions} */
const modules = {
  ...node,
  format: 'esm',
  splitting: true,
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  // CommonJS packages inside an ES module still call require().
  banner: {
    js: `import { createRequire as nodeCreateRequire } from 'node:module'; const require = nodeCreateRequire(import.meta.url);`,
  },
  plugins: [latePackages, report],
};

/**
 * What the command line is made of. It shares no chunks with the extension: shared by more, they are more and smaller, and a command
 * would have to read twice as many of them.
 * @type {[entry: string, options: import('esbuild').BuildOptions][]}
 */
const commandLine = [
  [
    'src/cli/start.ts',
    {
      ...modules,
      entryPoints: { cli: 'src/cli/start.ts' },
      outExtension: { '.js': '.cjs' },
      banner: {},
      // A twentieth of what a short command takes was giving functions their names back; the extension, which stays, keeps them.
      keepNames: !production,
      plugins: [latePackages, commonJs, report],
    },
  ],
  ['src/cli/code-cache.ts', { ...node, format: 'cjs', outfile: join(folder, `${CODE_CACHE}.cjs`), plugins: [report] }],
  [
    LATE.join(', '),
    {
      ...node,
      entryPoints: Object.fromEntries(LATE.map((name) => [`chunks/${name}`, name])),
      format: 'cjs',
      outdir: folder,
      outExtension: { '.js': '.cjs' },
      plugins: [readLate(LATE_BUILTINS), withoutLocales, ascii, report],
    },
  ],
];

/** @type {typeof commandLine} */
const builds = [
  ['src/extension/main.ts', { ...node, format: 'cjs', outfile: 'dist/extension.cjs', plugins: [lazyImports, report] }],
  ['*.lazy.ts', { ...modules, entryPoints: lazyEntries }],
  ...commandLine,
  [
    'src/webview/main.tsx',
    {
      ...common,
      ...webviewBundle,
      entryPoints: { editor: 'src/webview/main.tsx' },
      outdir: 'dist/webview',
      plugins: [...webviewBundle.plugins, report],
    },
  ],
];

const contexts = await Promise.all(
  (asked.cli === undefined ? builds : commandLine).map(([entry, options]) => context({ entryPoints: [entry], ...options })),
);
if (watch) {
  await Promise.all(contexts.map((one) => one.watch()));
} else {
  const results = await Promise.allSettled(contexts.map((one) => one.rebuild()));
  await Promise.all(contexts.map((one) => one.dispose()));
  if (results.some(({ status }) => status === 'rejected')) process.exit(1);
  chmodSync(resolve(root, folder, 'cli.cjs'), 0o755);
  if (asked.cli === undefined) keepOnly(results);
}

/** Only once all is built: what a build that failed would have replaced is still in use. dist/test belongs to the tests' own build. */
function keepOnly(results) {
  const metafiles = results.map(({ value }) => value.metafile);
  const made = new Set(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  if (production) made.add(writeNotices(root, metafiles));
  const files = globSync('dist/**', { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const file = relative(root, join(parentPath, name)).replaceAll('\\', '/');
    if (!made.has(file) && !file.startsWith('dist/test/')) rmSync(join(root, file));
  }
}
