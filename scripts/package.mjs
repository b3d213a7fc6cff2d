/**
 * `npm run package`: the production build as belay.vsix, and a look at what is in it. A file that is not expected, or one that
 * is missing, fails: users install what stands in this list and nothing else.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { namesInZip } from './lib/zip.mjs';

const root = join(import.meta.dirname, '..');
const vsix = join(root, 'belay.vsix');
const LIMIT = 5 * 1024 * 1024;

/** Besides what the manifest points at. */
const allowed = [
  /^extension\.vsixmanifest$/,
  /^\[Content_Types\]\.xml$/,
  /^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt)$/,
  /^extension\/dist\/((extension|cli)\.cjs|THIRD-PARTY-NOTICES\.txt)$/,
  /^extension\/dist\/(engine|providers|extension|cli)\/([\w-]+\/)*[\w-]+\.lazy\.mjs$/,
  /^extension\/dist\/chunks\/([\w.-]+-[A-Z0-9]{8}\.[cm]js|(\w+|code-cache)\.cjs)$/,
  /^extension\/docs\/\w+\.md$/,
  /^extension\/templates\/[\w-]+\.flow\.json$/,
  /^extension\/examples\/((hello|improve|vote)\.flow\.json|\.belay\/cassettes\/(improve|vote)\.jsonl)$/,
  /^extension\/dist\/webview\/(editor\.js|[\w-]+-[A-Z0-9]{8}\.js|editor\.css|codicon\.ttf)$/,
];

/** What the manifest points at has to be there. */
function promised() {
  const { main, bin, icon, contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = JSON.stringify(contributes).match(/(?<=")(\.?\/)?(media|schemas|snippets|syntaxes|dist)\/[^"]+/g) ?? [];
  return [main, icon, ...Object.values(bin), 'dist/webview/editor.js', 'dist/webview/editor.css', ...paths].map(
    (path) => `extension/${path.replace(/^\.?\//, '')}`,
  );
}

const built = spawnSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
await createVSIX({
  cwd: root,
  packagePath: vsix,
  dependencies: false, // everything is bundled
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});

const names = namesInZip(readFileSync(vsix)).sort();
console.log(names.join('\n'));
const size = statSync(vsix).size;
const wanted = promised();
const wrong = [
  ...names
    .filter((name) => !wanted.includes(name) && !allowed.some((pattern) => pattern.test(name)))
    .map((name) => `not expected: ${name}`),
  ...wanted.filter((name) => !names.includes(name)).map((name) => `missing: ${name}`),
  ...(size > LIMIT ? [`too big: ${size} bytes, the limit is ${LIMIT}`] : []),
];
for (const line of wrong) console.error(line);
if (wrong.length > 0) process.exitCode = 1;
else console.log(`belay.vsix: ${names.length} files, ${(size / 1024 / 1024).toFixed(2)} MB`);
