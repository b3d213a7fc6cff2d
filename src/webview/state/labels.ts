/** What a screen reader says of a node. */
import type { NodeView } from '../../engine/run/view.ts';
import { count, spanText } from './format.ts';
import type { NodeCard } from './graph-model.ts';
import { isRecorded, STATE_WORDS } from './run.ts';

/** The state of a node in the run, with how long it took: `succeeded in 2.1 s`. */
export function stateText(view: NodeView): string {
  const words = STATE_WORDS[view.state];
  const ended = view.state === 'succeeded' || view.state === 'failed';
  return ended && view.startedAt !== undefined && view.finishedAt !== undefined
    ? `${words} ${view.state === 'failed' ? 'after' : 'in'} ${spanText(view.finishedAt - view.startedAt)}`
    : words;
}

/** `Prompt "Draft notes", succeeded in 2.1 s, recorded reply, 1 error`. */
export function nodeLabel(card: NodeCard, view: NodeView | undefined): string {
  const parts = [card.title === card.typeTitle ? `${card.typeTitle} ${card.id}` : `${card.typeTitle} "${card.title}"`];
  if (card.within !== undefined) parts.push(`in "${card.within}"`);
  if (card.steps !== undefined) parts.push(card.steps === 0 ? 'empty body' : `${count(card.steps, 'step', 'steps')} inside`);
  if (card.asks !== '') parts.push(`asks ${card.asks}`);
  if (card.disabled) parts.push('disabled');
  if (card.effect === 'irreversible') parts.push('irreversible');
  if (card.gated) parts.push('asks before it runs');
  if (view && view.state !== 'pending') {
    parts.push(stateText(view));
    if (isRecorded(view)) parts.push('recorded reply');
  }
  if (card.errors > 0) parts.push(count(card.errors, 'error', 'errors'));
  if (card.warnings > 0) parts.push(count(card.warnings, 'warning', 'warnings'));
  return parts.join(', ');
}
