/**
 * The arrows between the rooms of src/, as the design draws them. Run by scripts/arrows.mjs; each rule is proved by
 * test/house/arrows.test.ts, which plants a violation of it.
 *
 * Rules match resolved paths. `vscode` has no package of its own: it resolves to `@types/vscode` as soon as that is installed
 * (and a rule on `^vscode$` alone then matches nothing), so both spellings are matched everywhere.
 */
const VSCODE = '(^|/)@types/vscode/|^vscode$';

/** What the web view may share with the engine: meaning without machinery. Neither Node, nor the DOM, nor anything else of the engine. */
const SHARED = [
  '^src/engine/format/',
  '^src/engine/errors\\.ts$',
  '^src/engine/nodes/(body-fields|catalog|planned|summary)\\.ts$',
  '^src/engine/nodes/[^/]+/manifest\\.ts$',
  '^src/engine/(nodes/params|run/events)\\.generated\\.json$',
  '^src/engine/run/(events|nesting|object-ref|paths|view|view-model|view-open)\\.ts$',
];
const SHARED_PACKAGES = ['(^|/)node_modules/(zod|jsonc-parser)/'];
const EXPRESSIONS = '^src/engine/format/expressions/';
const EXPRESSION_PACKAGES = ['(^|/)node_modules/(liquidjs|@marcbachmann/cel-js|re2js)/'];
const PACKAGE_OR_NODE = ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'core'];

/** What draws: of use to nobody outside the web view. */
const UI_PACKAGES = ['(^|/)node_modules/(react|react-dom|@xyflow|@vscode/codicons|zustand|@dagrejs)/'];

const TESTS = '\\.test\\.tsx?$';

const arrow = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    arrow(
      'engine-stands-alone',
      'The engine asks through ports; it knows no other room.',
      { path: '^src/engine/' },
      { path: '^src/', pathNot: '^src/engine/' },
    ),
    arrow(
      'providers-know-the-engine',
      'providers -> engine, and nothing else.',
      { path: '^src/providers/' },
      { path: '^src/', pathNot: '^src/(providers|engine)/' },
    ),
    arrow(
      'cli-knows-engine-and-providers',
      'cli -> engine, providers.',
      { path: '^src/cli/' },
      { path: '^src/', pathNot: '^src/(cli|providers|engine)/' },
    ),
    arrow(
      'extension-knows-the-protocol-only',
      'extension -> engine, providers, webview/protocol.',
      { path: '^src/extension/' },
      { path: '^src/', pathNot: '^src/(extension|providers|engine|webview/protocol)/' },
    ),
    arrow(
      'webview-knows-what-is-shared',
      'webview -> engine/format, node manifests, run/view and run/nesting: what holds in a browser as on Node.',
      { path: '^src/webview/' },
      { path: '^src/', pathNot: ['^src/webview/', ...SHARED] },
    ),
    arrow(
      'protocol-knows-no-ui',
      'The extension imports the protocol, and must not load React with it.',
      { path: '^src/webview/protocol/', pathNot: TESTS },
      { path: '^src/', pathNot: ['^src/webview/protocol/', ...SHARED] },
    ),
    arrow(
      'shared-stays-shared',
      'What the web view imports of the engine imports nothing of the rest of it.',
      { path: SHARED, pathNot: TESTS },
      { path: '^src/', pathNot: SHARED },
    ),
    arrow(
      'shared-packages',
      'What both sides import weighs on both bundles: two packages, no Node, nothing that draws.',
      { path: [...SHARED, '^src/webview/protocol/'], pathNot: [TESTS, EXPRESSIONS] },
      { dependencyTypes: PACKAGE_OR_NODE, pathNot: SHARED_PACKAGES },
    ),
    arrow(
      'expressions-run-anywhere',
      'Templates and conditions mean the same in a browser and on Node.',
      { path: EXPRESSIONS, pathNot: TESTS },
      { dependencyTypes: PACKAGE_OR_NODE, pathNot: [...SHARED_PACKAGES, ...EXPRESSION_PACKAGES] },
    ),
    arrow(
      'one-door-to-expressions',
      'LiquidJS and CEL stand behind one module, which sets their limits.',
      { path: '^src/', pathNot: [EXPRESSIONS, TESTS] },
      { path: EXPRESSION_PACKAGES },
    ),
    arrow(
      'webview-has-no-node',
      'A web view is a browser.',
      { path: '^src/webview/', pathNot: [TESTS, '^src/webview/protocol/'] },
      { dependencyTypes: ['core'] },
    ),
    arrow(
      'vscode-in-extension-only',
      'Every other room runs without VS Code.',
      { path: '^src/', pathNot: '^src/extension/' },
      { path: VSCODE },
    ),
    arrow(
      'ui-in-webview-only',
      'What draws is loaded by the web view alone.',
      { path: '^src/(engine|providers|extension|cli)/' },
      { path: UI_PACKAGES },
    ),
    arrow(
      'lazy-is-lazy',
      'A *.lazy.ts is a bundle of its own, loaded at first use: import() it, or import its types.',
      { pathNot: TESTS },
      { path: '\\.lazy\\.ts$', dependencyTypesNot: ['dynamic-import', 'type-import', 'type-only'] },
    ),
    arrow(
      'no-test-in-product',
      'Product code does not depend on tests or scripts.',
      { path: '^src/', pathNot: TESTS },
      { path: [TESTS, '^(test|scripts|bench)/'] },
    ),
    arrow('no-cycle', 'A cycle has no first page to read.', { path: '^(src|test|scripts)/' }, { circular: true }),
    arrow(
      'resolvable',
      'An import that resolves to nothing escapes every rule above.',
      {},
      { couldNotResolve: true, pathNot: [VSCODE, '^belay:'] },
    ),
    arrow(
      'every-file-has-a-room',
      'src/ holds five rooms and nothing beside them.',
      { path: '^src/', pathNot: '^src/(engine|providers|extension|webview|cli)/' },
      {},
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['(^|/)node_modules/'] },
    exclude: { path: ['^dist/', '^test-results/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json', '.d.ts'],
    },
  },
};
