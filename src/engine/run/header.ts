/** What a run is: what its journal says it was started with, and with which version of its flow it goes on. */
import { BelayError } from '../errors.ts';
import type { Flow } from '../format/model.ts';
import type { RunEvent, RunHeader } from './events.ts';
import { completeInputs } from './inputs.ts';

/** Throws `JOURNAL_CORRUPT`. */
export function headerOf(runId: string, events: readonly RunEvent[]): RunHeader {
  for (const event of events) if (event.type === 'run.created') return event.run;
  throw new BelayError('JOURNAL_CORRUPT', `The journal of run ${runId} does not say what was run.`, {
    hint: 'Remove the run and start the flow again.',
    kind: 'internal',
  });
}

/** What the run is carried out with: the version it was moved to last. */
export function bundleOf(runId: string, events: readonly RunEvent[]): string {
  const moved = events.findLast((event) => event.type === 'run.moved');
  return moved?.type === 'run.moved' ? moved.bundle : headerOf(runId, events).bundle;
}

/** Where its replies come from now. Throws `JOURNAL_CORRUPT`. */
export function repliesOf(runId: string, events: readonly RunEvent[]): Pick<RunHeader, 'mode' | 'model'> {
  const chosen = events.findLast((event) => event.type === 'run.mode');
  return chosen?.type === 'run.mode' ? chosen : headerOf(runId, events);
}

/** Whether it has ever left the version it was started with; it may have come back to it. */
export function isMoved(events: readonly RunEvent[]): boolean {
  return events.some(({ type }) => type === 'run.moved');
}

/**
 * For a run that was moved to another version of the flow: inputs it does not know any more are left out, new ones have their defaults.
 * What was approved beforehand was so for the version the run was started with: it is asked for anew. Throws `INPUT_INVALID`.
 */
export async function headerFor(flow: Flow, header: RunHeader): Promise<RunHeader> {
  const declared = flow.inputs ?? {};
  const given = Object.fromEntries(Object.entries(header.inputs).filter(([name]) => Object.hasOwn(declared, name)));
  const { approved: _approved, ...rest } = header;
  return { ...rest, inputs: await completeInputs(declared, given) };
}

export function isFinished(events: readonly RunEvent[]): boolean {
  return events.some(({ type }) => type === 'run.finished');
}

export function runFinished(runId: string): BelayError {
  return new BelayError('RUN_FINISHED', `Run ${runId} is finished.`, { hint: 'Run the flow again.', kind: 'badRequest' });
}
