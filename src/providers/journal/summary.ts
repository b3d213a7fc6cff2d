/** `summary.json`: the line of a run in lists, kept beside the journal so that a list need not read journals. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { Door } from '../../engine/format/door.ts';
import type { JsonSchema } from '../../engine/format/json.ts';
import { lazily } from '../../engine/format/lazily.ts';
import type { SignalKind } from '../../engine/run/events.ts';
import { DECISIONS, errorDataSchema, outcomeSchema, ownerSchema, runModeSchema } from '../../engine/run/events.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import { replaceFile } from './atomic-file.ts';
import generated from './journal.generated.json' with { type: 'json' };
import type { JournalLayout } from './layout.ts';

/** How far into the journal a summary looks: it is fresh as long as the journal ends there. */
export interface JournalPosition {
  segment: number;
  /** Bytes. */
  length: number;
}

export interface StoredSummary {
  summary: RunSummary;
  at: JournalPosition;
}

export const summarySchema = lazily(() =>
  z.object({
    id: z.string(),
    flow: z.string(),
    title: z.string(),
    mode: runModeSchema(),
    startedBy: ownerSchema().shape.kind,
    status: z.union([z.enum(['queued', 'running', 'waiting', 'interrupted']), outcomeSchema()]),
    createdAt: z.number(),
    finishedAt: z.number().optional(),
    waiting: z.array(
      z.object({
        key: z.string(),
        node: z.string(),
        kind: z.enum(Object.keys(DECISIONS) as SignalKind[]),
        title: z.string(),
        requestedAt: z.number(),
      }),
    ),
    error: errorDataSchema().optional(),
    owner: ownerSchema().optional(),
    local: z.boolean(),
    kept: z.boolean().optional(),
    dry: z.literal(true).optional(),
    subFlows: z.number().optional(),
  }),
);

const storedSchema = lazily(() => z.object({ at: z.object({ segment: z.int(), length: z.int() }), summary: summarySchema() }));

export const summaryDoor = new Door(storedSchema, () => generated.summary as unknown as JsonSchema);

/** Undefined where there is none or an unreadable one: it is a cache, and the journal is the truth. */
export async function readSummary(layout: JournalLayout, runId: string): Promise<StoredSummary | undefined> {
  try {
    const parsed = summaryDoor.safeParse(JSON.parse(await readFile(layout.summary(runId), 'utf8')));
    // JSON has no `undefined`, so optional keys are absent, which zod's types cannot say.
    return parsed.success ? (parsed.data as StoredSummary) : undefined;
  } catch {
    return undefined;
  }
}

export async function writeSummary(layout: JournalLayout, stored: StoredSummary): Promise<void> {
  await replaceFile(layout.summary(stored.summary.id), `${JSON.stringify(stored)}\n`, layout.tmp, false);
}
