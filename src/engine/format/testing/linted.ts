/** Flows as data and what the linter finds in them, for tables of tests. */
import { catalog } from '../../nodes/catalog.ts';
import type { Json, JsonObject } from '../json.ts';
import { lintFlow } from '../lint.ts';
import { parseFlow } from '../parse.ts';

/** `CODE <the text at its place>`, in the order of the text. Unread results are left out unless they are looked for. */
export function lint(
  document: JsonObject,
  { files = {}, unused = false }: { files?: Readonly<Record<string, string>>; unused?: boolean } = {},
): string[] {
  const text = JSON.stringify({ version: 1, ...document }, null, 2);
  const parsed = parseFlow(text, catalog);
  const wrong = parsed.problems.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw new Error(`The flow of the test is wrong: ${wrong.map(({ message }) => message).join(' ')}`);
  return lintFlow(parsed, catalog, { readPrompt: (path) => files[path], self: 'main.flow.json' })
    .filter(({ code }) => unused || code !== 'OUTPUT_UNUSED')
    .map(({ code, place, hint, message, node }) => {
      const isWhole = /^\S.*[.:]?$/.test(message) && hint !== '' && (node === undefined || text.includes(`"${node}": {`));
      if (!isWhole) throw new Error(`A problem does not say what it has to: ${JSON.stringify({ code, message, hint, node })}`);
      return `${code} <${text.slice(place.offset, place.offset + place.length).replaceAll('\\"', '"')}>`;
    });
}

export const template = (text: string, more: JsonObject = {}): JsonObject => ({ type: 'template', with: { template: text }, ...more });
export const transform = (value: Json, more: JsonObject = {}): JsonObject => ({ type: 'transform', with: { value }, ...more });
export const loop = (until: string, nodes: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'loop',
  with: { until, maxIterations: 3, nodes, ...more },
});
export const each = (items: Json, nodes: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'each',
  with: { items, nodes, ...more },
});
export const behind = (source: string, outlet: Json = 'success'): JsonObject => ({ after: { [source]: outlet } });
export const asks: JsonObject = { type: 'prompt', with: { prompt: 'x' } };
export const validate = (value: Json, more: JsonObject = {}): JsonObject => ({
  type: 'validate',
  with: { value, rules: [{ assert: 'true', message: 'm' }] },
  ...more,
});

export const flow = (nodes: JsonObject, more: JsonObject = {}): JsonObject => ({ version: 1, nodes, ...more });
/** Flows that others run. */
export const SUB_FLOWS: Record<string, string> = Object.fromEntries(
  Object.entries({
    'child.flow.json': flow(
      { a: { type: 'template', with: { template: '{{ inputs.name }}' } } },
      {
        inputs: { name: { type: 'string' }, count: { type: 'integer', default: 1 }, mode: { enum: ['fast', 'slow'], default: 'fast' } },
        outputs: {
          text: { value: { $expr: 'steps.a.output.text' } },
          size: { value: { $expr: 'size(steps.a.output.text)' }, schema: { type: 'integer' } },
        },
      },
    ),
    'asks.flow.json': flow(
      { a: { type: 'prompt', with: { prompt: 'x' } } },
      { outputs: { text: { value: { $expr: 'steps.a.output.text' } } } },
    ),
    'broken.flow.json': flow({ a: { type: 'nope' } }),
    'list.json': [],
    'self.flow.json': flow({ a: { type: 'flow', with: { flow: './self.flow.json' } } }),
    'sub/ping.flow.json': flow({ a: { type: 'flow', with: { flow: 'pong.flow.json' } } }),
    'sub/pong.flow.json': flow({ a: { type: 'flow', with: { flow: '../sub/ping.flow.json' } } }),
    'main.flow.json': flow({}),
    'home.flow.json': flow({ a: { type: 'flow', with: { flow: 'main.flow.json' } } }),
  }).map(([name, content]) => [name, JSON.stringify(content)]),
);
