/** What a run is carried out with: the flow and every file it reaches, as they were when it started. */

import * as z from 'zod';
import { readAgent } from '../agents/agent-file.ts';
import { builtInAgent } from '../agents/built-in.ts';
import { reachedByAgent, unknownAgent } from '../agents/reached.ts';
import { BelayError } from '../errors.ts';
import { Door } from '../format/door.ts';
import { folderOf, joinPath } from '../format/file-paths.ts';
import { scopesOf } from '../format/graph.ts';
import type { Json, JsonSchema } from '../format/json.ts';
import { lazily } from '../format/lazily.ts';
import { lintFlow } from '../format/lint.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import type { Flow } from '../format/model.ts';
import { parseOnce } from '../format/parse-once.ts';
import type { Problem } from '../format/problem.ts';
import { MOST_FLOWS } from '../format/reading.ts';
import { canonicalJson } from '../policy/hash.ts';
import generated from './events.generated.json' with { type: 'json' };
import type { Executors } from './flow-run.ts';
import { givenResultSchema } from './given.ts';

const bundleSchema = lazily(() =>
  z.object({
    flow: z.string(),
    files: z.record(z.string(), z.string()),
    given: z.record(z.string(), givenResultSchema()).exactOptional(),
  }),
);
export const bundleDoor = new Door(bundleSchema, () => generated.bundle as unknown as JsonSchema);
/** `files` by path relative to the flow; `given` by path of the node. */
export type Bundle = z.infer<ReturnType<typeof bundleSchema>>;

/** The same text for the same content: it is named by its hash. */
export function encodeBundle({ flow, files, given = {} }: Bundle): string {
  return canonicalJson({ flow, files, ...(Object.keys(given).length === 0 ? {} : { given: given as Json }) });
}

/** Throws `BUNDLE_INVALID`. */
export function decodeBundle(text: string): Bundle {
  try {
    return bundleDoor.parse(JSON.parse(text));
  } catch (error) {
    throw bundleInvalid(error);
  }
}

function bundleInvalid(cause: unknown): BelayError {
  return new BelayError('BUNDLE_INVALID', 'What the run was started with cannot be read.', {
    hint: 'Start the flow again; this run can only be looked at.',
    kind: 'internal',
    cause,
  });
}

/** The flow of a text that can be run. Throws `FLOW_INVALID` with the problems in `details`. */
export function runnableFlow(text: string, catalog: NodeCatalog, executors: Executors): Flow {
  const { flow, problems } = parseOnce(text, catalog);
  const errors = problems.filter(isError);
  if (!flow || errors.length > 0) throw flowInvalid(errors);
  for (const [id, { type }] of scopesOf(flow).flatMap(({ nodes }) => Object.entries(nodes))) {
    if (executors.has(type)) continue;
    throw new BelayError('FLOW_INVALID', `"${id}" is of type "${type}", which cannot be run here.`, {
      hint: 'Use another type, or a newer Belay.',
    });
  }
  return flow;
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

function flowInvalid(errors: readonly Problem[]): BelayError {
  const [first] = errors;
  const where = first ? `line ${first.place.line}: ${first.message}` : 'it is not a flow';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new BelayError('FLOW_INVALID', `The flow has problems and cannot be run: ${where}${more}`, {
    hint: first?.hint ?? 'Open it and correct what the Problems panel shows.',
    kind: 'badRequest',
    details: {
      problems: errors.map(({ fix: _fix, ...problem }): Json => ({ ...problem, path: [...problem.path], place: { ...problem.place } })),
    },
  });
}

/** What the linter finds in the flow and its files has to be mended before it is run. Throws `FLOW_INVALID`. */
export function refuseFaults(text: string, catalog: NodeCatalog, readFile: (path: string) => string | undefined): void {
  const faults = lintFlow(parseOnce(text, catalog), catalog, { readPrompt: readFile }).filter(isError);
  if (faults.length > 0) throw flowInvalid(faults);
}

/**
 * The texts of all files the flow reaches, those of its sub-flows too, by path relative to it. Throws `FILE_MISSING`,
 * `FLOW_FILES_MANY`, and `FLOW_INVALID` for a sub-flow that cannot be run.
 */
export async function reachedFiles(
  flow: Flow,
  tools: { catalog: NodeCatalog; executors: Executors; readFile(path: string): Promise<string | undefined> },
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const open: { flow: Flow; folder: string; text?: string; path?: string }[] = [{ flow, folder: '' }];
  for (const at of open) {
    const reached = filesOf(at.flow, at.folder, tools.executors);
    for (const { id, path, isFlow, agent } of reached) {
      if (Object.hasOwn(files, path)) continue;
      // A file of the workspace takes the place of the agent of that name that ships with Belay.
      const text = (await tools.readFile(path)) ?? (agent === undefined ? undefined : builtInAgent(agent));
      if (text === undefined) throw agent === undefined ? fileMissing(id, path) : unknownAgent(agent, id);
      files[path] = text;
      if (agent !== undefined) reached.push(...reachedByAgent(readAgent(agent, text)).map((more) => ({ id, ...more })));
      if (!isFlow) continue;
      const sub = inFile(path, () => runnableFlow(text, tools.catalog, tools.executors));
      if (open.length > MOST_FLOWS) throw tooManyFlows();
      open.push({ flow: sub, folder: folderOf(path), text, path });
    }
  }
  for (const { text, path, folder } of open) {
    if (text === undefined || path === undefined) continue;
    inFile(path, () => refuseFaults(text, tools.catalog, (inner) => files[joinPath(folder, inner)]));
  }
  return files;
}

function fileMissing(id: string, path: string): BelayError {
  return new BelayError('FILE_MISSING', `"${id}" needs the file "${path}", which is not there.`, {
    hint: 'Create the file or correct the path; it is relative to the flow.',
    kind: 'notFound',
    details: { node: id, path },
  });
}

function tooManyFlows(): BelayError {
  return new BelayError('FLOW_FILES_MANY', `The flow reaches more than ${MOST_FLOWS} other flows.`, {
    hint: 'Let it reach fewer, and name each by one path: links can let folders stand in themselves.',
    kind: 'badRequest',
  });
}

interface ReachedFile {
  /** The node that needs it. */
  id: string;
  path: string;
  isFlow: boolean;
  agent?: string;
}

function filesOf(flow: Flow, folder: string, executors: Executors): ReachedFile[] {
  return scopesOf(flow).flatMap(({ nodes }) =>
    Object.entries(nodes).flatMap(([id, node]) =>
      (executors.get(node.type)?.reaches?.(node.with ?? {}) ?? []).map(({ path, flow: isFlow, agent }) => ({
        id,
        path: joinPath(folder, path),
        isFlow: isFlow === true,
        ...(agent === undefined ? {} : { agent }),
      })),
    ),
  );
}

/** What is wrong with a sub-flow says in which file. */
function inFile<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof BelayError)) throw error;
    // biome-ignore lint/style/useErrorCause: it is passed, with the rest
    throw new BelayError(error.code, `${path}: ${error.message}`, {
      hint: error.hint,
      kind: error.kind,
      details: error.details ?? null,
      cause: error,
    });
  }
}
