/**
 * Paths of nodes in a run. A node of the flow has its id; one in a body or a sub-flow has `OWNER[INDEX]/ID`, where `OWNER[INDEX]` is
 * the pass it belongs to; a pass of a node that is tried as a whole for the nth time is `OWNER~n[INDEX]`. Ids have none of these signs.
 */

/** The path of a node in the pass (empty: the run itself). */
export function nodePath(pass: string, id: string): string {
  return pass === '' ? id : `${pass}/${id}`;
}

/** `round` from 1. */
export function passPath(node: string, round: number, index: number): string {
  return round === 1 ? `${node}[${index}]` : `${node}~${round}[${index}]`;
}

export function isPass(path: string): boolean {
  return path.endsWith(']');
}

/** Who spawned it: of a node its pass, of a pass its node. Empty: the run itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (!isPass(path)) return slash < 0 ? '' : path.slice(0, slash);
  const round = path.lastIndexOf('~');
  return path.slice(0, round > slash ? round : path.lastIndexOf('['));
}

/** Everything that had to begin before it: its pass, the node whose pass that is, and so on outwards. */
export function ancestorsOf(path: string): string[] {
  const found: string[] = [];
  for (let at = parentOf(path); at !== ''; at = parentOf(at)) found.push(at);
  return found;
}

/** Whether `path` is `outer` or stands in it. */
export function isWithin(path: string, outer: string): boolean {
  return path.startsWith(outer) && (path.length === outer.length || '[~/'.includes(path.charAt(outer.length)));
}

/** The node's id in its file. */
export function idOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
