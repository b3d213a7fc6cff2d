/**
 * The text of the index: a first line that says whose it is, a second one with all runs as of the last compaction, and a line for each
 * thing that happened since. The second line holds finished runs by columns, because parsing a list of objects takes four times as long.
 * Pure; the file belongs to run-index.ts.
 */
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { ErrorData } from '../../engine/errors.ts';
import { Door } from '../../engine/format/door.ts';
import type { JsonSchema } from '../../engine/format/json.ts';
import { lazily } from '../../engine/format/lazily.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import generated from './journal.generated.json' with { type: 'json' };
import { summarySchema } from './summary.ts';

/** A run that nobody had when it was noted: true as long as its last segment is this one, with this length and this time. */
export interface RestingRun {
  segment: number;
  /** Bytes. */
  length: number;
  /** Epoch milliseconds, with fractions, as the file system tells it. */
  mtime: number;
  summary: RunSummary;
}

/** One line behind the first two. */
export type IndexLine =
  | readonly ['done', RunSummary]
  | readonly ['rest', RestingRun]
  /** Has to be looked at: somebody has it, or its journal cannot be read. */
  | readonly ['live', string]
  | readonly ['gone', string]
  | readonly ['kept', string, boolean]
  | readonly ['size', string, number]
  /** The folder of runs had this time when its names were compared with the index: as long as it has, none came or went. */
  | readonly ['seen', string];

export interface IndexBase {
  done: RunSummary[];
  rest: RestingRun[];
  live: string[];
  /** Bytes on disk of finished runs that were measured. */
  sizes: Map<string, number>;
  seen: string | undefined;
}

const VERSION = 1;

const resting = lazily(() => z.object({ segment: z.int(), length: z.int(), mtime: z.number(), summary: summarySchema() }));
const lineSchema = lazily(() =>
  z.union([
    z.tuple([z.literal('done'), summarySchema()]),
    z.tuple([z.literal('rest'), resting()]),
    z.tuple([z.literal('live'), z.string()]),
    z.tuple([z.literal('gone'), z.string()]),
    z.tuple([z.literal('kept'), z.string(), z.boolean()]),
    z.tuple([z.literal('size'), z.string(), z.number()]),
    z.tuple([z.literal('seen'), z.string()]),
  ]),
);

type Shared = Pick<RunSummary, 'flow' | 'title' | 'mode' | 'startedBy' | 'status' | 'local' | 'dry'>;

export const lineDoor = new Door(lineSchema, () => generated.line as unknown as JsonSchema);

/** Not validated field by field: what has the right checksum behind this machine's number was written by `encodeBase`. */
interface Body {
  ids: string[];
  created: number[];
  took: number[];
  /** Which of `shared`. */
  of: number[];
  shared: Shared[];
  /** What few runs have, by the position of the run. */
  errors: [number, ErrorData][];
  kept: number[];
  sizes: [number, number][];
  rest: RestingRun[];
  live: string[];
  seen?: string;
}

const headSchema = lazily(() => z.object({ index: z.literal(VERSION), machine: z.string(), nonce: z.string(), crc: z.number() }));
export const headDoor = new Door(headSchema, () => generated.head as unknown as JsonSchema);

/** Both first lines, each with its newline. `nonce` tells one compaction from another. */
export function encodeBase(base: IndexBase, machine: string, nonce: string): string {
  const numbers = new Map<string, number>();
  const body: Body = {
    ids: [],
    created: [],
    took: [],
    of: [],
    shared: [],
    errors: [],
    kept: [],
    sizes: [],
    rest: base.rest,
    live: base.live,
    ...(base.seen === undefined ? {} : { seen: base.seen }),
  };
  for (const [i, summary] of base.done.entries()) {
    const { id, createdAt, finishedAt = createdAt, flow, title, mode, startedBy, status, local, error, kept, dry } = summary;
    const shared: Shared = { flow, title, mode, startedBy, status, local, ...(dry ? { dry } : {}) };
    const key = JSON.stringify(shared);
    let number = numbers.get(key);
    if (number === undefined) {
      number = body.shared.push(shared) - 1;
      numbers.set(key, number);
    }
    body.ids.push(id);
    body.created.push(createdAt);
    body.took.push(finishedAt - createdAt);
    body.of.push(number);
    if (error) body.errors.push([i, error]);
    if (kept) body.kept.push(i);
    const size = base.sizes.get(id);
    if (size !== undefined) body.sizes.push([i, size]);
  }
  const text = JSON.stringify(body);
  return `${JSON.stringify({ index: VERSION, machine, nonce, crc: crc32(text) })}\n${text}\n`;
}

/** Undefined: damaged, of another version or of another machine, whose word is not taken. */
export function decodeBase(head: string, body: Uint8Array, machine: string): IndexBase | undefined {
  try {
    const told = headDoor.parse(JSON.parse(head));
    if (told.machine !== machine || told.crc !== crc32(body)) return undefined;
    const { ids, created, took, of, shared, errors, kept, sizes, rest, live, seen } = JSON.parse(new TextDecoder().decode(body)) as Body;
    const done = ids.map((id, i) => finishedRun(id, created[i] ?? 0, took[i] ?? 0, shared[of[i] ?? 0] as Shared));
    for (const [i, error] of errors) done[i] = { ...(done[i] as RunSummary), error };
    for (const i of kept) done[i] = { ...(done[i] as RunSummary), kept: true };
    return { done, rest, live, sizes: new Map(sizes.map(([i, size]) => [ids[i] ?? '', size])), seen };
  } catch {
    return undefined;
  }
}

/** Nobody is asked any more in a run that is over. */
const NOBODY: RunSummary['waiting'] = [];

/** Key by key: with a spread a hundred thousand of them take three times as long. */
function finishedRun(
  id: string,
  createdAt: number,
  took: number,
  { flow, title, mode, startedBy, status, local, dry }: Shared,
): RunSummary {
  const finishedAt = createdAt + took;
  const run: RunSummary = { id, flow, title, mode, startedBy, status, createdAt, finishedAt, waiting: NOBODY, local };
  if (dry) run.dry = dry;
  return run;
}

/** A newline before as well: what another process left unfinished must not take this line with it. */
export function encodeLines(lines: readonly IndexLine[]): string {
  return lines.map((line) => `\n${JSON.stringify(line)}\n`).join('');
}

/** Lines that are not understood are left out, and what they said is found out anew: no run is taken for seen because of them. */
export function decodeLog(text: string): IndexLine[] {
  return text.split('\n').flatMap((line): IndexLine[] => {
    if (line === '') return [];
    try {
      // JSON has no `undefined`, so optional keys are absent, which zod's types cannot say.
      return [lineDoor.parse(JSON.parse(line)) as unknown as IndexLine];
    } catch {
      return [['seen', '']];
    }
  });
}
