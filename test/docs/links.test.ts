/** Links between pages lead somewhere: to a file that is there, and to a heading that is on it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lineAt, pages, ROOT } from './pages.ts';

const links = pages.flatMap(({ name, text }) => {
  // What stands in code is no link; blanked, so that lines stay the same.
  const prose = text
    .replace(/^```.*?^```/gms, (block) => block.replace(/[^\n]/g, ' '))
    .replace(/`[^`\n]*`/g, (code) => ' '.repeat(code.length));
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => ({ page: name, line: lineAt(prose, match.index), target: match[1] ?? '' }))
    .filter(({ target }) => !/^https?:/.test(target));
});

/** Anchors as GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...readFileSync(page, 'utf8').matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

describe('links in the documentation', () => {
  it('are found', () => expect(links.length).toBeGreaterThan(20));

  it.each(links)('$page:$line leads to $target', ({ page, target }) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
    expect(existsSync(file), `${target} is not there`).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(file)).toContain(anchor);
  });
});
