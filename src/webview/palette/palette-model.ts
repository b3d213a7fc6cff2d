/** What the palette offers, in the order in which it is shown. Pure. */
import { type Category, type NodeCatalog, type NodeManifest, outletsOf } from '../../engine/format/manifest.ts';

export interface PaletteGroup {
  category: Category;
  manifests: NodeManifest[];
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

/** How well a type fits, 0 best; undefined: not at all. Whole words first, then their letters alone, as in VS Code's own lists. */
function rank(manifest: NodeManifest, wanted: string): number | undefined {
  const name = `${manifest.title} ${manifest.type}`.toLowerCase();
  const words = wanted.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0 || name.startsWith(wanted)) return 0;
  if (words.every((word) => ` ${name}`.includes(` ${word}`))) return 1;
  if (words.every((word) => name.includes(word))) return 2;
  const all = `${name} ${manifest.category} ${manifest.description}`.toLowerCase();
  if (words.every((word) => all.includes(word))) return 3;
  return isSpread(words.join(''), name) ? 4 : undefined;
}

/** Types that can be run and match the query, by category; the best ones first. `leads`: only those from which a flow can go on. */
export function offer(catalog: NodeCatalog, query: string, { leads = false }: { leads?: boolean } = {}): PaletteGroup[] {
  const wanted = query.trim().toLowerCase();
  const groups = new Map<Category, { manifest: NodeManifest; rank: number }[]>();
  for (const manifest of catalog.values()) {
    const found = rank(manifest, wanted);
    if (!manifest.built || found === undefined || (leads && outletsOf(manifest, manifest.initial).length < 2)) continue;
    groups.set(manifest.category, [...(groups.get(manifest.category) ?? []), { manifest, rank: found }]);
  }
  return [...groups]
    .map(([category, found]) => ({ category, found: found.sort((a, b) => a.rank - b.rank) }))
    .sort((a, b) => (a.found[0]?.rank ?? 0) - (b.found[0]?.rank ?? 0))
    .map(({ category, found }) => ({ category, manifests: found.map(({ manifest }) => manifest) }));
}
