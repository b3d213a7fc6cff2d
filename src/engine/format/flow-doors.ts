/** The doors of a flow's own keys and of those of its nodes that belong to the engine. */
import type * as z from 'zod';
import { Door } from './door.ts';
import generated from './flow.generated.json' with { type: 'json' };
import type { JsonSchema } from './json.ts';
import { afterSchema, flowSchema, nodeSchema } from './model.ts';

type Shape<S extends () => { shape: object }> = ReturnType<S>['shape'];
type Inner<T> = T extends z.ZodOptional<infer I> ? (I extends z.ZodType ? I : never) : never;
type Optional<S> = { [K in keyof S]: S[K] extends z.ZodOptional ? K : never }[keyof S] & string;

/** The whole document. */
const whole = generated.flow as unknown as JsonSchema;
const root = () => whole;

function part(...path: string[]): () => JsonSchema | undefined {
  return () => path.reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], whole) as JsonSchema | undefined;
}

function doorsOf<S extends () => { shape: object }>(schema: S, ...path: string[]) {
  const doors = new Map<string, Door<z.ZodType>>();
  return <K extends Optional<Shape<S>>>(key: K): Door<Inner<Shape<S>[K]>> => {
    let door = doors.get(key);
    if (!door) {
      const make = () => (schema().shape as Record<string, z.ZodOptional<z.ZodType>>)[key]?.unwrap() as z.ZodType;
      door = new Door(make, part(...path, 'properties', key), { root });
      doors.set(key, door);
    }
    return door as unknown as Door<Inner<Shape<S>[K]>>;
  };
}

/** A key of the flow that may be left out. */
export const flowDoor = doorsOf(flowSchema);

/** A key of a node that may be left out. */
export const nodeDoor = doorsOf(nodeSchema, 'properties', 'nodes', 'additionalProperties');

/** The outlet, or the outlets, that an edge comes from. */
export const outletsDoor = new Door(
  () => afterSchema().valueType,
  part('properties', 'nodes', 'additionalProperties', 'properties', 'after', 'additionalProperties'),
  { root },
);
