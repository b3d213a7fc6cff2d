/** From our own zod schemas to the JSON Schemas by which doors take a quick look (src/engine/format/door.ts). */
import * as z from 'zod';
import type { JsonObject } from '../../src/engine/format/json.ts';
import { flowSchema } from '../../src/engine/format/model.ts';
import { quickLook } from '../../src/engine/format/quick-look.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { bundleDoor } from '../../src/engine/run/bundle.ts';
import { ownerDoor, runEventDoor } from '../../src/engine/run/events.ts';
import { headDoor, lineDoor } from '../../src/providers/journal/index-codec.ts';
import { tidiedDoor } from '../../src/providers/journal/retention.ts';
import { summaryDoor } from '../../src/providers/journal/summary.ts';

type Schemas = Readonly<Record<string, JsonObject>>;

/** By path from the root of the project. */
export const doors: Readonly<Record<string, () => Schemas>> = {
  'src/engine/format/flow.generated.json': () => ({ flow: generated(flowSchema()) }),
  'src/engine/nodes/params.generated.json': () =>
    Object.fromEntries([...catalog].map(([type, { params, fits }]) => [type, generated(params, fits !== undefined)])),
  'src/engine/run/events.generated.json': () => ({
    event: generated(runEventDoor.schema),
    owner: generated(ownerDoor.schema),
    bundle: generated(bundleDoor.schema),
  }),
  'src/providers/journal/journal.generated.json': () => ({
    summary: generated(summaryDoor.schema),
    head: generated(headDoor.schema),
    line: generated(lineDoor.schema),
    tidied: generated(tidiedDoor.schema),
  }),
};

/** As `jsonSchemaOf` gives it. Throws for what a look could not see: refinements that nobody else checks, transformations, defaults. */
function generated(schema: z.ZodType, refined = false): JsonObject {
  const made = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod;
      if (['transform', 'pipe', 'default', 'prefault', 'catch'].includes(def.type))
        throw new Error(`A quick look cannot do what zod's ${def.type} does`);
      const unseen = (def.checks ?? []).some((check) => check._zod.def.check === 'custom');
      if (unseen && !refined) throw new Error(`A quick look cannot see the refinement of ${JSON.stringify(jsonSchema)}`);
    },
  }) as JsonObject;
  quickLook(made)({});
  return made;
}
