/** What an empty flow can begin with, and the walkthrough "Your first flow": what they point at is there and without problems. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintFlow } from '../../src/engine/format/lint.ts';
import { parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';

const root = join(import.meta.dirname, '..', '..');
const sources = readFileSync(join(root, 'src', 'extension', 'editor', 'starts.ts'), 'utf8');
const files = [...sources.matchAll(/'((?:templates|examples)\/[^']+\.flow\.json)'/g)].map(([, file]) => file ?? '');

describe('a start', () => {
  it('is offered for each template', () => {
    const templates = globSync('templates/*.flow.json', { cwd: root }).map((file) => basename(file));
    expect(
      files
        .filter((file) => file.startsWith('templates/'))
        .map((file) => basename(file))
        .sort(),
    ).toEqual(templates.sort());
  });

  it.each(files)('%s is without problems, has a title and says what it does', (file) => {
    const parsed = parseFlow(readFileSync(join(root, file), 'utf8'), catalog);
    expect([...parsed.problems, ...lintFlow(parsed, catalog)]).toEqual([]);
    expect(parsed.flow).toMatchObject({ title: expect.any(String), description: expect.any(String) });
  });
});

describe('the walkthrough', () => {
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commands = new Set(contributes.commands.map(({ command }: { command: string }) => command));
  const views = new Set(contributes.views.belay.map(({ id }: { id: string }) => id));
  const [{ steps }] = contributes.walkthroughs;
  const achieved = readFileSync(join(root, 'src', 'extension', 'walkthrough.ts'), 'utf8');

  it.each(steps as { id: string; description: string; media: { svg: string }; completionEvents: string[] }[])(
    '$id leads somewhere, and is ticked off by something that happens',
    ({ description, media, completionEvents }) => {
      expect(existsSync(join(root, media.svg))).toBe(true);
      // VS Code knows **bold** there, and shows a single star as it is.
      expect(description.replaceAll('**', '')).not.toContain('*');
      for (const [, link = ''] of description.matchAll(/\]\(command:([\w.]+)\)/g)) {
        expect(commands.has(link) || views.has(link.replace(/\.focus$/, ''))).toBe(true);
      }
      for (const event of completionEvents) {
        const [kind, what = ''] = event.split(':');
        if (kind === 'onCommand') expect(commands.has(what)).toBe(true);
        else if (kind === 'onView') expect(views.has(what)).toBe(true);
        else expect(achieved).toContain(`'${what.replace('belay.walkthrough.', '')}'`);
      }
    },
  );
});
