// Prints the changes since the last release, one a line: what the flow "release notes" begins with.
import { readFileSync } from 'node:fs';

const { changes } = JSON.parse(readFileSync(new URL('../data/changes.json', import.meta.url), 'utf8'));
for (const { id, kind, text } of changes) console.log(`- ${kind}: ${text} (#${id})`);
