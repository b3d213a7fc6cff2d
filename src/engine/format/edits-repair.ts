/** Small changes anywhere in a document: what mends a problem. Whether the document stays sound is looked at afterwards. */
import type { EditContext, EditProblem } from './edits-plan.ts';
import { refuse } from './edits-plan.ts';
import type { FlowEdit } from './flow-edit.ts';
import { propertyOf } from './json-tree.ts';
import { rangeInString } from './string-offsets.ts';

type Edit<K extends FlowEdit['kind']> = Extract<FlowEdit, { kind: K }>;

export function replaceText(edit: Edit<'replaceText'>, { draft }: EditContext): EditProblem | undefined {
  const node = draft.at(edit.path);
  if (node?.type !== 'string') return moved();
  draft.replace([{ ...rangeInString(draft.text, node, edit), newText: JSON.stringify(edit.text).slice(1, -1) }]);
  return undefined;
}

export function renameKey(edit: Edit<'renameKey'>, { draft }: EditContext): EditProblem | undefined {
  const last = edit.path.at(-1);
  const key = typeof last === 'string' ? propertyOf(draft.at(edit.path.slice(0, -1)), last)?.children?.[0] : undefined;
  if (!key || propertyOf(draft.at(edit.path.slice(0, -1)), edit.to)) return moved();
  draft.replace([{ offset: key.offset, length: key.length, newText: JSON.stringify(edit.to) }]);
  return undefined;
}

export function add(edit: Edit<'add'>, { draft }: EditContext): EditProblem | undefined {
  const parent = draft.at(edit.path.slice(0, -1));
  const last = edit.path.at(-1);
  if (parent?.type !== 'object' || typeof last !== 'string' || propertyOf(parent, last)) return moved();
  draft.addProperty(parent, last, edit.value);
  return undefined;
}

export function remove(edit: Edit<'remove'>, { draft }: EditContext): EditProblem | undefined {
  const parent = draft.at(edit.path.slice(0, -1));
  const last = edit.path.at(-1);
  if (!parent || last === undefined || !draft.at(edit.path)) return moved();
  if (typeof last === 'string') draft.removeProperty(parent, last);
  else draft.removeChild(parent, last);
  return undefined;
}

function moved(): EditProblem {
  return refuse('EDIT_PATH', 'What was to be changed is not there any more.', 'Look at the problems as they are now.');
}
