/**
 * What a node type declares about itself: browser-safe data from which the palette, the inspector's form, the JSON Schema,
 * the linter and the engine's treatment of the node are derived. One folder per type: `src/engine/nodes/<type>/manifest.ts`.
 */
import type * as z from 'zod';
import type { Json, JsonObject, JsonSchema } from './json.ts';
import { lazily } from './lazily.ts';
import type { Effect } from './model.ts';
import type { ProblemCode } from './problem-codes.ts';

/** How the engine reads a field: as it stands, as a Liquid template, as a CEL condition, or as JSON with `{"$expr": "CEL"}` inside. */
export type FieldKind = 'literal' | 'template' | 'condition' | 'value';

/** How the inspector edits a field. Default: by its JSON Schema type. */
export type FieldControl = 'text' | 'multiline' | 'code' | 'file' | 'flow' | 'model' | 'list' | 'keyValue' | 'json' | 'schema' | 'cases';

export interface FieldHint {
  kind: FieldKind;
  control?: FieldControl;
  placeholder?: string;
  /** Shown under "Advanced" in the inspector. */
  advanced?: boolean;
  /** What the text, or each text of the list, is the name of. */
  names?: 'agent' | 'model' | 'tool';
  /** A body of nodes (`loop`, `each`). */
  body?: boolean;
  /** Of a body: the names that only its nodes can read. */
  gives?: readonly BodyRoot[];
  /** Of a computed value: what it has to come out as. */
  of?: JsonSchema;
  /** The problem that is told where the field is missing, and the value that mends it. Default: `KEY_MISSING`. */
  missing?: { code: ProblemCode; value: Json };
  /** `body`: computed in the scope of the node's body at the end of each pass, not in that of the node. */
  scope?: 'body';
  /** The executor puts secrets in at the last moment, so that `secrets.NAME` may stand here and nowhere else. */
  secrets?: boolean;
}

export type BodyRoot = 'item' | 'index' | 'previous';

interface Described {
  title: string;
  description: string;
}

/** The metadata key under which a field's hint stands in zod's registry and so in the generated JSON Schema. */
export const HINT = 'x-belay';

/** Marks a zod schema as a field of a node type: `field(z.string(), { title, description }, { kind: 'template' })`. */
export function field<S extends z.ZodType>(schema: S, about: Described, hint: FieldHint): S {
  return schema.meta({ ...about, [HINT]: hint }) as S;
}

/** What `x-belay` says in the schema of a result: where it comes from, which only the flow itself can tell. */
export interface ResultHint {
  /** It is the value of this parameter. */
  from?: string;
  /** It is what the flow gives that this parameter names. */
  flow?: string;
}

/** In `output`: a result (or a part of one) that is whatever the parameter comes out as. */
export function valueOfParam(param: string, schema: JsonObject = {}): JsonObject {
  return { ...schema, [HINT]: { from: param } };
}

/** In `output`: the outputs of the flow whose file the parameter names. */
export function outputsOfParam(param: string): JsonObject {
  return { type: 'object', [HINT]: { flow: param } };
}

export interface OutletSpec {
  name: string;
  /** What the canvas writes at the handle. */
  label: string;
  /** How the edge is drawn: quiet, warning, or clearly different. */
  tone: 'normal' | 'good' | 'bad';
  /** Left unconnected, leaving by this outlet is a failure (`invalid`, `exhausted`, `timedOut`) or ends the run as rejected. */
  unconnected: 'ends' | 'fails' | 'rejects';
}

export type Category = 'Models' | 'Data' | 'Control' | 'People' | 'Tools';

export interface NodeManifest<P extends z.ZodType = z.ZodType> {
  type: string;
  title: string;
  /** One or two sentences for the palette, hovers and the generated reference. */
  description: string;
  /** Name of a codicon. */
  icon: string;
  category: Category;
  /** The zod schema of `with`, a strict object whose fields are made by `field`. */
  readonly params: P;
  /** What the refinements of `params` ask for, of parameters of the right shape. Needed where there are refinements: JSON Schema cannot say them. */
  fits?(params: z.infer<P>): boolean;
  /** False for types of format 1 that this version cannot run yet: they parse, and the parser says so. */
  built: boolean;
  /** Its work is done by other nodes (a body, another flow): their effects are asked about there, and it has none of its own. */
  composite?: boolean;
  /** Each of its steps is asked about by itself, with what it is about to do: one gate for the whole would show nothing. */
  asksItself?: boolean;
  /** It only computes: no steps, no questions, no waiting. Its beginning is not recorded apart from its end. */
  instant?: boolean;
  /** The outlets besides `failure`, which every type has. `params` may be invalid (the author is typing): then the static ones. */
  outlets(params: JsonObject): OutletSpec[];
  /** What the node does to the world, before the node's own `effect` key is considered. */
  effect(params: JsonObject): Effect;
  /** The least effect to which the node's `effect` key may lower it. Equal to the default effect: no lowering. */
  lowestEffect(params: JsonObject): Effect;
  /** What the label of the result is: always untrusted, always trusted (a person said it), or that of what it was made from. */
  resultTrust: 'untrusted' | 'trusted' | 'derived';
  /** One line for the node on the canvas, e.g. the prompt's first words. */
  summary(params: JsonObject): string;
  /** JSON Schema of `steps.ID.output`, for completion, checks and docs. */
  output(params: JsonObject): JsonSchema;
  /** The `with` of a freshly added node; valid against `params`. */
  initial: JsonObject;
  /** A complete small node for the reference and the snippets. */
  example: { title: string; with: JsonObject; after?: Record<string, string>; [key: string]: Json | undefined };
}

/** A manifest whose `params` are made when somebody asks for them: most runs need no zod at all (door.ts). */
export function defineManifest<P extends z.ZodType>(declared: Omit<NodeManifest<P>, 'params'> & { params: () => P }): NodeManifest<P> {
  const params = lazily(declared.params);
  return Object.defineProperty({ ...declared } as unknown as NodeManifest<P>, 'params', { get: params, enumerable: true });
}

export const SUCCESS: OutletSpec = { name: 'success', label: 'success', tone: 'normal', unconnected: 'ends' };
export const FAILURE: OutletSpec = { name: 'failure', label: 'failure', tone: 'bad', unconnected: 'fails' };

/** Every node type of the format by name. Given to the parser, the linter, the planner and the editor. */
export type NodeCatalog = ReadonlyMap<string, NodeManifest>;

/** All outlets of a node, `failure` last. */
export function outletsOf(manifest: NodeManifest, params: JsonObject): OutletSpec[] {
  return [...manifest.outlets(params), FAILURE];
}
