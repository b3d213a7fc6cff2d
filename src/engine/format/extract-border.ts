/** What crosses the border around some nodes of a flow: the values they read from outside, and those that are read of them. */

import { idsInBody } from './edits-nodes.ts';
import { type EditProblem, refuse } from './edits-plan.ts';
import type { Reference } from './expressions/index.ts';
import { schemaOfType } from './expressions/schema-of-type.ts';
import { KIND, union } from './expressions/types.ts';
import type { Scope } from './graph.ts';
import type { JsonObject, JsonPath, JsonSchema } from './json.ts';
import type { BodyRoot } from './manifest.ts';
import type { FlowReading, ReadExpression } from './reading.ts';

/** A part of an expression that becomes another one; offsets in the text of the expression. */
export interface Rewriting {
  path: JsonPath;
  offset: number;
  length: number;
  text: string;
}

export interface Border {
  /** By name: what the nodes read from outside, and its schema. */
  inputs: Map<string, { value: string; schema: JsonSchema }>;
  /** By name: what is read of the nodes. */
  outputs: Map<string, { value: string; schema: JsonSchema }>;
  /** In the nodes themselves, and in what stays. */
  inside: Rewriting[];
  outside: Rewriting[];
}

const PART = String.raw`(?:\.\s*(output|error|state)\b|\[\s*["'](output|error|state)["']\s*\])`;
const STEP = new RegExp(String.raw`^steps\s*(?:\.\s*[A-Za-z_]\w*|\[\s*(?:"[^"]*"|'[^']*')\s*\])\s*${PART}`);
const BODY_ROOTS: readonly string[] = ['item', 'index', 'previous'] satisfies BodyRoot[];

/** @param as the id of the node that will stand for the extracted ones. */
export function borderOf(reading: FlowReading, scope: Scope, ids: ReadonlySet<string>, as: string): Border | EditProblem {
  const inner = new Set([...ids].flatMap((id) => [id, ...idsInBody(id, scope.nodes[id] ?? { type: '' })]));
  const border: Border = { inputs: new Map(), outputs: new Map(), inside: [], outside: [] };
  /** Names of inputs by what is read, so that the same value is handed in once. */
  const names = new Map<string, string>();
  const inputFor = (value: string, wanted: string, schema: JsonSchema): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    let name = wanted;
    for (
      let number = 2;
      border.inputs.has(name) || (Object.hasOwn(reading.flow.inputs ?? {}, name) && value !== `inputs.${name}`);
      number += 1
    )
      name = `${wanted}${number}`;
    names.set(value, name);
    border.inputs.set(name, { value, schema });
    return name;
  };

  for (const expression of reading.expressions) {
    const isInner = expression.node !== undefined && inner.has(expression.node);
    for (const reference of expression.references) {
      const refused = isInner ? readInside(reference, expression) : readOutside(reference, expression);
      if (refused) return refused;
    }
  }
  return border;

  function readInside(reference: Reference, expression: ReadExpression): EditProblem | undefined {
    const { root, path } = reference;
    const [first] = path;
    if (root === 'inputs') {
      if (typeof first !== 'string') return whole('inputs', expression);
      inputFor(`inputs.${first}`, first, reading.flow.inputs?.[first] ?? {});
      return undefined;
    }
    if (BODY_ROOTS.includes(root)) {
      const at = {
        ...(expression.node === undefined ? {} : { node: expression.node }),
        ...(expression.inBody && { inBody: expression.inBody }),
      };
      const giver = reading.giverOf(root as BodyRoot, at);
      if (giver !== undefined && inner.has(giver)) return undefined;
      const name = inputFor(root, root, schemaOfType(reading.types.root(root, at) ?? { kinds: 0 }));
      return rewrite(border.inside, expression, { offset: reference.offset, length: root.length }, `inputs.${name}`);
    }
    if (root !== 'steps') return undefined;
    if (typeof first !== 'string' || reference.idLength === 0) return whole('steps', expression);
    if (inner.has(first)) return undefined;
    const found = STEP.exec(expression.text.slice(reference.offset));
    const part = found?.[1] ?? found?.[2];
    if (!found || part === undefined) return whole(`steps.${first}`, expression);
    const name = inputFor(`steps.${first}.${part}`, part === 'output' ? first : `${first}_${part}`, partSchema(first, part));
    return rewrite(border.inside, expression, { offset: reference.offset, length: found[0].length }, `inputs.${name}`);
  }

  function readOutside(reference: Reference, expression: ReadExpression): EditProblem | undefined {
    const [first] = reference.path;
    if (reference.root !== 'steps' || typeof first !== 'string' || !ids.has(first)) return undefined;
    const found = STEP.exec(expression.text.slice(reference.offset));
    const part = found?.[1] ?? found?.[2];
    if (!found || part === undefined) return whole(`steps.${first}`, expression);
    const name = part === 'output' ? first : `${first}_${part}`;
    border.outputs.set(name, { value: `steps.${first}.${part}`, schema: partSchema(first, part) });
    return rewrite(border.outside, expression, { offset: reference.offset, length: found[0].length }, `steps.${as}.output.${name}`);
  }

  /** A step may be skipped: then its output is null. */
  function partSchema(id: string, part: string): JsonObject {
    if (part === 'output') return schemaOfType(union([reading.types.output(id), { kinds: KIND.null }]));
    return part === 'state' ? { type: 'string' } : { type: ['object', 'null'] };
  }

  function rewrite(
    into: Rewriting[],
    { path, file }: ReadExpression,
    at: { offset: number; length: number },
    text: string,
  ): EditProblem | undefined {
    if (!file) {
      into.push({ path, ...at, text });
      return undefined;
    }
    return refuse(
      'EDIT_BORDER',
      `"${file.name}" reads a value from the other side of the border, and prompt files are not changed.`,
      'Write the prompt into the node, or leave that node out of the selection.',
    );
  }

  function whole(what: string, { node }: ReadExpression): EditProblem {
    return refuse(
      'EDIT_BORDER',
      `${node === undefined ? 'An output of the flow' : `"${node}"`} reads "${what}" as a whole, which cannot be handed over a border.`,
      'Name the value that is needed, such as steps.ID.output.',
    );
  }
}
