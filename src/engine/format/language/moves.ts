/** Mending what a flow names when files have been moved: paths are from the same root, with forward slashes. */
import { folderOf, joinPath } from '../file-paths.ts';
import type { TextEdit } from '../flow-edit.ts';
import { nodeAt } from '../json-tree.ts';
import type { FlowText } from './flow-text.ts';
import { usesOf } from './occurrences.ts';

export interface Moves {
  /** Where a file is now; undefined: where it was. */
  file(path: string): string | undefined;
  /** The new name of an agent; undefined: the old one. */
  agent(name: string): string | undefined;
}

/**
 * @param before where the flow was; `after`: where it is now, which may be the same.
 * @returns what has to be changed in its text, so that it names the same files and agents as before.
 */
export function mendNames(flow: FlowText, before: string, after: string, moves: Moves): TextEdit[] {
  return usesOf(flow).flatMap(({ is, name, path }) => {
    const string = nodeAt(flow.tree.root, path);
    if (string?.type !== 'string') return [];
    const mended = is === 'agent' ? moves.agent(name) : mendedPath(name, before, after, moves);
    if (mended === undefined || mended === name) return [];
    return [{ offset: string.offset, length: string.length, newText: JSON.stringify(mended) }];
  });
}

function mendedPath(name: string, before: string, after: string, moves: Moves): string | undefined {
  const target = joinPath(folderOf(before), name);
  const now = moves.file(target) ?? target;
  // As it was written, where it still leads there.
  return joinPath(folderOf(after), name) === now ? undefined : relativePath(folderOf(after), now);
}

/** `path` as it is written in a file of `folder`. */
export function relativePath(folder: string, path: string): string {
  const from = folder.split('/').filter((part) => part !== '');
  const to = path.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same += 1;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}
