/**
 * The types of format 1 that this version cannot run yet. Their grammar is fixed here, so that flows that use them parse,
 * are drawn and keep their meaning; `built: false` makes the parser say that they cannot be run.
 */
import * as z from 'zod';
import type { JsonSchema } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import type { NodeManifest } from '../format/manifest.ts';
import { defineManifest, field, SUCCESS } from '../format/manifest.ts';
import { durationSchema, nodeSchema } from '../format/model.ts';
import { firstLine, valueLine } from './summary.ts';

const value = z.json();
const ANYTHING: JsonSchema = {};

const body = field(
  z.record(z.string(), nodeSchema),
  { title: 'Body', description: 'The nodes that are repeated. Edges never cross the border of a body.' },
  { kind: 'literal', body: true },
);
const result = field(
  value,
  { title: 'Result', description: 'What the outside sees of a pass: JSON in which {"$expr": "CEL"} is evaluated in the body.' },
  { kind: 'value', control: 'json' },
);

const agent = defineManifest({
  type: 'agent',
  title: 'Agent',
  description: 'Gives a task to an agent: a model with instructions and tools, which works in steps until it is done.',
  icon: 'robot',
  category: 'Models',
  params: z.strictObject({
    agent: field(
      z.string().min(1),
      { title: 'Agent', description: 'Its name: a file .github/agents/NAME.agent.md, or one that ships with Belay.' },
      { kind: 'literal', placeholder: 'researcher' },
    ),
    task: field(z.string().min(1), { title: 'Task', description: 'What it has to do.' }, { kind: 'template', control: 'multiline' }),
    context: field(
      value,
      { title: 'Context', description: 'Data handed over with the task: JSON in which {"$expr": "CEL"} is evaluated.' },
      { kind: 'value', control: 'json' },
    ).optional(),
    tools: field(
      z.array(z.string().min(1)),
      { title: 'Tools', description: 'What it may use, of what its file allows. Default: none.' },
      { kind: 'literal', control: 'list' },
    ).optional(),
    model: field(
      z.string().min(1),
      { title: 'Model', description: 'Instead of the model of the agent.' },
      { kind: 'literal', control: 'model' },
    ).optional(),
    maxSteps: field(
      z.int().min(1).max(1000),
      { title: 'Most steps', description: 'Model and tool calls before it is stopped.' },
      { kind: 'literal', advanced: true },
    ).optional(),
  }),
  built: false,
  outlets: () => [SUCCESS],
  effect: (it) => (Array.isArray(it.tools) && it.tools.length > 0 ? 'irreversible' : 'read'),
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.task) || firstLine(it.agent),
  output: () => ({ type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }),
  initial: { agent: 'assistant', task: 'Say hello.' },
  example: { title: 'Research', with: { agent: 'researcher', task: 'Find out what is new about {{ inputs.topic }}.' } },
});

const tool = defineManifest({
  type: 'tool',
  title: 'Tool',
  description: 'Calls one tool of an MCP server or of VS Code.',
  icon: 'tools',
  category: 'Tools',
  params: z.strictObject({
    tool: field(z.string().min(1), { title: 'Tool', description: 'server/tool' }, { kind: 'literal', placeholder: 'github/create_issue' }),
    arguments: field(
      z.record(z.string(), value),
      { title: 'Arguments', description: 'By name: JSON in which {"$expr": "CEL"} is evaluated.' },
      { kind: 'value', control: 'json' },
    ).optional(),
  }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'irreversible',
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.tool),
  output: () => ANYTHING,
  initial: { tool: 'server/tool' },
  example: { title: 'Create the ticket', with: { tool: 'github/create_issue', arguments: { title: { $expr: 'inputs.title' } } } },
});

const http = defineManifest({
  type: 'http',
  title: 'HTTP',
  description: 'Sends a request to a web service.',
  icon: 'globe',
  category: 'Tools',
  params: z.strictObject({
    method: field(
      z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
      { title: 'Method', description: 'Default: GET.' },
      { kind: 'literal' },
    ).optional(),
    url: field(
      z.string().min(1),
      { title: 'Address', description: 'http or https.' },
      { kind: 'template', placeholder: 'https://example.org/api' },
    ),
    query: field(
      z.record(z.string(), field(z.string(), { title: 'Value', description: 'Encoded as needed.' }, { kind: 'template' })),
      { title: 'Query', description: 'Added to the address.' },
      { kind: 'template', control: 'keyValue' },
    ).optional(),
    headers: field(
      z.record(
        z.string(),
        field(z.string(), { title: 'Value', description: 'Secrets may be referred to here.' }, { kind: 'template', secrets: true }),
      ),
      { title: 'Headers', description: 'Sent with the request.' },
      { kind: 'template', control: 'keyValue' },
    ).optional(),
    body: field(
      value,
      { title: 'Body', description: 'A text is sent as it is, anything else as JSON; {"$expr": "CEL"} is evaluated.' },
      { kind: 'value', control: 'json' },
    ).optional(),
    allowedStatus: field(
      z.array(z.int().min(100).max(599)).min(1),
      { title: 'Statuses that are fine', description: 'Any other one is a failure. Default: 200 to 299.' },
      { kind: 'literal', control: 'list', advanced: true },
    ).optional(),
  }),
  built: false,
  outlets: () => [SUCCESS],
  effect: (it) => (it.method === undefined || it.method === 'GET' || it.method === 'HEAD' ? 'read' : 'irreversible'),
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => `${firstLine(it.method) || 'GET'} ${firstLine(it.url)}`,
  output: () => ({
    type: 'object',
    properties: { status: { type: 'integer' }, headers: { type: 'object' }, body: {} },
    required: ['status', 'headers', 'body'],
  }),
  initial: { url: 'https://example.org' },
  example: { title: 'Weather', with: { url: 'https://example.org/weather', query: { city: '{{ inputs.city }}' } } },
});

const transform = defineManifest({
  type: 'transform',
  title: 'Transform',
  description: 'Makes new data out of earlier results: picks, counts, compares, regroups.',
  icon: 'symbol-operator',
  category: 'Data',
  params: z.strictObject({
    value: field(
      value,
      { title: 'Value', description: 'The result: JSON in which {"$expr": "CEL"} is evaluated.' },
      { kind: 'value', control: 'json' },
    ),
  }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => valueLine(it.value),
  output: () => ANYTHING,
  initial: { value: null },
  example: { title: 'Totals', with: { value: { count: { $expr: 'size(inputs.items)' } } } },
});

const wait = defineManifest({
  type: 'wait',
  title: 'Wait',
  description: 'Waits for a span of time, or until a moment.',
  icon: 'watch',
  category: 'Control',
  params: z
    .strictObject({
      for: field(durationSchema, { title: 'For', description: 'How long.' }, { kind: 'literal', placeholder: '10m' }).optional(),
      until: field(
        z.string().min(1),
        { title: 'Until', description: 'A moment as ISO 8601 with its offset, e.g. 2027-01-31T09:00:00Z.' },
        { kind: 'template', placeholder: '{{ inputs.publishAt }}' },
      ).optional(),
    })
    .refine((it) => (it.for === undefined) !== (it.until === undefined), {
      message: 'give exactly one of "for" and "until"',
      path: ['for'],
    }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'trusted',
  summary: (it) => firstLine(it.for) || firstLine(it.until),
  output: () => ({ type: 'object', properties: { until: { type: 'string' } }, required: ['until'] }),
  initial: { for: '1m' },
  example: { title: 'Cool down', with: { for: '10m' } },
});

const state = defineManifest({
  type: 'state',
  title: 'State',
  description: 'Remembers a value from one run of the flow to the next.',
  icon: 'database',
  category: 'Data',
  params: z
    .strictObject({
      action: field(z.enum(['get', 'set', 'delete']), { title: 'Action', description: 'Read, write or forget.' }, { kind: 'literal' }),
      key: field(z.string().min(1), { title: 'Key', description: 'The name of the value.' }, { kind: 'template' }),
      value: field(
        value,
        { title: 'Value', description: 'What is remembered: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ).optional(),
    })
    .refine((it) => (it.action === 'set') === (it.value !== undefined), {
      message: '"value" belongs to the action "set", and only to it',
      path: ['value'],
    }),
  built: false,
  outlets: () => [SUCCESS],
  effect: (it) => (it.action === 'get' ? 'none' : 'write'),
  lowestEffect: (it) => (it.action === 'get' ? 'none' : 'write'),
  resultTrust: 'untrusted',
  summary: (it) => `${firstLine(it.action)} ${firstLine(it.key)}`.trim(),
  output: () => ({ type: 'object', properties: { value: {} }, required: ['value'] }),
  initial: { action: 'get', key: 'last' },
  example: { title: 'Last seen', with: { action: 'get', key: 'last-seen' } },
});

const loop = defineManifest({
  type: 'loop',
  title: 'Loop',
  description: 'Repeats its body until a condition is true, at most so many times.',
  icon: 'sync',
  category: 'Control',
  params: z.strictObject({
    until: field(
      z.string().min(1),
      { title: 'Until', description: 'A CEL condition in the scope of the body, checked after each pass.' },
      { kind: 'condition', placeholder: 'steps.check.output.valid' },
    ),
    maxIterations: field(
      z.int().min(1).max(10_000),
      { title: 'Most passes', description: 'Then it goes on by "exhausted".' },
      { kind: 'literal' },
    ),
    result: result.optional(),
    nodes: body,
  }),
  built: false,
  outlets: () => [SUCCESS, { name: 'exhausted', label: 'exhausted', tone: 'bad', unconnected: 'fails' }],
  effect: () => 'irreversible',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => firstLine(it.until),
  output: () => ANYTHING,
  initial: { until: 'true', maxIterations: 3, nodes: {} },
  example: {
    title: 'Improve until it passes',
    with: {
      until: 'steps.check.output.valid',
      maxIterations: 3,
      result: { $expr: 'steps.draft.output.text' },
      nodes: {
        draft: { type: 'prompt', with: { prompt: 'Write a headline about {{ inputs.topic }}.' } },
        check: {
          type: 'validate',
          after: { draft: 'success' },
          with: { value: { $expr: 'steps.draft.output.text' }, schema: { type: 'string', maxLength: 80 } },
        },
      },
    },
  },
});

const each = defineManifest({
  type: 'each',
  title: 'Each',
  description: 'Runs its body for every item of a list, several at a time, and gives the list of results.',
  icon: 'list-ordered',
  category: 'Control',
  params: z.strictObject({
    items: field(
      value,
      { title: 'Items', description: 'The list: JSON in which {"$expr": "CEL"} is evaluated.' },
      { kind: 'value', control: 'json' },
    ),
    concurrency: field(
      z.int().min(1).max(100),
      { title: 'At a time', description: 'How many items are worked on at once. Default: 1.' },
      { kind: 'literal' },
    ).optional(),
    result: result.optional(),
    nodes: body,
  }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'irreversible',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => valueLine(it.items),
  output: () => ({ type: 'array' }),
  initial: { items: [], nodes: {} },
  example: {
    title: 'Summarise every article',
    with: {
      items: { $expr: 'inputs.articles' },
      concurrency: 3,
      result: { $expr: 'steps.summary.output.text' },
      nodes: { summary: { type: 'prompt', with: { prompt: 'Summarise:\n\n{{ item.text }}' } } },
    },
  },
});

const flow = defineManifest({
  type: 'flow',
  title: 'Sub-flow',
  description: 'Runs another flow and gives its outputs.',
  icon: 'type-hierarchy-sub',
  category: 'Control',
  params: z.strictObject({
    flow: field(
      z.string().min(1),
      { title: 'Flow', description: 'A *.flow.json file, relative to this one.' },
      { kind: 'literal', control: 'file' },
    ),
    inputs: field(
      z.record(z.string(), value),
      { title: 'Inputs', description: 'By name: JSON in which {"$expr": "CEL"} is evaluated.' },
      { kind: 'value', control: 'json' },
    ).optional(),
  }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'irreversible',
  lowestEffect: () => 'none',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.flow),
  output: () => ({ type: 'object' }),
  initial: { flow: 'other.flow.json' },
  example: { title: 'Handle the bug', with: { flow: 'bug.flow.json', inputs: { text: { $expr: 'inputs.text' } } } },
});

const end = defineManifest({
  type: 'end',
  title: 'End',
  description: 'Ends the whole flow here, with these outputs.',
  icon: 'debug-stop',
  category: 'Control',
  params: z.strictObject({
    outputs: field(
      z.record(z.string(), value),
      { title: 'Outputs', description: 'By name: JSON in which {"$expr": "CEL"} is evaluated.' },
      { kind: 'value', control: 'json' },
    ).optional(),
  }),
  built: false,
  outlets: () => [],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => (it.outputs !== undefined && isJsonObject(it.outputs) ? Object.keys(it.outputs).join(', ') : ''),
  output: () => ({ type: 'object' }),
  initial: {},
  example: { title: 'Nothing to do', with: { outputs: { changed: false } } },
});

const notify = defineManifest({
  type: 'notify',
  title: 'Notify',
  description: 'Tells people: by mail, chat or a notification.',
  icon: 'bell',
  category: 'People',
  params: z.strictObject({
    to: field(
      z.string().min(1),
      { title: 'To', description: 'The name of a channel from the settings.' },
      { kind: 'literal', placeholder: 'team' },
    ),
    title: field(
      z.string().min(1),
      { title: 'Title', description: 'A subject, where the channel has one.' },
      { kind: 'template' },
    ).optional(),
    message: field(z.string().min(1), { title: 'Message', description: 'What they are told.' }, { kind: 'template', control: 'multiline' }),
  }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'irreversible',
  lowestEffect: () => 'write',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.message),
  output: () => ({ type: 'object', properties: { sent: { type: 'boolean' } }, required: ['sent'] }),
  initial: { to: 'team', message: 'Done.' },
  example: { title: 'Tell the team', with: { to: 'team', message: 'The report is ready: {{ inputs.link }}' } },
});

/** By palette order within each category. */
export const planned: readonly NodeManifest[] = [agent, tool, http, transform, wait, state, loop, each, flow, end, notify];
