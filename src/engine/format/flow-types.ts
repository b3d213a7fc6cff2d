/** What the values of a flow look like before it runs: from the schemas of inputs and results, and from what computes them. */

import { compileCondition } from './expressions/index.ts';
import {
  ANY,
  ANY_JSON,
  asJson,
  DOUBLE,
  fieldOf,
  itemsOf,
  KIND,
  listOf,
  NULL,
  type ObjectType,
  objectOf,
  oneOfTexts,
  TEXT,
  type Type,
  typeOfJson,
  typeOfSchema,
  union,
} from './expressions/types.ts';
import { expressionIn } from './fields.ts';
import type { Scope } from './graph.ts';
import { hintsOf } from './hints.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { type BodyRoot, HINT, type NodeCatalog, type NodeManifest, type ResultHint } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';

/** Where an expression stands: what it may read depends on it. */
export interface Standpoint {
  /** The node it belongs to; absent for the outputs of the flow. */
  node?: string;
  /** It is computed in the scope of the node's body. */
  inBody?: true;
}

/** What has to be known of a flow; `FlowReading` is one. */
interface TypedFlow {
  flow: Flow;
  catalog: NodeCatalog;
  scopes: readonly Scope[];
  node(id: string): NodeSpec | undefined;
  manifestOf(id: string): NodeManifest | undefined;
  /** The node whose body gives a name its value there. */
  giverOf(root: BodyRoot, at: Standpoint): string | undefined;
  subFlow(path: string): { found: false } | { found: true; reading: { types: FlowTypes } | undefined } | undefined;
}

/** Deeper values are not looked into. */
const DEEPEST = 100;

export class FlowTypes {
  readonly #reading: TypedFlow;
  /** Undefined: being computed. What depends on itself (the result of a loop by way of `previous`) may be anything. */
  readonly #results = new Map<string, Type | undefined>();
  /** Expressions being computed, by where they stand. The fields of objects are computed when they are read, so these come back to themselves, too. */
  readonly #computing = new Set<string>();
  #flowOutputs: Type | 'computing' | undefined;
  readonly #inputs: Type;
  readonly #steps: Type;

  constructor(reading: TypedFlow) {
    this.#reading = reading;
    const { flow } = reading;
    this.#inputs = objectOf(
      Object.fromEntries(Object.entries(flow.inputs ?? {}).map(([name, schema]) => [name, () => typeOfSchema(schema)])),
    );
    this.#steps = { kinds: KIND.object, object: lenient((id) => (reading.node(id) ? this.#step(id) : undefined)) };
  }

  /** The type of a root where an expression stands; undefined: there is no such root there, which is not told here. */
  root(name: string, at: Standpoint): Type | undefined {
    switch (name) {
      case 'inputs':
        return this.#inputs;
      case 'steps':
        return this.#steps;
      case 'run':
        return RUN;
      case 'index':
        return DOUBLE;
      case 'item': {
        const owner = this.#reading.giverOf('item', at);
        const items = owner === undefined ? undefined : this.#reading.node(owner)?.with?.items;
        return items === undefined || owner === undefined ? ANY_JSON : itemsOf(this.value(items, { node: owner }));
      }
      case 'previous': {
        const owner = this.#reading.giverOf('previous', at);
        return owner === undefined ? ANY_JSON : union([NULL, this.natural(owner)]);
      }
      case 'trigger':
        return ANY_JSON;
      default:
        return undefined;
    }
  }

  /** What `steps.ID.output` is; null, where the step was skipped, is not in it. */
  output(id: string): Type {
    const schema = this.#reading.node(id)?.output;
    return schema === undefined ? this.natural(id) : typeOfSchema(schema);
  }

  /** What a step gives by itself, whatever its own `output` schema says. */
  natural(id: string): Type {
    if (this.#results.has(id)) return this.#results.get(id) ?? ANY_JSON;
    this.#results.set(id, undefined);
    const type = this.#naturalNow(id);
    this.#results.set(id, type);
    return type;
  }

  #naturalNow(id: string): Type {
    const node = this.#reading.node(id);
    const manifest = this.#reading.manifestOf(id);
    if (!node || !manifest) return ANY_JSON;
    const params = node.with ?? {};
    return typeOfSchema(manifest.output(params), (schema) => {
      const hint = schema[HINT] as ResultHint | undefined;
      if (hint?.from !== undefined) return this.#param(id, hint.from, params);
      if (hint?.flow !== undefined) return this.#outputsOf(params[hint.flow]);
      return undefined;
    });
  }

  #param(id: string, name: string, params: JsonObject): Type {
    const value = params[name];
    if (value === undefined) return NULL;
    const manifest = this.#reading.manifestOf(id);
    const inBody = manifest !== undefined && hintsOf(manifest)[name]?.scope === 'body';
    return this.value(value, { node: id, ...(inBody && { inBody }) });
  }

  #outputsOf(path: Json | undefined): Type {
    const sub = typeof path === 'string' ? this.#reading.subFlow(path) : undefined;
    return sub?.found && sub.reading ? sub.reading.types.flowOutputs() : { kinds: KIND.object };
  }

  /** What the flow gives to one that runs it. */
  flowOutputs(): Type {
    if (this.#flowOutputs === 'computing') return { kinds: KIND.object };
    this.#flowOutputs ??= this.#flowOutputsNow();
    return this.#flowOutputs;
  }

  #flowOutputsNow(): Type {
    this.#flowOutputs = 'computing';
    const { flow, scopes, catalog } = this.#reading;
    // What has no outlets ends the flow, with outputs of its own if it has any.
    const ends = scopes.some(({ nodes }) =>
      Object.values(nodes).some(
        ({ type, with: params = {} }) => catalog.get(type)?.outlets(params).length === 0 && params.outputs !== undefined,
      ),
    );
    if (ends) return { kinds: KIND.object };
    return objectOf(
      Object.fromEntries(
        Object.entries(flow.outputs ?? {}).map(([name, { value, schema }]) => [
          name,
          () => (schema === undefined ? this.value(value, {}) : typeOfSchema(schema)),
        ]),
      ),
    );
  }

  /** Free JSON in which `{"$expr": …}` is evaluated. */
  value(value: Json, at: Standpoint, depth = 0): Type {
    if (depth > DEEPEST) return ANY_JSON;
    const text = expressionIn(value);
    if (text !== undefined) return this.expression(text, at);
    if (Array.isArray(value)) {
      return listOf(() => (value.length === 0 ? ANY_JSON : union(value.map((item) => this.value(item, at, depth + 1)))));
    }
    if (!isJsonObject(value)) return typeOfJson(value);
    return objectOf(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, () => this.value(item, at, depth + 1)])));
  }

  /** What a computed value is when it has become JSON. */
  expression(text: string, at: Standpoint): Type {
    const compiled = compileCondition(text);
    if (!compiled.ok) return ANY_JSON;
    const key = `${at.node ?? ''} ${at.inBody ?? ''} ${text}`;
    if (this.#computing.has(key)) return ANY_JSON;
    this.#computing.add(key);
    try {
      return asJson(
        compiled.condition.type(
          (name) => this.root(name, at),
          () => undefined,
        ),
      );
    } finally {
      this.#computing.delete(key);
    }
  }

  #step(id: string): Type {
    return {
      kinds: KIND.object,
      object: lenient((part) => {
        if (part === 'output') return this.#reading.node(id)?.disabled ? NULL : union([NULL, this.output(id)]);
        if (part === 'error') return ERROR;
        return part === 'state' ? STATE : undefined;
      }),
    };
  }

  /** What a template reads by a path such as `output.text` of a root; undefined where there is no such thing. */
  read(root: string, path: readonly (string | number)[], at: Standpoint): Type | undefined {
    let type = this.root(root, at);
    for (const step of path) type = type && templateField(type, step);
    return type;
  }

  /** The first part of a path such as `['draft', 'output', 'text']` that is not there. */
  follow(root: string, path: readonly (string | number)[], at: Standpoint): { missing?: { at: number; within: Type } } {
    let type = this.root(root, at);
    for (const [index, step] of path.entries()) {
      if (!type) return {};
      const next = templateField(type, step);
      if (!next) return { missing: { at: index, within: type } };
      type = next;
    }
    return {};
  }
}

/** A field as templates read it: lists and texts have a few of their own. */
export function templateField(type: Type, step: string | number): Type | undefined {
  const parts: Type[] = [];
  if ((type.kinds & KIND.list) !== 0) {
    if (typeof step === 'number' || /^-?\d+$/.test(step) || step === 'first' || step === 'last') parts.push(union([NULL, itemsOf(type)]));
    if (step === 'size') parts.push(DOUBLE);
  }
  if ((type.kinds & (KIND.text | KIND.object)) !== 0 && (step === 'size' || step === 'first' || step === 'last')) parts.push(ANY_JSON);
  const field = fieldOf(type, String(step));
  if (field) parts.push(field);
  return parts.length === 0 ? undefined : union(parts);
}

/** An object of which only a few fields are known, and nothing is said about others: whether those exist is told elsewhere. */
function lenient(field: (name: string) => Type | undefined): ObjectType {
  return { known: [], required: [], field: (name) => field(name) ?? ANY };
}

const RUN = objectOf({ id: () => TEXT, flow: () => TEXT, title: () => TEXT, startedAt: () => TEXT });
const STATE = oneOfTexts(['pending', 'succeeded', 'failed', 'skipped']);
const ERROR: Type = union([
  NULL,
  {
    kinds: KIND.object,
    object: lenient((name) => (['code', 'kind', 'message', 'hint', 'node'].includes(name) ? TEXT : undefined)),
  },
]);
