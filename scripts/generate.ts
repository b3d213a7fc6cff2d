/**
 * Writes what is derived from the format's declarations and the node types: the JSON Schema of flows, the snippets, and the
 * references of node types and problems. `--check` writes nothing and fails if something is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expressionReference } from './generate/expression-reference.ts';
import { nodeReference } from './generate/node-reference.ts';
import { problemReference } from './generate/problem-reference.ts';
import { flowJsonSchema } from './generate/schema.ts';
import { snippets } from './generate/snippets.ts';

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** By path from the root of the project. */
const files: Readonly<Record<string, () => string>> = {
  'schemas/flow.schema.json': () => json(flowJsonSchema()),
  'snippets/belay.code-snippets': () => json(snippets()),
  'docs/nodes.md': nodeReference,
  'docs/problems.md': problemReference,
  'docs/expressions.md': expressionReference,
};

function main(check: boolean): number {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const stale = Object.entries(files).filter(([path, content]) => readIfThere(join(root, path)) !== content());
  for (const [path, content] of stale) {
    console.log(`${check ? 'stale' : 'written'}: ${path}`);
    if (check) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content());
  }
  if (check && stale.length > 0) console.log('Run "npm run generate" and commit what it writes.');
  return check && stale.length > 0 ? 1 : 0;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

process.exitCode = main(process.argv.includes('--check'));
