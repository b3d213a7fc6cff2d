/**
 * Format version 1 of a flow document: one declaration, from which the types, the checks and the JSON Schema are derived.
 * Semantics: docs/format.md. The `with` of a node belongs to its type and is checked by the type's manifest.
 */
import * as z from 'zod';
import type { Json, JsonSchema } from './json.ts';
import { lazily } from './lazily.ts';

export const FORMAT_VERSION = 1;

/** Node ids: readable, safe as a key, as a CEL and as a Liquid variable. Reserved words: `reserved.ts`. */
export const NODE_ID = /^[a-z][A-Za-z0-9_]*$/;
/** Names of inputs and outputs. */
export const INPUT = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** `500ms`, `30s`, `5m`, `2h`, `1d`. */
export const DURATION = /^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$/;
/** Outlet names: `success`, `failure`, `case:bug`, … */
export const OUTLET = /^[a-z][A-Za-z]*$|^case:[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/;

const json = lazily(() => z.json().describe('Any JSON value'));
export const jsonSchemaSchema = lazily(() =>
  z.union([z.record(z.string(), z.json()), z.boolean()]).meta({ title: 'JSON Schema', description: 'A JSON Schema (2020-12).' }),
);

export const durationSchema = lazily(() =>
  z
    .string()
    .regex(DURATION, 'expected a duration such as "30s", "5m" or "2h"')
    .meta({ title: 'Duration', description: 'A whole number and a unit: ms, s, m, h or d.', examples: ['30s', '5m', '2h'] }),
);

export const effectSchema = lazily(() =>
  z.enum(['none', 'read', 'write', 'irreversible']).meta({
    title: 'Effect',
    description: 'What the step does to the world. An irreversible step always needs a yes.',
  }),
);
export type Effect = z.infer<ReturnType<typeof effectSchema>>;

export const joinSchema = lazily(() =>
  z.union([z.enum(['all', 'any']), z.strictObject({ atLeast: z.int().min(1) })]).meta({
    title: 'Join',
    description:
      'When a node with several incoming edges starts: "all" (default: every edge that was taken has arrived), "any" (the first), or {"atLeast": n} (a quorum).',
  }),
);
export type Join = z.infer<ReturnType<typeof joinSchema>>;

export const afterSchema = lazily(() =>
  z
    .record(z.string(), z.union([z.string().regex(OUTLET), z.array(z.string().regex(OUTLET)).min(1)]))
    .meta({ title: 'After', description: "The edges into this node: the source node's id and the outlet (or outlets) it leaves by." }),
);

/** Failure kinds a retry can be limited to. Providers classify, the node retries. */
export const errorKindSchema = lazily(() =>
  z.enum([
    'auth',
    'permission',
    'quota',
    'rateLimit',
    'overloaded',
    'contextLength',
    'contentFilter',
    'badRequest',
    'modelNotFound',
    'network',
    'timeout',
    'invalidOutput',
    'cancelled',
    'exit',
    'notFound',
    'internal',
    'unknown',
  ]),
);
export type ErrorKind = z.infer<ReturnType<typeof errorKindSchema>>;

const retrySchema = lazily(() =>
  z
    .strictObject({
      attempts: z.int().min(1).max(100).meta({ description: 'How often the step may be tried in all, the first time included.' }),
      backoff: z.enum(['constant', 'exponential']).optional().meta({ description: 'Default: exponential.' }),
      delay: durationSchema().optional().meta({ description: 'Wait before the second attempt. Default: 1s.' }),
      maxDelay: durationSchema().optional().meta({ description: 'No wait is longer than this. Default: 1m.' }),
      jitter: z.boolean().optional().meta({ description: 'Spread the waits at random (full jitter). Default: true.' }),
      on: z.array(errorKindSchema()).min(1).optional().meta({
        description: 'Only these kinds of error. Default: rateLimit, overloaded, network, timeout, exit, invalidOutput.',
      }),
    })
    .meta({ title: 'Retry', description: 'How the step is tried again when it fails.' }),
);

const timeoutSchema = lazily(() =>
  z
    .union([durationSchema(), z.strictObject({ attempt: durationSchema().optional(), total: durationSchema().optional() })])
    .meta({ title: 'Time-out', description: 'How long one attempt may take, or {"attempt": …, "total": …} to limit both.' }),
);

const gateSchema = lazily(() =>
  z
    .union([z.literal(true), z.strictObject({ message: z.string().meta({ 'x-belay': { kind: 'template', control: 'multiline' } }) })])
    .meta({ title: 'Gate', description: 'Ask a person before this step runs, showing exactly the values it will use.' }),
);

/** The keys of a node that belong to the engine. What belongs to the node's type stands in `with`. */
export const nodeSchema = lazily(() =>
  z
    .looseObject({
      type: z.string().min(1).meta({ title: 'Type', description: 'What kind of node this is.' }),
      title: z.string().max(200).optional().meta({ title: 'Title', description: 'What people read on the node.' }),
      after: afterSchema().optional(),
      join: joinSchema().optional(),
      disabled: z
        .boolean()
        .optional()
        .meta({ title: 'Disabled', description: 'Passes through: counts as skipped, successors by success go on.' }),
      gate: gateSchema().optional(),
      effect: effectSchema().optional(),
      output: jsonSchemaSchema().optional().meta({ title: 'Output schema', description: 'A JSON Schema the result has to match.' }),
      retry: retrySchema().optional(),
      timeout: timeoutSchema().optional(),
      continueOnFailure: z
        .boolean()
        .optional()
        .meta({ title: 'Continue on failure', description: 'A failure leaves by success with output null.' }),
      with: z.record(z.string(), z.json()).optional().meta({ title: 'With', description: "Everything that belongs to the node's type." }),
    })
    .meta({ title: 'Node' }),
);
export type NodeSpec = z.infer<ReturnType<typeof nodeSchema>>;

export const NODE_KEYS = [
  'type',
  'title',
  'after',
  'join',
  'disabled',
  'gate',
  'effect',
  'output',
  'retry',
  'timeout',
  'continueOnFailure',
  'with',
] as const;

const position = lazily(() => z.tuple([z.int(), z.int()]).meta({ description: '[x, y] in pixels' }));

const flowOutputSchema = lazily(() =>
  z.strictObject({
    value: json().meta({ 'x-belay': { kind: 'value' }, description: 'The value: JSON in which {"$expr": "CEL"} is evaluated.' }),
    schema: jsonSchemaSchema().optional(),
  }),
);

const triggerSchema = lazily(() =>
  z.looseObject({
    type: z.enum(['schedule', 'watch', 'webhook', 'system', 'manual']),
    disabled: z.boolean().optional(),
    with: z.record(z.string(), z.json()).optional(),
  }),
);

const limitsSchema = lazily(() =>
  z
    .looseObject({
      concurrency: z
        .strictObject({
          maxRuns: z.int().min(1).meta({ description: 'How many runs of this flow there may be at the same time.' }),
          policy: z.enum(['queue', 'skip', 'cancelPrevious']).optional().meta({
            description:
              'What becomes of one more: it waits for its turn (queue, the default), is not started (skip), or the oldest ones are cancelled for it (cancelPrevious).',
          }),
        })
        .optional()
        .meta({
          title: 'Concurrency',
          description: 'How many runs of this flow there may be at the same time, in the editor and in terminals together.',
        }),
      budget: z
        .strictObject({
          steps: z.int().min(1).optional().meta({ description: 'How many steps may begin, each pass of a loop counted anew.' }),
          tokens: z.int().min(1).optional().meta({ description: 'Tokens of all model calls, in and out.' }),
          cost: z
            .number()
            .positive()
            .optional()
            .meta({ description: 'Money, in the currency in which the services report what a call cost.' }),
          time: durationSchema().optional().meta({ description: 'Time at work: waits for people and timers do not count.' }),
        })
        .optional()
        .meta({ title: 'Budget', description: 'What one run may use up before it pauses and asks.' }),
    })
    .meta({ title: 'Limits', description: 'How many runs there may be at a time, and what one may use up.' }),
);

/** What tools come from beside MCP servers: a server of such a name could not be told from them. */
const TOOL_PREFIXES = ['files', 'search', 'command', 'http', 'browser', 'flow', 'agent', 'vscode'] as const;
/** Names of MCP servers. Their tools are `NAME/TOOL`. */
export const SERVER_NAME = new RegExp(`^(?!(?:${TOOL_PREFIXES.join('|')})$)[A-Za-z][A-Za-z0-9_.-]{0,63}$`);

const serverTexts = lazily(() => z.record(z.string(), z.string()));

/** One MCP server. Values of `env` and `headers` may hold secrets, as `{{ secrets.NAME }}`. */
export const mcpServerSchema = lazily(() =>
  z
    .union([
      z.strictObject({
        type: z.literal('stdio').optional().meta({ description: 'A program that is started and spoken to by its input and output.' }),
        command: z.string().min(1).meta({ description: 'The program. It is started without a shell.' }),
        args: z.array(z.string()).optional().meta({ description: 'Its arguments.' }),
        env: serverTexts().optional().meta({ description: 'Environment variables; {{ secrets.NAME }} stands for a secret.' }),
        cwd: z.string().optional().meta({ description: 'Where it is started, relative to the flow. Default: the root of the workspace.' }),
      }),
      z.strictObject({
        type: z.literal('http').optional().meta({ description: 'Streamable HTTP.' }),
        url: z
          .string()
          .regex(/^https?:\/\/[^/@\s]+(\/\S*)?$/, 'expected an address such as "https://example.com/mcp"')
          .meta({ description: 'The address of the server.' }),
        headers: serverTexts().optional().meta({ description: 'Sent with every request; {{ secrets.NAME }} stands for a secret.' }),
      }),
    ])
    .meta({ title: 'MCP server', description: 'A program ({"command": …}) or an address ({"url": …}) that offers tools.' }),
);
export type McpServer = z.infer<ReturnType<typeof mcpServerSchema>>;

/** What a note can be coloured with. Another word is kept, and drawn as the first of these. */
export const NOTE_COLORS = ['yellow', 'blue', 'green', 'red', 'purple', 'grey'] as const;
export type NoteColor = (typeof NOTE_COLORS)[number];

const noteSchema = lazily(() =>
  z.looseObject({
    text: z.string().meta({ description: 'Plain text; #, -, **strong** and `code` are drawn.' }),
    color: z
      .string()
      .optional()
      .meta({ description: 'yellow (the default), blue, green, red, purple or grey.', examples: [...NOTE_COLORS] }),
    at: position().optional(),
    size: z
      .tuple([z.int().min(1), z.int().min(1)])
      .optional()
      .meta({ description: '[width, height] in pixels. A note is as high as its text needs.' }),
  }),
);

/** The whole document. Unknown keys are kept and reported as warnings. */
export const flowSchema = lazily(() =>
  z
    .looseObject({
      $schema: z.string().optional().meta({ description: 'Where editors find the JSON Schema of this file.' }),
      version: z.literal(FORMAT_VERSION).meta({ description: 'The version of the format: 1.' }),
      title: z.string().max(200).optional(),
      description: z.string().optional(),
      model: z.string().optional().meta({ description: 'Model (or alias such as "fast", "smart", "local") for prompts that name none.' }),
      inputs: z
        .record(z.string().regex(INPUT), jsonSchemaSchema())
        .optional()
        .meta({ description: 'Inputs by name, each a JSON Schema; one with a "default" may be left out when the flow is run.' }),
      outputs: z.record(z.string().regex(INPUT), flowOutputSchema()).optional(),
      triggers: z.record(z.string().regex(NODE_ID), triggerSchema()).optional(),
      mcpServers: z.record(z.string().regex(SERVER_NAME), mcpServerSchema()).optional().meta({
        description: 'MCP servers by name. Their tools are called NAME/TOOL. Each is started or reached only after its user allowed it.',
      }),
      limits: limitsSchema().optional(),
      nodes: z.record(z.string(), nodeSchema()),
      notes: z.record(z.string().regex(NODE_ID), noteSchema()).optional(),
      layout: z
        .record(z.string(), position())
        .optional()
        .meta({ description: 'Where each node stands: one line per node, at the very end.' }),
    })
    .meta({ title: 'Belay flow', description: 'An AI workflow as a document.' }),
);

export const FLOW_KEYS = [
  '$schema',
  'version',
  'title',
  'description',
  'model',
  'inputs',
  'outputs',
  'triggers',
  'mcpServers',
  'limits',
  'nodes',
  'notes',
  'layout',
] as const;

/** A parsed flow. Nodes stand in the order of the file. */
export type Flow = z.infer<ReturnType<typeof flowSchema>>;

/** One incoming edge of a node, as `after` declares it. */
export interface Edge {
  source: string;
  outlet: string;
  target: string;
}

/** The edges into `target`, in the order of the file. */
export function edgesInto(target: string, node: NodeSpec): Edge[] {
  return Object.entries(node.after ?? {}).flatMap(([source, outlets]) =>
    (Array.isArray(outlets) ? outlets : [outlets]).map((outlet) => ({ source, outlet, target })),
  );
}

/** Milliseconds of a duration such as `30s`. The text has passed `durationSchema`. */
export function durationMs(text: string): number {
  const match = DURATION.exec(text);
  if (!match) throw new RangeError(`Not a duration: ${text}`);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 'ms' | 's' | 'm' | 'h' | 'd'];
  return Number(match[1]) * unit;
}

export type FlowInputs = Record<string, JsonSchema>;
export type Values = Record<string, Json>;
