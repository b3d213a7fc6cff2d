import type { EditContext, EditProblem } from './edits-plan.ts';
import { keyBefore, locate, refuse, unknownNode } from './edits-plan.ts';
import type { FlowEdit } from './flow-edit.ts';
import type { Json, JsonPath } from './json.ts';
import { isJsonObject } from './json.ts';
import { dataOf, keyOf, propertiesOf } from './json-tree.ts';
import type { NodeManifest } from './manifest.ts';
import { outletsOf } from './manifest.ts';
import { FLOW_KEYS, NODE_KEYS } from './model.ts';
import { knownKeys, paramsSchema, schemaAt } from './parse-words.ts';

/** Sets or removes one value of a node. The name of a case that changes takes its edges along. */
export function setParam(edit: Extract<FlowEdit, { kind: 'setParam' }>, context: EditContext): EditProblem | undefined {
  const located = locate(context, edit.node);
  if (!located) return unknownNode(context.flow, edit.node);
  const [head, second] = edit.path;
  if (head === 'after') return refuse('EDIT_PATH', 'Edges are not parameters.', 'Connect or disconnect the nodes.');
  if (head === 'with' && (second === 'nodes' || edit.path.length === 1) && located.node.with?.nodes !== undefined) {
    return refuse('EDIT_PATH', 'The nodes of a body are not parameters.', 'Add, change or remove them one by one.');
  }
  const isKnown = NODE_KEYS.some((key) => key === head);
  if ((!isKnown && edit.value !== undefined) || (head === 'type' && edit.value === undefined)) {
    return refuse('EDIT_PATH', `${JSON.stringify(head)} of a node is not set this way.`, 'Edit the text.');
  }
  const manifest = context.catalog.get(located.node.type);
  const order = (path: JsonPath) => (path.length === 1 ? NODE_KEYS : path.length === 2 && path[0] === 'with' ? paramKeys(manifest) : []);
  const before = manifest && outletsOf(manifest, located.node.with ?? {}).map((it) => it.name);
  const refused = setAt(located.path, edit.path, edit.value, order, context);
  if (refused || !manifest || !before) return refused;
  renameOutlet(edit.node, manifest, before, context);
  return undefined;
}

/** Sets or removes a value of the flow itself. */
export function setFlow(edit: Extract<FlowEdit, { kind: 'setFlow' }>, context: EditContext): EditProblem | undefined {
  const [head] = edit.path;
  const isVersion = head === 'version' && context.draft.at(['version']) !== undefined;
  if (head === 'nodes' || head === 'layout' || isVersion) {
    return refuse('EDIT_PATH', `"${head}" is not set this way.`, 'Use the edits for nodes and places.');
  }
  if (edit.value !== undefined && !FLOW_KEYS.some((key) => key === head)) {
    return refuse('EDIT_PATH', `${JSON.stringify(head)} is not a key of a flow.`, 'Edit the text.');
  }
  return setAt([], edit.path, edit.value, (path) => (path.length === 1 ? FLOW_KEYS : []), context);
}

function paramKeys(manifest: NodeManifest | undefined): readonly string[] {
  return manifest ? knownKeys(schemaAt(paramsSchema(manifest), [])) : [];
}

/**
 * Sets the value at `base` + `path`, making the objects that lead to it; or removes it, leaving what that empties.
 *
 * @param orderOf the usual order of keys where the last step of this path stands.
 */
function setAt(
  base: JsonPath,
  path: JsonPath,
  value: Json | undefined,
  orderOf: (path: JsonPath) => readonly string[],
  { draft }: EditContext,
): EditProblem | undefined {
  const full = [...base, ...path];
  if (draft.at(full)) {
    if (value === undefined) removeAt(full, draft);
    else draft.setValue(full, value);
    return undefined;
  }
  if (value === undefined) return undefined;
  let depth = path.length - 1;
  while (depth > 0 && !draft.at([...base, ...path.slice(0, depth)])) depth -= 1;
  const parent = draft.at([...base, ...path.slice(0, depth)]);
  const step = path[depth];
  const wrapped = wrap(path.slice(depth + 1), value);
  if (wrapped === undefined || !parent || step === undefined) return missing(path);
  if (typeof step === 'string' && parent.type === 'object') {
    draft.addProperty(parent, step, wrapped, keyBefore(step, propertiesOf(parent).map(keyOf), orderOf(path.slice(0, depth + 1))));
    return undefined;
  }
  if (typeof step === 'number' && parent.type === 'array' && step === (parent.children?.length ?? 0)) {
    draft.addEntry(parent, step, wrapped);
    return undefined;
  }
  return missing(path);
}

function missing(path: JsonPath): EditProblem {
  return refuse(
    'EDIT_PATH',
    `${JSON.stringify(path.join('.'))} leads to no place where a value can be set.`,
    'Set the value that contains it.',
  );
}

/** The value inside the objects and lists that lead to it; undefined if a list would have to begin with another entry. */
function wrap(path: JsonPath, value: Json): Json | undefined {
  return path.reduceRight<Json | undefined>((inner, step) => {
    if (inner === undefined || (typeof step === 'number' && step > 0)) return undefined;
    return typeof step === 'number' ? [inner] : { [step]: inner };
  }, value);
}

function removeAt(path: JsonPath, draft: EditContext['draft']): void {
  const parent = draft.at(path.slice(0, -1));
  const last = path.at(-1);
  if (typeof last === 'string') draft.removeProperty(parent, last);
  else if (parent && last !== undefined) draft.removeChild(parent, last);
}

/** One outlet gone and one come is one renamed: its edges follow. Otherwise edges stay, and the parser says which have no outlet. */
function renameOutlet(id: string, manifest: NodeManifest, before: readonly string[], context: EditContext): void {
  const { draft } = context;
  const located = locate(context, id);
  const data = located && draft.at([...located.path, 'with']);
  const params = data && dataOf(data);
  if (!located || !params || !isJsonObject(params)) return;
  const now = outletsOf(manifest, params).map((it) => it.name);
  const gone = before.filter((name) => !now.includes(name));
  const come = now.filter((name) => !before.includes(name));
  const [old] = gone;
  const [fresh] = come;
  if (gone.length !== 1 || come.length !== 1 || old === undefined || fresh === undefined) return;
  for (const target of Object.keys(located.scope.nodes)) {
    const path = [...located.scope.path, target, 'after', id];
    const outlets = draft.at(path);
    const value = outlets && dataOf(outlets);
    if (value === old) draft.setValue(path, fresh);
    else if (Array.isArray(value))
      draft.setValue(
        path,
        value.map((name) => (name === old ? fresh : name)),
      );
  }
}
