/** The hints of a type's parameters, by name: how each is read, and what it is for. */
import { isJsonObject, type JsonObject } from './json.ts';
import { type FieldHint, HINT, type NodeManifest } from './manifest.ts';
import { paramsSchema } from './parse-words.ts';

const hints = new WeakMap<NodeManifest, Record<string, FieldHint>>();

export function hintsOf(manifest: NodeManifest): Readonly<Record<string, FieldHint>> {
  const known = hints.get(manifest) ?? readHints(manifest);
  hints.set(manifest, known);
  return known;
}

function readHints(manifest: NodeManifest): Record<string, FieldHint> {
  const schema = paramsSchema(manifest);
  const properties: JsonObject =
    isJsonObject(schema) && schema.properties !== undefined && isJsonObject(schema.properties) ? schema.properties : {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => {
      const hint = isJsonObject(property) ? (property[HINT] as FieldHint | undefined) : undefined;
      return hint ? [[name, hint]] : [];
    }),
  );
}
