/** Putting a recorded prompt back into its flow: the answer to an edited prompt that is not in the recording. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planEdits } from '../engine/format/edits.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import type { SignalReply } from '../engine/run/events.ts';
import type { RunView, SignalView } from '../engine/run/view.ts';
import { frozenFlow } from './flow-file.ts';

/**
 * Does what a reply asks of the flow's file, if it asks anything: `restore` writes the recorded text back, as one minimal edit.
 *
 * @returns what to tell the person; undefined: nothing was asked.
 */
export function restoreIfAsked(root: string, view: RunView, signal: SignalView, reply: SignalReply): string | undefined {
  const { node, request } = signal;
  if (reply.decision !== 'restore' || request.kind !== 'recordingMissing' || request.recordedTemplate === undefined) return undefined;
  const path = join(root, view.flow);
  const text = readFileSync(path, 'utf8');
  const known = frozenFlow(text)?.nodes[node];
  if (known?.with?.prompt === undefined) return `The prompt of "${node}" does not stand in ${view.flow}; take it back there by hand.`;
  const plan = planEdits(text, [{ kind: 'setParam', node, path: ['with', 'prompt'], value: request.recordedTemplate }], { catalog });
  if (!plan.ok) return `The recorded prompt could not be put back: ${plan.problem.message}`;
  writeFileSync(`${path}.tmp`, plan.text, { flag: 'wx' });
  renameSync(`${path}.tmp`, path);
  return `The recorded prompt stands in ${view.flow} again. Run the flow again.`;
}
