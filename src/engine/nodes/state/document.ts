/**
 * What is remembered under one key, and what each change makes of it. Pure: where it is kept is the business of the `State` port,
 * so that every store of it means the same.
 */
import { BelayError } from '../../errors.ts';
import type { Json } from '../../format/json.ts';

/** Whose a value is: of one flow (its file, relative to the journal root), or of all flows of the root. */
export interface StateAddress {
  scope: 'workspace' | { flow: string };
  key: string;
}

export interface StateEntry {
  value: Json;
  /** Epoch ms. */
  at: number;
  /** The run that wrote it. */
  run: string;
  /** Of the change that made it. */
  change: string;
}

export interface StateDocument {
  /** The values it has had, oldest first; the last one is the present value. */
  entries: readonly StateEntry[];
  /** What has been marked as seen, the longest ago first. */
  seen: readonly string[];
  /** The latest changes, oldest first: name, and what it gave back as a number (see `changed`). */
  applied: readonly (readonly [change: string, gave: number])[];
}

export const EMPTY: StateDocument = { entries: [], seen: [], applied: [] };

export type StateChange =
  | { action: 'set'; value: Json }
  | { action: 'append'; value: Json }
  | { action: 'delete' }
  /** Marks of items, each once. */
  | { action: 'seen'; marks: readonly string[] };

/** Who changes it. `id` is the same for every attempt: a change is made once. */
export interface StateWriter {
  id: string;
  run: string;
  at: number;
}

/**
 * What a change gave. `gave`: of `set` whether there was a value before (1 or 0), of `append` the length of the list, of `delete`
 * whether there was anything (1 or 0), of `seen` how many marks were new.
 */
export interface StateChanged {
  gave: number;
  /** The value as the change left it, and as it found it; null: none, or not kept any more. */
  value: Json;
  previous: Json;
}

/** History beyond either is forgotten, the oldest first; the present value stays. */
export const MOST_ENTRIES = 100;
const MOST_HISTORY_BYTES = 1_048_576;
/** Bytes of one value as JSON. What is larger belongs into a file. */
export const LARGEST_VALUE = 1_048_576;
/** More marks push out those that were seen the longest ago. */
export const MOST_SEEN = 50_000;
/** So many changes are known again after a crash. */
const MOST_APPLIED = 1000;

export function presentValue({ entries }: StateDocument): Json | undefined {
  return entries.at(-1)?.value;
}

/** What a change gave that was made before; undefined: it was not. */
export function changed({ entries, applied }: StateDocument, id: string): StateChanged | undefined {
  const known = applied.find(([change]) => change === id);
  if (!known) return undefined;
  const made = entries.findIndex(({ change }) => change === id);
  const value = made < 0 ? null : (entries[made]?.value ?? null);
  return { gave: known[1], value, previous: made < 1 ? null : (entries[made - 1]?.value ?? null) };
}

/** Makes a change that has not been made before. Throws `STATE_NOT_A_LIST`, `STATE_TOO_LARGE`. */
export function applyChange(
  document: StateDocument,
  change: StateChange,
  { id, run, at }: StateWriter,
): { document: StateDocument; result: StateChanged } {
  const before = presentValue(document);
  const previous = before ?? null;
  const written = (value: Json): StateDocument => ({ ...document, entries: kept([...document.entries, { value, at, run, change: id }]) });
  const done = (next: StateDocument, gave: number, value: Json): { document: StateDocument; result: StateChanged } => ({
    document: { ...next, applied: [...document.applied, [id, gave] as const].slice(-MOST_APPLIED) },
    result: { gave, value, previous },
  });
  switch (change.action) {
    case 'set':
      return done(written(change.value), before === undefined ? 0 : 1, change.value);
    case 'append': {
      if (before !== undefined && !Array.isArray(before)) throw notAList();
      const list = [...(before ?? []), change.value];
      return done(written(list), list.length, list);
    }
    case 'delete': {
      const found = before !== undefined || document.seen.length > 0;
      return done({ ...document, entries: [], seen: [] }, found ? 1 : 0, null);
    }
    case 'seen': {
      const marks = new Set(change.marks);
      if (marks.size > MOST_SEEN) throw tooLarge(`${marks.size} items are more than the ${MOST_SEEN} that can be marked as seen.`);
      // Those that are seen again move to the end: what still turns up is not forgotten.
      const others = document.seen.filter((mark) => !marks.has(mark));
      const known = document.seen.length - others.length;
      return done({ ...document, seen: [...others, ...marks].slice(-MOST_SEEN) }, marks.size - known, null);
    }
    default:
      return change satisfies never;
  }
}

function kept(entries: readonly StateEntry[]): StateEntry[] {
  const fitting: StateEntry[] = [];
  let bytes = 0;
  for (const entry of entries.toReversed()) {
    const size = Buffer.byteLength(JSON.stringify(entry.value));
    if (fitting.length === 0 && size > LARGEST_VALUE) {
      throw tooLarge(`The value has ${size} bytes; at most ${LARGEST_VALUE} can be remembered under one key.`);
    }
    bytes += size;
    if (fitting.length === MOST_ENTRIES || (fitting.length > 0 && bytes > MOST_HISTORY_BYTES)) break;
    fitting.push(entry);
  }
  return fitting.reverse();
}

function notAList(): BelayError {
  return new BelayError('STATE_NOT_A_LIST', 'What is remembered under this key is not a list, so nothing can be added to it.', {
    hint: 'Use another key, or replace the value by "set".',
    kind: 'badRequest',
  });
}

function tooLarge(message: string): BelayError {
  return new BelayError('STATE_TOO_LARGE', message, { hint: 'Remember less, or write it to a file.', kind: 'badRequest' });
}
