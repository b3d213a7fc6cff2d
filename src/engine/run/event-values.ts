/** Which fields of events hold what steps work on. What is large in them stands beside the journal; everything else stands in it whole. */
import type { Json } from '../format/json.ts';
import type { NewRunEvent, RunEvent } from './events.ts';

const FIELDS = ['input', 'inputs', 'output', 'outputs', 'args'] as const;

/** A copy of the event with each of its values as `change` gives it. */
export function withValues<E extends RunEvent | NewRunEvent>(event: E, change: (value: Json) => Json): E {
  const changed: Record<string, unknown> = { ...event };
  for (const key of FIELDS) if (changed[key] !== undefined) changed[key] = change(changed[key] as Json);
  if (event.type === 'node.finished' && event.ends?.outputs !== undefined) {
    changed.ends = { ...event.ends, outputs: change(event.ends.outputs) };
  }
  return changed as E;
}
