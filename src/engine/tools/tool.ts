/** What a built-in tool is. Its work is done inside of a step: recorded once, asked about where it must be. */
import * as z from 'zod';
import type { Json, JsonObject, JsonSchema } from '../format/json.ts';
import { lazily } from '../format/lazily.ts';
import type { Effect } from '../format/model.ts';
import { toolEffect } from '../format/tool-names.ts';
import type { EnginePorts, ToolInfo, ToolResult } from '../ports.ts';

export interface ToolWork {
  ports: Pick<EnginePorts, 'files' | 'http' | 'commands' | 'secrets'>;
  signal: AbortSignal;
  idempotencyKey: string;
  /** Output of a process, while it comes. */
  show(stream: 'stdout' | 'stderr', text: string): void;
}

/** What became of a call in whose middle the process died. */
export type Reconciled = { is: 'done'; output: Json } | { is: 'repeat' } | { is: 'ask'; why: string };

/** Paths are relative to the root. Arguments match the schema wherever they are handed in. What goes wrong is thrown as `BelayError`. */
export interface BuiltInTool {
  readonly info: ToolInfo;
  /** Of these very arguments, where it is worse than the tool's. */
  effect?(args: JsonObject, ports: ToolWork['ports']): Promise<Effect>;
  /** What has to be known of the world before, so that a crash in the middle can be told from somebody else's work. Recorded. */
  before?(args: JsonObject, ports: ToolWork['ports']): Promise<Json>;
  reconcile?(args: JsonObject, before: Json, ports: ToolWork['ports']): Promise<Reconciled>;
  run(args: JsonObject, work: ToolWork): Promise<ToolResult>;
}

interface Told {
  name: string;
  title: string;
  description: string;
  parameters(): z.ZodType;
  output?(): z.ZodType;
}

/** Schemas are made when somebody looks at them. */
export function builtInInfo({ name, title, description, parameters, output }: Told): ToolInfo {
  const schema = lazily(() => schemaOf(parameters()));
  const result = output && lazily(() => schemaOf(output()));
  return {
    name,
    title,
    description,
    get parameters() {
      return schema();
    },
    ...(result && {
      get output() {
        return result();
      },
    }),
    effect: toolEffect(name),
    source: 'builtIn',
  };
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _schema, ...rest } = z.toJSONSchema(schema) as JsonObject;
  return rest;
}

/** A result that is data: as text for a model, and as it is for a flow. */
export function dataResult(structured: JsonObject, text = JSON.stringify(structured)): ToolResult {
  return { content: [{ type: 'text', text }], structured };
}
