/** Runs as people name them: whole ids, a part that is unique, or `last`: the newest that was made on this machine. */
import { BelayError } from '../engine/errors.ts';
import type { OpenRun, Runs } from '../engine/run/api.ts';
import type { SignalReply } from '../engine/run/events.ts';
import type { RunSummary, RunView, SignalView } from '../engine/run/view.ts';
import { openSignals } from '../engine/run/view.ts';

/** Throws `RUN_UNKNOWN`, `RUN_AMBIGUOUS`. `summaries`: newest first. */
export function findRun(summaries: readonly RunSummary[], name: string): string {
  // A run that came with a repository is nobody's choice unless its id is.
  const newest = name === 'last' ? summaries.find(({ local }) => local) : undefined;
  if (newest) return newest.id;
  const found = summaries.filter(({ id }) => id === name || id.startsWith(name) || id.endsWith(name));
  const exact = found.find(({ id }) => id === name);
  if (exact) return exact.id;
  const [only, second] = found;
  if (!only || name === '') {
    throw new BelayError('RUN_UNKNOWN', `There is no run "${name}" here.`, {
      hint: 'List the runs with `belay runs`; --root names another folder.',
      kind: 'notFound',
    });
  }
  if (second) {
    throw new BelayError('RUN_AMBIGUOUS', `Several runs are called "${name}": ${found.map(({ id }) => id).join(', ')}.`, {
      hint: 'Write more of the id.',
      kind: 'badRequest',
    });
  }
  return only.id;
}

/** An id as runs have it. */
const WHOLE_ID = /^\d{8}-\d{6}-[0-9a-z]{6}$/;

/** Opens a run as people name it; one that is named by its whole id without a look at all others. Throws as `findRun` and `Runs.open` do. */
export async function openRun(runs: Runs, name: string): Promise<OpenRun> {
  if (WHOLE_ID.test(name)) {
    try {
      return await runs.open(name);
    } catch (error) {
      if (!(error instanceof BelayError && error.code === 'RUN_UNKNOWN')) throw error;
    }
  }
  return await runs.open(findRun(await runs.list(), name));
}

/** What people say of the question they mean. */
export interface Sought {
  kinds: readonly SignalView['request']['kind'][];
  /** Node (or key) that asks. */
  node?: string | undefined;
  /** Of a signal: its name. */
  signal?: string;
}

function isSought({ kinds, node, signal }: Sought, { key, node: asker, request }: SignalView): boolean {
  if (!kinds.includes(request.kind)) return false;
  if (signal !== undefined && !(request.kind === 'signal' && request.name === signal)) return false;
  return node === undefined || asker === node || key === node;
}

/** What commands call the asker of a question: its node, or the question's key where the whole run asks. */
export function askerOf({ node, key }: Pick<SignalView, 'node' | 'key'>): string {
  return node === '' ? key : node;
}

/** The answer that was given before, where the question a command is about is not open any more and no other one is. */
export function answeredBefore(view: RunView, sought: Sought): SignalReply | undefined {
  const asked = view.signals.filter((signal) => isSought(sought, signal));
  return asked.every((signal) => signal.reply !== undefined) ? asked.at(-1)?.reply : undefined;
}

/**
 * The open question a command is about: that of the node, or the only one of its kinds.
 * Throws `SIGNAL_UNKNOWN`, `SIGNAL_AMBIGUOUS`.
 */
export function findQuestion(view: RunView, sought: Sought): SignalView {
  const { node, kinds, signal } = sought;
  const open = openSignals(view).filter(({ request }) => kinds.includes(request.kind));
  const found = open.filter((it) => isSought(sought, it));
  const [first, second] = found;
  if (!first) {
    const who = node === undefined ? `Run ${view.id}` : `Node "${node}" of run ${view.id}`;
    const names = namesOf(open, signal !== undefined);
    throw new BelayError('SIGNAL_UNKNOWN', `${who} waits for no such ${signal === undefined ? 'answer' : `signal as "${signal}"`}.`, {
      hint:
        names === '' ? `Look at it with: belay show ${view.id}` : `These ${signal === undefined ? 'wait' : 'are waited for'}: ${names}.`,
      kind: 'notFound',
    });
  }
  if (second && node === undefined) {
    throw new BelayError('SIGNAL_AMBIGUOUS', `Run ${view.id} waits for several answers: ${namesOf(found, false)}.`, {
      hint: signal === undefined ? 'Name the node.' : 'Name the node: --node.',
      kind: 'badRequest',
    });
  }
  return first;
}

function namesOf(signals: readonly SignalView[], ofSignals: boolean): string {
  const names = signals.map(({ node, request }) => (ofSignals && request.kind === 'signal' ? request.name : node));
  return [...new Set(names)].join(', ');
}
