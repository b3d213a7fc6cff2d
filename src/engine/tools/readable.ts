/** A page of the web as text for a model. Every pass is linear in the length of the page, whatever it contains. */

const UNSEEN = ['script', 'style', 'noscript', 'template', 'svg', 'title'];
const BREAKS = /^\/?(?:p|div|br|hr|li|ul|ol|tr|table|section|article|header|footer|main|nav|h[1-6]|pre|blockquote|dt|dd|option)$/i;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Text in the order of the page; headings marked, links followed by their address. */
export function readableText(html: string, base: string): string {
  const parts: string[] = [];
  const title = between(html, '<title', '</title');
  if (title) parts.push(`# ${title}\n`);
  let link: string | undefined;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    parts.push(html.slice(at, open));
    if (html.startsWith('<!--', open)) {
      at = behind(html, '-->', open + 4);
      continue;
    }
    if (!/^[a-zA-Z/!?]/.test(html.charAt(open + 1))) {
      parts.push('<');
      at = open + 1;
      continue;
    }
    const close = html.indexOf('>', open);
    if (close < 0) {
      at = html.length;
      break;
    }
    const tag = html.slice(open + 1, close);
    const name = /^\/?[a-zA-Z][a-zA-Z0-9]*/.exec(tag)?.[0].toLowerCase() ?? '';
    at = close + 1;
    if (name === '') parts.push(tag.startsWith('!') || tag.startsWith('?') ? '' : `<${tag}>`);
    else if (UNSEEN.includes(name)) at = behind(html, `</${name}`, at, true);
    else if (name === 'a') link = addressIn(tag, base);
    else if (name === '/a' && link !== undefined) {
      parts.push(` (${link})`);
      link = undefined;
    } else if (BREAKS.test(name)) parts.push(/^h[1-6]$/.test(name) ? `\n\n${'#'.repeat(Number(name[1]))} ` : name === 'li' ? '\n- ' : '\n');
    else if (name === 'td' || name === 'th') parts.push(' | ');
  }
  parts.push(html.slice(at));
  return decoded(parts.join(''))
    .split('\n')
    .map((line) => line.split(/\s+/).filter(Boolean).join(' '))
    .filter((line, index, all) => line !== '' || all[index - 1] !== '')
    .join('\n')
    .trim();
}

/** Behind the next `end`; `tag`: behind the tag that it begins. What has no end takes the rest of the page with it. */
function behind(html: string, end: string, from: number, tag = false): number {
  const found = indexOfTag(html, end, from);
  if (found < 0) return html.length;
  if (!tag) return found + end.length;
  const close = html.indexOf('>', found);
  return close < 0 ? html.length : close + 1;
}

function indexOfTag(html: string, start: string, from: number): number {
  const search = new RegExp(start.replace(/[/<>!-]/g, '\\$&'), 'gi');
  search.lastIndex = from;
  return search.exec(html)?.index ?? -1;
}

function between(html: string, start: string, end: string): string {
  const from = indexOfTag(html, start, 0);
  if (from < 0) return '';
  const inside = html.indexOf('>', from) + 1;
  const to = indexOfTag(html, end, inside);
  return inside === 0 || to < 0 ? '' : decoded(html.slice(inside, to)).trim();
}

function addressIn(tag: string, base: string): string | undefined {
  const [, double, single] = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag) ?? [];
  const written = double ?? single;
  if (written === undefined || written.startsWith('#') || !URL.canParse(decoded(written), base)) return undefined;
  const { href, protocol } = new URL(decoded(written), base);
  return /^https?:$/.test(protocol) ? href : undefined;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-zA-Z]{2,6}));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}
