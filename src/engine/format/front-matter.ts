/** The template in a file: all of it or, of a `*.prompt.md`, what follows the front matter (its settings for other tools). */
export function templateBody(path: string, text: string): string {
  return path.endsWith('.prompt.md') ? withoutFrontMatter(text) : text;
}

/** The body behind a block between two lines of `---` at the very beginning. Always the end of `text`. */
function withoutFrontMatter(text: string): string {
  const match = /^\uFEFF?---[ \t]*\r?\n(?:[^\n]*\n)*?---[ \t]*(?:\r?\n|$)/.exec(text);
  return match ? text.slice(match[0].length).replace(/^(?:[ \t]*\r?\n)+/, '') : text;
}
