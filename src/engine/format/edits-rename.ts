import { idProblem } from './edits-nodes.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { locate, unknownNode } from './edits-plan.ts';
import type { ExpressionField } from './fields.ts';
import { nodeFields, outputFields } from './fields.ts';
import type { FlowEdit, TextEdit } from './flow-edit.ts';
import { scopesOf } from './graph.ts';
import type { JsonPath } from './json.ts';
import type { JsonNode } from './json-tree.ts';
import { propertyOf } from './json-tree.ts';
import { rangeInString } from './string-offsets.ts';

/** Gives a node another id: in `nodes`, in every `after`, in the layout, and in all templates and conditions of the document. */
export function renameNode(edit: Extract<FlowEdit, { kind: 'renameNode' }>, context: EditContext): EditProblem | undefined {
  const { draft, flow } = context;
  const located = locate(context, edit.id);
  if (!located) return unknownNode(flow, edit.id);
  if (edit.to === edit.id) return undefined;
  const refused = idProblem(edit.to, context);
  if (refused) return refused;
  const keys = [
    located.scope.path,
    ['layout'],
    ...Object.keys(located.scope.nodes).map((target) => [...located.scope.path, target, 'after']),
  ];
  const edits = keys.flatMap((path) => {
    const key = propertyOf(draft.at(path), edit.id)?.children?.[0];
    return key ? [{ offset: key.offset, length: key.length, newText: JSON.stringify(edit.to) }] : [];
  });
  draft.replace([...edits, ...expressionsOf(context).flatMap((field) => idsIn(field, edit, context))]);
  return undefined;
}

/** Every expression of the document, with its path from the root. */
function expressionsOf({ flow, catalog }: EditContext): ExpressionField[] {
  const inNodes = scopesOf(flow).flatMap((scope) =>
    Object.entries(scope.nodes).flatMap(([id, node]) =>
      nodeFields(catalog.get(node.type), node).map((field): ExpressionField => ({ ...field, path: [...scope.path, id, ...field.path] })),
    ),
  );
  return [...inNodes, ...outputFields(flow)];
}

function idsIn(field: ExpressionField, edit: { id: string; to: string }, { draft, scan }: EditContext): TextEdit[] {
  const node = scan && stringAt(field.path, draft);
  if (!node) return [];
  const found = scan(field.text, field.kind).filter((it) => it.id === edit.id);
  return found.map((it) => ({ ...rangeInString(draft.text, node, it), newText: edit.to }));
}

function stringAt(path: JsonPath, draft: EditContext['draft']): JsonNode | undefined {
  const node = draft.at(path);
  return node?.type === 'string' ? node : undefined;
}
