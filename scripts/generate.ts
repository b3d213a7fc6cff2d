/**
 * Writes what is derived from the code: the JSON Schema of flows, the snippets, the references of node types, problems and
 * expressions, and the tables of the command line. `--check` writes nothing and fails if something is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cliRegions } from './generate/cli-reference.ts';
import { doors } from './generate/doors.ts';
import { expressionReference } from './generate/expression-reference.ts';
import { nodeReference } from './generate/node-reference.ts';
import { problemReference } from './generate/problem-reference.ts';
import { fillRegions } from './generate/regions.ts';
import { flowJsonSchema } from './generate/schema.ts';
import { snippets } from './generate/snippets.ts';

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** By path from the root of the project. */
const files: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(Object.entries(doors).map(([path, schemas]) => [path, () => `${JSON.stringify(schemas())}\n`])),
  'schemas/flow.schema.json': () => json(flowJsonSchema()),
  'snippets/belay.code-snippets': () => json(snippets()),
  'docs/nodes.md': nodeReference,
  'docs/problems.md': problemReference,
  'docs/expressions.md': expressionReference,
  'docs/cli.md': () => fillRegions(readIfThere('docs/cli.md') ?? '', cliRegions()),
};

function main(check: boolean): number {
  const stale = Object.entries(files)
    .map(([path, content]) => ({ path, text: content() }))
    .filter(({ path, text }) => readIfThere(path) !== text);
  for (const { path, text } of stale) {
    console.log(`${check ? 'stale' : 'written'}: ${path}`);
    if (check) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (check && stale.length > 0) console.log('Run "npm run generate" and commit what it writes.');
  return check && stale.length > 0 ? 1 : 0;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

process.exitCode = main(process.argv.includes('--check'));
