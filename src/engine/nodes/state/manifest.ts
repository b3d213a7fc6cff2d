import * as z from 'zod';
import type { JsonObject, JsonSchema } from '../../format/json.ts';
import { lazily } from '../../format/lazily.ts';
import { defineManifest, field, SUCCESS, valueOfParam } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

const value = lazily(() => z.json());
const ACTIONS = ['get', 'set', 'append', 'delete', 'history', 'new', 'seen'] as const;
const READING: readonly unknown[] = ['get', 'history', 'new'];

interface Given {
  action: string;
  value?: unknown;
  items?: unknown;
  by?: unknown;
  default?: unknown;
}
const hasItsValue = (it: Given): boolean => ['set', 'append'].includes(it.action) === (it.value !== undefined);
const hasItsItems = (it: Given): boolean => ['new', 'seen'].includes(it.action) === (it.items !== undefined);
const isByItems = (it: Given): boolean => it.by === undefined || it.items !== undefined;
const defaultsOnGet = (it: Given): boolean => it.default === undefined || it.action === 'get';

const params = () =>
  z
    .strictObject({
      action: field(
        z.enum(ACTIONS),
        {
          title: 'Action',
          description:
            'get, set, append (to a list), delete (the value, its history and what was marked as seen); history (the values it has had); new (of a list, what has not been marked as seen) and seen (marks it, once it has been worked on).',
        },
        { kind: 'literal' },
      ),
      key: field(
        z.string().min(1).max(200),
        { title: 'Key', description: 'The name of the value: 1 to 200 characters.' },
        { kind: 'template' },
      ),
      scope: field(
        z.enum(['flow', 'workspace']),
        { title: 'Scope', description: 'Whose value it is: of this flow (default), or of all flows of the workspace.' },
        { kind: 'literal' },
      ).optional(),
      value: field(
        value(),
        {
          title: 'Value',
          description: 'What is remembered (set), or one more item of the list (append): JSON in which {"$expr": "CEL"} is evaluated.',
        },
        { kind: 'value', control: 'json' },
      ).optional(),
      default: field(
        value(),
        { title: 'Default', description: 'What get gives where nothing is remembered. Default: null.' },
        { kind: 'value', control: 'json', advanced: true },
      ).optional(),
      items: field(
        value(),
        {
          title: 'Items',
          description: 'The list that new looks through, or that seen marks: JSON in which {"$expr": "CEL"} is evaluated.',
        },
        { kind: 'value', control: 'json', of: { type: 'array' } },
      ).optional(),
      by: field(
        z.string().min(1),
        { title: 'By', description: 'The field that tells items apart, e.g. "id". Default: the whole item.' },
        { kind: 'literal', placeholder: 'id' },
      ).optional(),
    })
    .refine(hasItsValue, {
      message: '"value" belongs to the actions "set" and "append", and only to them',
      path: ['value'],
    })
    .refine(hasItsItems, {
      message: '"items" belongs to the actions "new" and "seen", and only to them',
      path: ['items'],
    })
    .refine(isByItems, { message: '"by" belongs to the actions "new" and "seen"', path: ['by'] })
    .refine(defaultsOnGet, { message: '"default" belongs to the action "get"', path: ['default'] });

const OUTPUTS: { readonly [K in (typeof ACTIONS)[number]]: Record<string, JsonSchema> } = {
  get: { value: {}, found: { type: 'boolean' } },
  set: { value: valueOfParam('value'), previous: { description: 'Null: there was none.' } },
  append: { value: { type: 'array' }, size: { type: 'integer', description: 'How long the list is now.' } },
  delete: { found: { type: 'boolean' } },
  history: {
    entries: {
      type: 'array',
      description: 'Newest first; the present value is the first. The last 100 are kept, as far as they have 1 MB together.',
      items: {
        type: 'object',
        properties: { value: {}, at: { type: 'string' }, run: { type: 'string' } },
        required: ['value', 'at', 'run'],
        additionalProperties: false,
      },
    },
  },
  new: {
    items: valueOfParam('items', { type: 'array', description: 'Those not marked as seen, in their order, each once.' }),
    count: { type: 'integer' },
  },
  seen: { count: { type: 'integer', description: 'How many of them had not been marked before.' } },
};

function outputOf({ action }: JsonObject): JsonSchema {
  const known = ACTIONS.find((it) => it === action);
  if (!known) return { type: 'object' };
  const properties = OUTPUTS[known];
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

export const state = defineManifest({
  type: 'state',
  title: 'State',
  description: 'Remembers values from one run to the next, with their history, and tells what is new since the last run.',
  icon: 'database',
  category: 'Data',
  params,
  fits: (it) => hasItsValue(it) && hasItsItems(it) && isByItems(it) && defaultsOnGet(it),
  built: true,
  outlets: () => [SUCCESS],
  effect: (it) => (READING.includes(it.action) ? 'none' : 'write'),
  lowestEffect: (it) => (READING.includes(it.action) ? 'none' : 'write'),
  resultTrust: 'untrusted',
  summary: (it) => `${firstLine(it.action)} ${firstLine(it.key)}`.trim(),
  output: outputOf,
  initial: { action: 'get', key: 'last' },
  example: { title: 'Last seen', with: { action: 'get', key: 'last-seen' } },
});
