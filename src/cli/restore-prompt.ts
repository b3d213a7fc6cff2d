/** Putting a recorded prompt back into its flow: the answer to an edited prompt that is not in the recording. */
import { planEdits } from '../engine/format/edits.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import type { SignalReply } from '../engine/run/events.ts';
import type { RunView, SignalView } from '../engine/run/view.ts';
import { frozenFlow, readRecordedFlow, writeTextFile } from './flow-file.ts';

/**
 * Does what a reply asks of the flow's file, if it asks anything: `restore` writes the recorded text back, as one minimal edit.
 *
 * Throws what reading the flow of a run and writing a file throw.
 *
 * @returns what to tell the person; undefined: nothing was asked.
 */
export function restoreIfAsked(root: string, view: RunView, signal: SignalView, reply: SignalReply): string | undefined {
  const { node, request } = signal;
  if (reply.decision !== 'restore' || request.kind !== 'recordingMissing' || request.recordedTemplate === undefined) return undefined;
  const { path, text } = readRecordedFlow(root, view.flow);
  const known = frozenFlow(text)?.nodes[node];
  if (known?.with?.prompt === undefined) return `The prompt of "${node}" does not stand in ${view.flow}; take it back there by hand.`;
  const plan = planEdits(text, [{ kind: 'setParam', node, path: ['with', 'prompt'], value: request.recordedTemplate }], { catalog });
  if (!plan.ok) return `The recorded prompt could not be put back: ${plan.problem.message}`;
  writeTextFile(root, path, plan.text);
  return `The recorded prompt stands in ${view.flow} again. Run the flow again.`;
}
