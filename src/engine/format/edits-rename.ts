import { idProblem } from './edits-nodes.ts';
import type { EditContext, EditProblem } from './edits-plan.ts';
import { locate, refuse, unknownNode } from './edits-plan.ts';
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
  draft.replace([...edits, ...expressionsOf(context).flatMap((field) => namesIn(field, 'steps', edit.id, edit.to, context))]);
  return undefined;
}

/** Gives an input another name: in `inputs`, and in all templates and conditions of the document. */
export function renameInput({ name, to }: Extract<FlowEdit, { kind: 'renameInput' }>, context: EditContext): EditProblem | undefined {
  const { draft, flow } = context;
  const inputs = flow.inputs ?? {};
  const key = propertyOf(draft.at(['inputs']), name)?.children?.[0];
  if (!key) return refuse('EDIT_INPUT_UNKNOWN', `There is no input "${name}".`, 'Look whether it was renamed or removed.');
  if (to === name) return undefined;
  if (Object.hasOwn(inputs, to)) return refuse('EDIT_INPUT_TAKEN', `There is an input "${to}" already.`, 'Use another name.');
  const declared = { offset: key.offset, length: key.length, newText: JSON.stringify(to) };
  draft.replace([declared, ...expressionsOf(context).flatMap((field) => namesIn(field, 'inputs', name, to, context))]);
  return undefined;
}

/** An expression of the document, with its path from the root, and the nodes around it from the outermost on. */
interface FoundField extends ExpressionField {
  around: readonly string[];
}

function expressionsOf({ flow, catalog }: EditContext): FoundField[] {
  const owners = new Map<string, string | undefined>();
  const inNodes = scopesOf(flow).flatMap((scope) =>
    Object.entries(scope.nodes).flatMap(([id, node]) => {
      owners.set(id, scope.owner);
      const around = [id];
      for (let at = scope.owner; at !== undefined; at = owners.get(at)) around.unshift(at);
      return nodeFields(catalog.get(node.type), node).map(
        (field): FoundField => ({
          ...field,
          around,
          path: [...scope.path, id, ...field.path],
        }),
      );
    }),
  );
  return [...inNodes, ...outputFields(flow).map((field) => ({ ...field, around: [] }))];
}

/** Every place where an expression reads a step, the last ones of each text first. `around`: the nodes in which it stands. */
export function referencesTo(
  id: string,
  context: EditContext,
): { path: JsonPath; offset: number; length: number; around: readonly string[] }[] {
  const { scan } = context;
  if (!scan) return [];
  return expressionsOf(context).flatMap(({ path, kind, text, around }) =>
    scan(text, kind)
      .filter((it) => it.id === id)
      .toSorted((a, b) => b.offset - a.offset)
      .map(({ offset, length }) => ({ path, offset, length, around })),
  );
}

function namesIn(field: ExpressionField, of: 'steps' | 'inputs', name: string, to: string, { draft, scan }: EditContext): TextEdit[] {
  const node = scan && stringAt(field.path, draft);
  if (!node) return [];
  const found = scan(field.text, field.kind, of).filter((it) => it.id === name);
  return found.map((it) => ({ ...rangeInString(draft.text, node, it), newText: to }));
}

function stringAt(path: JsonPath, draft: EditContext['draft']): JsonNode | undefined {
  const node = draft.at(path);
  return node?.type === 'string' ? node : undefined;
}
