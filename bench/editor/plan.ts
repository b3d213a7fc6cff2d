/**
 * What VS Code's extension host does with an edit, beside the page as there: what a test hands to a page and back takes it tens of
 * milliseconds, which would be measured.
 */
import { planEdits } from '../../src/engine/format/edits.ts';
import type { FlowEdit } from '../../src/engine/format/flow-edit.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';

self.onmessage = ({ data: { text, edits } }: MessageEvent<{ text: string; edits: readonly FlowEdit[] }>) => {
  const plan = planEdits(text, edits, { catalog });
  self.postMessage(plan.ok ? plan.text : undefined);
};
