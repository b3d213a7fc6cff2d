/** Ids for new nodes: readable, and free. */
import { isJsonObject } from '../../engine/format/json.ts';
import { type Flow, NODE_ID } from '../../engine/format/model.ts';
import { reservedReason } from '../../engine/format/reserved.ts';

/** Words as one camel-case id; empty where nothing usable is left. */
export function toId(words: string): string {
  const parts = words
    .normalize('NFKD')
    .replace(/[^\p{ASCII}]/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '');
  const joined = parts
    .map((part, index) => (index === 0 ? part.charAt(0).toLowerCase() : part.charAt(0).toUpperCase()) + part.slice(1))
    .join('');
  return NODE_ID.test(joined) ? joined : '';
}

/** Every id of the file, those inside bodies (`with.nodes`) included. */
export function idsOf(flow: Flow): Set<string> {
  const ids = new Set<string>();
  const bodies: unknown[] = [flow.nodes];
  for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
    if (!isJsonObject(body)) continue;
    for (const [id, node] of Object.entries(body)) {
      ids.add(id);
      if (isJsonObject(node) && isJsonObject(node.with)) bodies.push(node.with.nodes);
    }
  }
  return ids;
}

/** An id made from `words` that is neither taken nor reserved: `prompt`, `prompt2`, `prompt3`, … */
export function freshId(words: string, taken: (id: string) => boolean): string {
  const made = toId(words) || 'node';
  const base = reservedReason(made) !== undefined ? `${made}Step` : made;
  if (!taken(base)) return base;
  for (let number = 2; ; number += 1) {
    const id = `${base}${number}`;
    if (!taken(id)) return id;
  }
}
