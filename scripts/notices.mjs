import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `node_modules/a/node_modules/@b/c/index.js` → `node_modules/a/node_modules/@b/c` */
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * Writes dist/THIRD-PARTY-NOTICES.txt: name, version and licence text of every package that ended up in a bundle.
 * A bundled package without a licence text is an error: we may not ship it.
 * @param {string} root the project
 * @param {import('esbuild').Metafile[]} metafiles of all bundles
 * @returns {string} the file, relative to the project
 */
export function writeNotices(root, metafiles) {
  const bundled = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  const folders = new Set(bundled.flatMap((file) => PACKAGE.exec(file)?.[1] ?? []));
  const notices = [...folders].map((folder) => notice(join(root, folder))).sort();
  const head = 'Belay contains the following packages, each under its own licence.\n';
  const file = 'dist/THIRD-PARTY-NOTICES.txt';
  writeFileSync(join(root, file), [head, ...notices].join(`\n${'-'.repeat(80)}\n\n`));
  return file;
}

/** Packages that state the MIT licence and ship no text of it: the text is the same for all, but for the holder they name. */
const MIT_WITHOUT_TEXT = new Set(['standardwebhooks']);

function notice(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (!file && license === 'MIT' && MIT_WITHOUT_TEXT.has(name)) {
    const text = readFileSync(join(import.meta.dirname, '..', 'LICENSE'), 'utf8').replace(/^Copyright .*$/m, `Copyright (c) ${author}`);
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  }
  if (!file) throw new Error(`${name} ${version} (${license}) has no licence text in ${folder}`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
