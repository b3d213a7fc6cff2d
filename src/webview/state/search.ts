/** Finding nodes by what stands in them: title, id, type, and the text of their parameters. Pure. */
import { bodyOf, type Nodes } from '../../engine/format/graph.ts';
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import type { Flow } from '../../engine/format/model.ts';

export interface Hit {
  id: string;
  title: string;
  icon: string;
  /** In how many bodies it stands. */
  depth: number;
  /** Where the words were found, with what stands around them: `prompt: …the words…`. Empty: in its name. */
  found: string;
}

/** Characters before and behind what was found. */
const BEFORE = 18;
const AFTER = 40;

/** Every node in the order of the file that has all of the words; of an empty query, every node. */
export function findIn(flow: Flow, catalog: NodeCatalog, query: string): Hit[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const hits: Hit[] = [];
  const look = (nodes: Nodes, depth: number) => {
    for (const [id, node] of Object.entries(nodes)) {
      const manifest = catalog.get(node.type);
      const title = node.title || manifest?.title || node.type;
      const found = foundIn(words, `${title} ${id} ${node.type} ${manifest?.title ?? ''}`.toLowerCase(), node as unknown as Json);
      if (found !== undefined) hits.push({ id, title, icon: manifest?.icon ?? 'question', depth, found });
      look(bodyOf(node) ?? {}, depth + 1);
    }
  };
  look(flow.nodes, 0);
  return hits;
}

/** Undefined: the words are not all there. */
function foundIn(words: readonly string[], name: string, node: Json): string | undefined {
  const left = words.filter((word) => !name.includes(word));
  if (left.length === 0) return '';
  const texts = textsIn(node, '');
  let first: string | undefined;
  for (const word of left) {
    const text = texts.find(([, value]) => value.toLowerCase().includes(word));
    if (!text) return undefined;
    first ??= around(text, word);
  }
  return first;
}

function around([key, value]: readonly [string, string], word: string): string {
  const line = value.replace(/\s+/g, ' ');
  const at = Math.max(0, line.toLowerCase().indexOf(word));
  const from = Math.max(0, at - BEFORE);
  const to = Math.min(line.length, at + word.length + AFTER);
  return `${key}: ${from > 0 ? '…' : ''}${line.slice(from, to)}${to < line.length ? '…' : ''}`;
}

/** Every text of a node with the key it stands at; not those of the nodes in its body, nor what its name was made of. */
function textsIn(value: Json, key: string, depth = 0): [string, string][] {
  if (typeof value === 'string') return [[key, value]];
  if (Array.isArray(value)) return value.flatMap((entry) => textsIn(entry, key, depth + 1));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, entry]) => {
    const isBody = depth === 1 && key === 'with' && name === 'nodes';
    const isName = depth === 0 && (name === 'type' || name === 'title');
    return isBody || isName ? [] : textsIn(entry, name, depth + 1);
  });
}
