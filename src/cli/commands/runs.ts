import { BelayError } from '../../engine/errors.ts';
import { DURATION, durationMs } from '../../engine/format/model.ts';
import type { PruneRequest } from '../../engine/run/api.ts';
import type { RunSummary } from '../../engine/run/view.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { askerOf } from '../find-run.ts';
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
  const { id, status, flow, createdAt, finishedAt, waiting, owner, error, local } = summary;
  const took = finishedAt !== undefined ? duration(finishedAt - createdAt) : owner ? duration(now - createdAt) : '';
  const remarks = [
    ...waiting.map((question) => `${askerOf(question)}: ${oneLine(question.title)}`),
    ...(owner ? [`held by ${ownerName(owner)}`] : []),
    ...(error ? [error.code] : []),
    ...(local ? [] : ['made on another machine']),
  ];
  return [id, status, oneLine(flow), createdAt === 0 ? '' : moment(createdAt), took, remarks.join('; ')];
}

export interface PruneOptions extends CommonOptions {
  keep?: number;
  olderThan?: string;
}

export async function prune(options: PruneOptions, context: CliContext): Promise<Exit> {
  const request: PruneRequest = {
    ...(options.keep === undefined ? {} : { keep: options.keep }),
    ...(options.olderThan === undefined ? {} : { olderThanMs: age(options.olderThan) }),
  };
  if (Object.keys(request).length === 0) {
    throw new BelayError('PRUNE_LIMITS', 'Nothing says which runs to remove.', {
      hint: 'Give --keep N, --older-than 30d, or both.',
      kind: 'badRequest',
    });
  }
  const { runs } = await context.open(chooseRoot(options.root, context.cwd, context.cwd));
  const removed = await runs.prune(request);
  if (options.json) context.terminal.print(JSON.stringify({ removed }));
  else context.terminal.print(removed.length === 1 ? 'Removed 1 run.' : `Removed ${removed.length} runs.`);
  return 'ok';
}

function age(text: string): number {
  if (DURATION.test(text)) return durationMs(text);
  throw new BelayError('DURATION_INVALID', `"${text}" is no duration.`, {
    hint: 'Write a whole number and a unit, such as 30d or 12h.',
    kind: 'badRequest',
  });
}
