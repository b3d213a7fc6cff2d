/** What docs/cli.md says in prose of things that are data elsewhere: lines of `--json`, environment variables, answers. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MODES } from '../../src/cli/mode.ts';
import { DECISIONS, runEventSchema } from '../../src/engine/run/events.ts';
import { pageText, ROOT } from './pages.ts';

const page = pageText('docs/cli.md');

function section(heading: string): string {
  const [, rest = ''] = page.split(`${heading}\n`);
  return rest.split(/^#{2,3} /m)[0] ?? '';
}

const codesIn = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');

describe('the page of the command line', () => {
  const eventTypes = runEventSchema().options.map((option) => option.shape.type.value);
  it.each(eventTypes)('tells of the event %s', (type) => expect(codesIn(section('### Lines of `--json`'))).toContain(type));

  it.each([...new Set(Object.values(DECISIONS).flat())])('tells of the answer %s', (decision) =>
    expect(codesIn(section('## answer'))).toContain(decision),
  );

  it('tells of every mode', () => {
    const rows = [...section('### Where replies come from').matchAll(/^\| `([a-z][a-z-]*)` \|/gm)].map((row) => row[1]);
    expect(rows).toEqual(Object.keys(MODES));
  });

  it('tells of every environment variable that is read, and of no other', () => {
    const read = globSync('src/{cli,providers}/**/*.ts', { cwd: ROOT })
      .filter((path) => !path.endsWith('.test.ts'))
      .flatMap((path) => [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\benvironment\.([A-Z_]+)\b|'(BELAY_SECRET_)'/g)])
      .map((match) => match[1] ?? `${match[2]}NAME`);
    const told = [...section('## Environment variables').matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1]);
    // Node itself reads NO_COLOR when it is asked for the colours of a terminal.
    expect(told.toSorted()).toEqual([...new Set([...read, 'NO_COLOR'])].toSorted());
  });
});
