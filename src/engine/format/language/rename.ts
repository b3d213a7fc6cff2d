/** Giving a node another id, in its flow and in the prompt files that are this flow's alone. */
import { planEdits } from '../edits.ts';
import type { TextEdit } from '../flow-edit.ts';
import { scanStepReferences } from '../references.ts';
import type { FlowText } from './flow-text.ts';
import { occurrencesOfNode } from './occurrences.ts';

/** `files`: edits of the prompt files that the flow names, by the path it names them with. */
export type Renaming = { ok: true; edits: TextEdit[]; files: { file: string; edits: TextEdit[] }[] } | { ok: false; message: string };

/**
 * @param sharedWith the other flows that name a prompt file, by the path this flow names it with. A renaming in a file that other
 *   flows use would break those, so it is refused.
 */
export function renameNodeAt(flow: FlowText, id: string, to: string, sharedWith: (file: string) => readonly string[]): Renaming {
  const plan = planEdits(flow.text, [{ kind: 'renameNode', id, to }], { catalog: flow.catalog, scan: scanStepReferences });
  if (!plan.ok) return { ok: false, message: `${plan.problem.message} ${plan.problem.hint}` };
  const byFile = new Map<string, TextEdit[]>();
  for (const { file, range } of occurrencesOfNode(flow, id).named) {
    if (file === undefined) continue;
    const others = sharedWith(file);
    if (others.length > 0) {
      const message = `"${id}" cannot be renamed: ${file} refers to it, and is used by ${others.slice(0, 3).join(', ')} too.`;
      return { ok: false, message: `${message} Give this flow a prompt file of its own first.` };
    }
    byFile.set(file, [...(byFile.get(file) ?? []), { ...range, newText: to }]);
  }
  return { ok: true, edits: plan.edits, files: [...byFile].map(([file, edits]) => ({ file, edits })) };
}
