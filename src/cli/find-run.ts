/** Runs as people name them: whole ids, a part that is unique, or `last`. */
import { BelayError } from '../engine/errors.ts';
import type { SignalReply } from '../engine/run/events.ts';
import type { RunSummary, RunView, SignalView } from '../engine/run/view.ts';
import { openSignals } from '../engine/run/view.ts';

/** Throws `RUN_UNKNOWN`, `RUN_AMBIGUOUS`. `summaries`: newest first. */
export function findRun(summaries: readonly RunSummary[], name: string): string {
  const [newest] = summaries;
  if (name === 'last' && newest) return newest.id;
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

/** The answer that was given before, where the question a command is about is not open any more and no other one is. */
export function answeredBefore(
  view: RunView,
  node: string | undefined,
  kinds: readonly SignalView['request']['kind'][],
): SignalReply | undefined {
  const asked = view.signals.filter(
    (signal) => kinds.includes(signal.request.kind) && (node === undefined || signal.node === node || signal.key === node),
  );
  return asked.every((signal) => signal.reply !== undefined) ? asked.at(-1)?.reply : undefined;
}

/**
 * The open question a command is about: that of the node, or the only one of its kinds.
 * Throws `SIGNAL_UNKNOWN`, `SIGNAL_AMBIGUOUS`.
 */
export function findQuestion(view: RunView, node: string | undefined, kinds: readonly SignalView['request']['kind'][]): SignalView {
  const open = openSignals(view).filter(({ request }) => kinds.includes(request.kind));
  const found = node === undefined ? open : open.filter((signal) => signal.node === node || signal.key === node);
  const [first, second] = found;
  const names = [...new Set(open.map((signal) => signal.node))].join(', ');
  if (!first) {
    const message =
      node === undefined ? `Run ${view.id} waits for no such answer.` : `Node "${node}" of run ${view.id} waits for no such answer.`;
    throw new BelayError('SIGNAL_UNKNOWN', message, {
      hint: names === '' ? `Look at it with: belay show ${view.id}` : `These wait: ${names}.`,
      kind: 'notFound',
    });
  }
  if (second && node === undefined) {
    throw new BelayError('SIGNAL_AMBIGUOUS', `Run ${view.id} waits for several answers: ${names}.`, {
      hint: 'Name the node.',
      kind: 'badRequest',
    });
  }
  return first;
}
