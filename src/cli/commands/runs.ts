import { BelayError } from '../../engine/errors.ts';
import { DURATION, durationMs } from '../../engine/format/model.ts';
import { spoken } from '../../engine/format/spoken.ts';
import type { PruneRequest } from '../../engine/run/retention.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { askerOf, findRun } from '../find-run.ts';
import { ownerName } from '../people.ts';
import { chooseRoot } from '../root.ts';
import { duration, moment, oneLine, table } from '../text.ts';

export interface RunsOptions extends CommonOptions {
  /** How many of the newest are listed. */
  limit: number;
}

export async function listRuns(options: RunsOptions, context: CliContext): Promise<Exit> {
  const { terminal } = context;
  const { runs } = await context.open(chooseRoot(options.root, context.cwd, context.cwd));
  const summaries = await runs.list();
  const shown = summaries.slice(0, options.limit);
  if (options.json) {
    for (const summary of shown) terminal.print(JSON.stringify(summary));
    return 'ok';
  }
  if (shown.length === 0) {
    terminal.print('There are no runs here. Start one with: belay run FILE');
    return 'ok';
  }
  const rows = shown.map((summary) => rowOf(summary, context.now()));
  terminal.print(table([['RUN', 'STATUS', 'FLOW', 'STARTED', 'TOOK', 'WAITS FOR'], ...rows]));
  if (summaries.length > shown.length) terminal.complain(`${summaries.length - shown.length} older ones are not shown (--limit).`);
  return 'ok';
}

function rowOf(summary: RunSummary, now: number): string[] {
  const { id, status, flow, createdAt, finishedAt, waiting, owner, error, local, kept, dry } = summary;
  const took = finishedAt !== undefined ? duration(finishedAt - createdAt) : owner ? duration(now - createdAt) : '';
  const remarks = [
    ...(dry ? ['dry run'] : []),
    ...waiting.map((question) => `${askerOf(question)}: ${matterOf(question)}`),
    ...(owner ? [`held by ${ownerName(owner)}`] : []),
    ...(error ? [error.code] : []),
    ...(kept ? ['kept'] : []),
    ...(local ? [] : ['made on another machine']),
  ];
  return [id, status, oneLine(flow), createdAt === 0 ? '' : moment(createdAt), took, remarks.join('; ')];
}

/** A node without a title has its id in words for one (in older journals the id), which says nothing beside the id. */
function matterOf({ node, kind, title }: RunSummary['waiting'][number]): string {
  const id = node.split('/').at(-1) ?? '';
  return title === id || title === spoken(id) ? MATTERS[kind] : oneLine(title);
}

const MATTERS: { readonly [K in RunSummary['waiting'][number]['kind']]: string } = {
  approval: 'an approval',
  gate: 'a yes to its step',
  reply: 'the reply to a prompt',
  recordingMissing: 'a reply that is not recorded',
  consent: 'the consent to a model',
  inDoubt: 'whether it happened',
  signal: 'a signal',
  budget: 'more of the budget',
};

export interface PruneOptions extends CommonOptions {
  keep?: number;
  perFlow?: number;
  olderThan?: string;
  maxSize?: string;
}

/** Removes old runs: by the limits given, or without any by those that old runs are removed by anyway. */
export async function prune(options: PruneOptions, context: CliContext): Promise<Exit> {
  const { keep, perFlow, olderThan, maxSize } = options;
  const given: PruneRequest = {
    ...(keep === undefined ? {} : { keep }),
    ...(perFlow === undefined ? {} : { perFlow }),
    ...(olderThan === undefined ? {} : { olderThanMs: age(olderThan) }),
    ...(maxSize === undefined ? {} : { maxBytes: size(maxSize) }),
  };
  const { runs } = await context.open(chooseRoot(options.root, context.cwd, context.cwd));
  const removed = Object.keys(given).length > 0 ? await runs.prune(given) : await runs.tidy({ evenToday: true });
  if (options.json) context.terminal.print(JSON.stringify({ removed }));
  else context.terminal.print(removed.length === 1 ? 'Removed 1 run.' : `Removed ${removed.length} runs.`);
  return 'ok';
}

export interface KeepOptions extends CommonOptions {
  undo?: boolean;
}

/** Marks a run that is never removed as an old one, or takes the mark away. */
export async function keepRun(name: string, options: KeepOptions, context: CliContext): Promise<Exit> {
  const { runs } = await context.open(chooseRoot(options.root, context.cwd, context.cwd));
  const id = findRun(await runs.list(), name);
  const kept = options.undo !== true;
  await runs.keep(id, kept);
  if (options.json) context.terminal.print(JSON.stringify({ run: id, kept }));
  else context.terminal.print(kept ? `Run ${id} is kept.` : `Run ${id} is removed when it is old.`);
  return 'ok';
}

const SIZE = /^(\d{1,9})(KB|MB|GB)$/;
const UNITS = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

function size(text: string): number {
  const [, count, unit] = SIZE.exec(text.toUpperCase()) ?? [];
  if (count !== undefined) return Number(count) * UNITS[unit as keyof typeof UNITS];
  throw new BelayError('SIZE_INVALID', `"${text}" is no size.`, {
    hint: 'Write a whole number and a unit, such as 500MB or 2GB.',
    kind: 'badRequest',
  });
}

function age(text: string): number {
  if (DURATION.test(text)) return durationMs(text);
  throw new BelayError('DURATION_INVALID', `"${text}" is no duration.`, {
    hint: 'Write a whole number and a unit, such as 30d or 12h.',
    kind: 'badRequest',
  });
}
