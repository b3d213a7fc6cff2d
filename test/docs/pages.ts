/** The pages that people read, and what stands in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

const names = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md'],
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

export interface Page {
  /** From the root, with forward slashes. */
  name: string;
  text: string;
}

export const pages: readonly Page[] = names.map((name) => ({
  name,
  text: readFileSync(join(ROOT, name), 'utf8').replaceAll('\r\n', '\n'),
}));

export function pageText(name: string): string {
  const page = pages.find((candidate) => candidate.name === name);
  if (!page) throw new Error(`There is no page ${name}`);
  return page.text;
}

export interface Block {
  /** `docs/format.md:12`: the line of the opening fence. */
  where: string;
  text: string;
}

/** The fenced blocks of a language on all pages. */
export function blocksOf(language: string): Block[] {
  return pages.flatMap(({ name, text }) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((block) => ({
      where: `${name}:${lineAt(text, block.index)}`,
      text: block[1] ?? '',
    })),
  );
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
