/** What the palette offers, in the order in which it is shown. Pure. */
import { hasBody } from '../../engine/format/fields.ts';
import { type NodeCatalog, type NodeManifest, outletsOf } from '../../engine/format/manifest.ts';
import type { PickItem } from '../ui/combobox.tsx';

export interface PaletteGroup {
  title: string;
  items: PickItem[];
}

/** Whether the letters of `word` stand in `text` in this order. */
function isSpread(word: string, text: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** How well a name fits, 0 best; undefined: not at all. Whole words first, then their letters alone, as in VS Code's own lists. */
function rank(name: string, more: string, wanted: string): number | undefined {
  const words = wanted.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0 || name.startsWith(wanted)) return 0;
  if (words.every((word) => ` ${name}`.includes(` ${word}`))) return 1;
  if (words.every((word) => name.includes(word))) return 2;
  const all = `${name} ${more}`.toLowerCase();
  if (words.every((word) => all.includes(word))) return 3;
  return isSpread(words.join(''), name) ? 4 : undefined;
}

export interface Wanted {
  /** Only those from which a flow can go on. */
  leads?: boolean;
  /** Only those with a body. */
  bodies?: boolean;
}

/** Types that can be run and match the query, by category; the best ones first. */
export function offer(catalog: NodeCatalog, query: string, { leads = false, bodies = false }: Wanted = {}): PaletteGroup[] {
  const fits = (manifest: NodeManifest) =>
    manifest.built && (!leads || outletsOf(manifest, manifest.initial).length >= 2) && (!bodies || hasBody(manifest));
  const rows = [...catalog.values()].filter(fits).map(({ type, title, icon, description, category }) => ({
    group: category,
    name: `${title} ${type}`,
    item: { id: type, icon, title, about: description },
  }));
  return ranked(rows, query);
}

/** Rows that match the query, by group; the best ones first, and the group of the best one. */
export function ranked(rows: readonly { group: string; name: string; item: PickItem }[], query: string): PaletteGroup[] {
  const wanted = query.trim().toLowerCase();
  const groups = new Map<string, { item: PickItem; rank: number }[]>();
  for (const { group, name, item } of rows) {
    const found = rank(name.toLowerCase(), `${group} ${item.about}`, wanted);
    if (found !== undefined) groups.set(group, [...(groups.get(group) ?? []), { item, rank: found }]);
  }
  return [...groups]
    .map(([title, found]) => ({ title, found: found.sort((a, b) => a.rank - b.rank) }))
    .sort((a, b) => (a.found[0]?.rank ?? 0) - (b.found[0]?.rank ?? 0))
    .map(({ title, found }) => ({ title, items: found.map(({ item }) => item) }));
}
