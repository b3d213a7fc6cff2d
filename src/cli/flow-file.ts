/** Flow files as the command line names them. */
import { readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { BelayError } from '../engine/errors.ts';
import { scopesOf } from '../engine/format/graph.ts';
import type { Flow } from '../engine/format/model.ts';
import { parseOnce } from '../engine/format/parse-once.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import { readBeside } from '../providers/files/beside.ts';
import type { ReadFlow } from './mode.ts';
import type { Titles } from './progress/progress.ts';
import { pathBelow } from './root.ts';

export interface FlowFile {
  /** Absolute. */
  path: string;
  /** Absolute: where the flow's own paths start. */
  folder: string;
  text: string;
}

/** Throws `FILE_UNREADABLE`, `FILE_NOT_TEXT`. */
export function readTextFile(cwd: string, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(cwd, name));
  } catch (cause) {
    throw unreadable(name, cause);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw notText(name, cause);
  }
}

/** Replaces the text of a file that is there, all of it or nothing. Throws `FILE_FAILED`. */
export function writeTextFile(cwd: string, name: string, text: string): void {
  try {
    const path = realpathSync(resolve(cwd, name));
    const beside = `${path}.${process.pid}.tmp`;
    writeFileSync(beside, text, { flag: 'wx', mode: statSync(path).mode });
    renameSync(beside, path);
  } catch (cause) {
    throw unwritable(name, cause);
  }
}

function unwritable(name: string, cause: unknown): BelayError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new BelayError('FILE_FAILED', `${name} cannot be written (${reason}).`, {
    hint: 'Check its permissions.',
    kind: 'permission',
    cause,
  });
}

function unreadable(name: string, cause: unknown): BelayError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new BelayError('FILE_UNREADABLE', `${name} cannot be read (${reason}).`, { hint: 'Check the path.', kind: 'notFound', cause });
}

function notText(name: string, cause: unknown): BelayError {
  return new BelayError('FILE_NOT_TEXT', `${name} is not UTF-8 text.`, { hint: 'Save it as UTF-8.', kind: 'badRequest', cause });
}

export function readFlowFile(cwd: string, name: string): FlowFile {
  const path = resolve(cwd, name);
  return { path, folder: dirname(path), text: readTextFile(cwd, name) };
}

/** The flow of a text that has been frozen, and so checked, when a run started. */
export function frozenFlow(text: string): Flow | undefined {
  return parseOnce(text, catalog).flow;
}

export function titlesOf(flow: Flow | undefined): Titles {
  const scopes = flow ? scopesOf(flow) : [];
  return new Map(scopes.flatMap(({ nodes }) => Object.entries(nodes).map(([id, node]) => [id, node.title ?? id] as const)));
}

/**
 * The flow of a run as it now is. Its path stands in a journal, which may have come with a repository: it is read only below the root,
 * links resolved. Throws `FLOW_OUTSIDE`, `FILE_UNREADABLE`.
 */
export function readRecordedFlow(root: string, flowPath: string): FlowFile {
  const path = resolve(root, flowPath);
  pathBelow(root, path);
  const text = readBeside(root, root, flowPath);
  if (text === undefined) {
    throw new BelayError('FILE_UNREADABLE', `The flow of the run, ${flowPath}, cannot be read.`, {
      hint: 'It has to be a text file below the root.',
      kind: 'notFound',
    });
  }
  return { path, folder: dirname(path), text };
}

/** How deep sub-flows are looked at, and how many: a repository may name anything, and a run has its own limits. */
const MOST_DEEP = 16;
const MOST_SUB_FLOWS = 200;

/** Reads the sub-flows of the flow in `folder` below `root`, each once. What cannot be read is told when the run starts. */
export function subFlowsOf(root: string, folder: string, known = new Set<string>(), depth = 1): ReadFlow {
  return (name) => {
    const path = resolve(folder, name);
    if (known.has(path) || known.size >= MOST_SUB_FLOWS || depth > MOST_DEEP) return undefined;
    known.add(path);
    const text = readBeside(root, folder, name);
    const flow = text === undefined ? undefined : parseOnce(text, catalog).flow;
    return flow && { flow, readFlow: subFlowsOf(root, dirname(path), known, depth + 1) };
  };
}
