/** What the palette offers, in the order in which it is shown. Pure. */
import type { Category, NodeCatalog, NodeManifest } from '../../engine/format/manifest.ts';

export interface PaletteGroup {
  category: Category;
  manifests: NodeManifest[];
}

function matches(manifest: NodeManifest, words: readonly string[]): boolean {
  const text = `${manifest.title} ${manifest.type} ${manifest.category} ${manifest.description}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Types that can be run and match every word of the query, by category; those whose title begins with the query first. */
export function offer(catalog: NodeCatalog, query: string): PaletteGroup[] {
  const wanted = query.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter((word) => word !== '');
  const groups = new Map<Category, NodeManifest[]>();
  for (const manifest of catalog.values()) {
    if (!manifest.built || !matches(manifest, words)) continue;
    groups.set(manifest.category, [...(groups.get(manifest.category) ?? []), manifest]);
  }
  const begins = (manifest: NodeManifest) => (wanted !== '' && manifest.title.toLowerCase().startsWith(wanted) ? 0 : 1);
  const offered = [...groups].map(([category, manifests]) => ({ category, manifests: manifests.sort((a, b) => begins(a) - begins(b)) }));
  const first = (group: PaletteGroup) => Math.min(...group.manifests.map(begins));
  return offered.sort((a, b) => first(a) - first(b));
}
