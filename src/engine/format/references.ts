/** Who refers to what: for the linter, for trust labels, and for the rename that mends every reference. */
import { compileCondition, compileTemplate, type Reference, type UnknownName } from './expressions/index.ts';
import { type ExpressionField, expressionFields, gateFields, nodeFields, outputFields, templateFiles, valueFields } from './fields.ts';
import { templateBody } from './front-matter.ts';
import { scopesOf } from './graph.ts';
import type { Json, JsonPath } from './json.ts';
import { type JsonTree, nodeAt } from './json-tree.ts';
import type { NodeCatalog, NodeManifest } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';
import { rangeInString, type TextRange } from './string-offsets.ts';

export type ExpressionKind = ExpressionField['kind'];

/** Where an expression names a step or an input: the id alone, without quotes. Offsets in the text of the expression. */
interface NamedOccurrence extends TextRange {
  id: string;
}

/**
 * Every id of a step (or name of an input) in a template or a condition, in the order of the text. In an expression that does not
 * parse, they are found by their looks, so that a rename does not leave the half-written ones behind.
 */
export function scanReferences(text: string, kind: ExpressionKind, of: 'steps' | 'inputs' = 'steps'): NamedOccurrence[] {
  const parsed = parse(text, kind);
  if (!parsed) return scanBroken(text, kind, of);
  return parsed.references
    .filter(({ root, path, idLength }) => root === of && typeof path[0] === 'string' && path[0].length === idLength)
    .map(({ path, idOffset, idLength }) => ({ id: String(path[0]), offset: idOffset, length: idLength }));
}

/** What an expression refers to; nothing, where it does not parse. */
function referencesIn(text: string, kind: ExpressionKind): readonly Reference[] {
  return parse(text, kind)?.references ?? [];
}

/**
 * Everything a node reads when its turn comes: its parameters (not what is computed in its body), its gate's message, and the template files it names. The label of its
 * arguments is joined over these.
 *
 * @param readFile text of a file by its path relative to the flow; undefined where there is none.
 * @param fields the expressions in its parameters, if they are known
 */
export function nodeReferences(
  manifest: NodeManifest,
  node: NodeSpec,
  readFile: (path: string) => string | undefined,
  fields = expressionFields(manifest, node.with ?? {}),
): Reference[] {
  const files = templateFiles(manifest, node.with ?? {}).flatMap(({ file }) => {
    const text = readFile(file);
    return text === undefined ? [] : referencesIn(templateBody(file, text), 'template');
  });
  const own = [...fields.filter(({ inBody }) => !inBody), ...gateFields(node)];
  return [...own.flatMap(({ text, kind }) => referencesIn(text, kind)), ...files];
}

/** What free JSON with computed values in it reads. */
export function valueReferences(value: Json): Reference[] {
  return valueFields(value).flatMap(({ text, kind }) => referencesIn(text, kind));
}

/** A field of the document that holds an expression. */
interface PlacedField extends ExpressionField {
  /** The node it belongs to; absent for the outputs of the flow. */
  node?: string;
}

/** Every expression of a flow in the order of its nodes, bodies included; paths from the root of the document. */
function fieldsOf(flow: Flow, catalog: NodeCatalog): PlacedField[] {
  const fields: PlacedField[] = [];
  for (const scope of scopesOf(flow)) {
    for (const [id, node] of Object.entries(scope.nodes)) {
      for (const field of nodeFields(catalog.get(node.type), node))
        fields.push({ ...field, path: [...scope.path, id, ...field.path], node: id });
    }
  }
  return [...fields, ...outputFields(flow)];
}

/** A reference and where it stands in the text of the document. */
export interface PlacedReference {
  reference: Reference;
  /** The string that holds it. */
  path: JsonPath;
  kind: ExpressionKind;
  node?: string;
  range: TextRange;
  /** The id (of the step, the input, …) alone. */
  idRange: TextRange;
}

/** Every reference of a flow. `tree` is that of the same text. */
export function referencesOf(flow: Flow, tree: JsonTree, catalog: NodeCatalog): PlacedReference[] {
  return fieldsOf(flow, catalog).flatMap(({ path, kind, text, node }) => {
    const literal = nodeAt(tree.root, path);
    if (literal?.type !== 'string') return [];
    return referencesIn(text, kind).map((reference) => ({
      reference,
      path,
      kind,
      ...(node === undefined ? {} : { node }),
      range: rangeInString(tree.text, literal, reference),
      idRange: rangeInString(tree.text, literal, { offset: reference.idOffset, length: reference.idLength }),
    }));
  });
}

function parse(text: string, kind: ExpressionKind): { references: readonly Reference[]; unknown: readonly UnknownName[] } | undefined {
  if (kind === 'template') {
    const compiled = compileTemplate(text);
    return compiled.ok ? compiled.template : undefined;
  }
  const compiled = compileCondition(text);
  return compiled.ok ? compiled.condition : undefined;
}

const LOOKS_LIKE = {
  steps: /(?<![\w.])steps\s{0,4}(?:\.\s{0,4}|\[\s{0,4}["'])([a-z]\w*)/g,
  inputs: /(?<![\w.])inputs\s{0,4}(?:\.\s{0,4}|\[\s{0,4}["'])([A-Za-z_]\w*)/g,
};

function scanBroken(text: string, kind: ExpressionKind, of: 'steps' | 'inputs'): NamedOccurrence[] {
  return [...text.matchAll(LOOKS_LIKE[of])]
    .filter((match) => kind === 'condition' || isInsideTag(text, match.index))
    .map((match) => {
      const id = match[1] ?? '';
      return { id, offset: match.index + match[0].length - id.length, length: id.length };
    });
}

/** Whether the last delimiter in front of `offset` opens something. Prose about steps is no reference. */
function isInsideTag(text: string, offset: number): boolean {
  const opened = Math.max(text.lastIndexOf('{{', offset), text.lastIndexOf('{%', offset));
  const closed = Math.max(text.lastIndexOf('}}', offset), text.lastIndexOf('%}', offset));
  return opened > closed;
}
