/** Random sound flows, in random formatting. */

import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';
import { fc } from '../../src/engine/testing/fast-check.ts';

/** Few ids, so that edits often meet. */
export const IDS = ['a', 'b', 'draft', 'check2', 'sendMail', 'x_y'] as const;

const text = fc.oneof(
  fc.constantFrom('', 'steps.a', 'line\nbreak', 'tab\t"quoted" \\ back', 'ünï — 😀', '} ] , :', '</script>'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

/** Templates and conditions that refer to steps, with characters around them that JSON escapes. */
const template = fc
  .array(
    fc.oneof(
      text.map((it) => it.replaceAll(/[{}]/g, '')),
      fc.constantFrom(...IDS).map((id) => `{{ steps.${id}.output.text }}`),
      fc.constant('{{ inputs.topic }}'),
    ),
    { maxLength: 4 },
  )
  .map((parts) => `${parts.join('"\n')}.`);
const condition = fc.constantFrom(...IDS).map((id) => `steps.${id}.output.text == "\\"`);

const anyJson: fc.Arbitrary<Json> = fc
  .letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Json>(null, true, 0, -1.5e-7, {}, []),
      text,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('k', 'in ner', 'ü', 'steps'), tie('value'), { maxKeys: 3 }) as fc.Arbitrary<JsonObject>,
    ),
  }))
  .value.map((value) => JSON.parse(JSON.stringify(value)) as Json);

const caseNames = fc.uniqueArray(fc.constantFrom('bug', 'task', 'no way'), { minLength: 1, maxLength: 3 });

/** The type's own keys, and the outlets that come with them. */
const typed: fc.Arbitrary<{ node: JsonObject; outlets: string[] }> = fc.oneof(
  template.map((it) => ({ node: { type: 'template', with: { template: it } }, outlets: ['success', 'failure'] })),
  template.map((it) => ({ node: { type: 'prompt', with: { prompt: it, temperature: 0.5 } }, outlets: ['success', 'failure'] })),
  template.map((it) => ({ node: { type: 'approval', with: { message: it } }, outlets: ['approved', 'rejected', 'timedOut', 'failure'] })),
  fc.tuple(caseNames, condition).map(([names, when]) => ({
    node: { type: 'branch', with: { cases: names.map((name) => ({ name, when })) } },
    outlets: [...names.map((name) => `case:${name}`), 'else', 'failure'],
  })),
);

const extras = fc.record(
  {
    title: text,
    'x-unknown': anyJson,
    retry: fc.constant({ attempts: 3 }),
    gate: template.map((message) => ({ message })),
    disabled: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** A flow without errors (unknown keys are warnings): edges go from earlier nodes to later ones. */
export const flow: fc.Arbitrary<JsonObject> = fc
  .record({
    nodes: fc.uniqueArray(fc.tuple(fc.constantFrom(...IDS), typed, extras, fc.array(fc.nat(), { maxLength: 3 })), {
      selector: ([id]) => id,
      minLength: 1,
    }),
    placed: fc.subarray([...IDS]),
    head: fc.record({ title: text, 'x-more': anyJson, inputs: fc.constant({ topic: { type: 'string' } }) }, { requiredKeys: [] }),
    hasLayout: fc.boolean(),
  })
  .map(({ nodes, placed, head, hasLayout }) => {
    const edges = nodes.map(([, , , picks], index) => {
      const all = nodes.slice(0, index).flatMap(([id, { outlets }]) => outlets.map((outlet) => [id, outlet] as const));
      return all.length === 0 ? [] : [...new Set(picks.map((pick) => pick % all.length))].map((pick) => all[pick]!);
    });
    const spec = nodes.map(([id, { node }, extra], index) => [id, { ...node, ...afterOf(edges[index] ?? []), ...extra }] as const);
    const layout = Object.fromEntries(
      nodes.filter(([id]) => placed.includes(id)).map(([id], index) => [id, [index * 300, 50 - 20 * index]]),
    );
    return { version: 1, ...head, nodes: Object.fromEntries(spec), ...(hasLayout ? { layout } : {}) } as JsonObject;
  });

function afterOf(edges: readonly (readonly [string, string])[]): JsonObject {
  const after: Record<string, string | string[]> = {};
  for (const [source, outlet] of edges) {
    const known = after[source];
    after[source] = known === undefined ? outlet : [known, outlet].flat();
  }
  return edges.length === 0 ? {} : { after };
}

export interface Formatting {
  name: string;
  /** Every object and list that is not of plain values has lines of its own, and so has every node's place. */
  regular: boolean;
  print(value: Json): string;
}

interface Rules {
  unit: string;
  eol: string;
  colon: string;
  comma: string;
  pad: string;
  /** Whether the n-th container stands on one line. */
  inline(value: Json, nth: number): boolean;
}

function print(value: Json, rules: Rules): string {
  let nth = 0;
  const write = (it: Json, indent: string): string => {
    if (typeof it !== 'object' || it === null) return JSON.stringify(it);
    const [open, close] = Array.isArray(it) ? ['[', ']'] : ['{', '}'];
    nth += 1;
    const inline = rules.inline(it, nth);
    const inner = inline ? indent : indent + rules.unit;
    const parts = isJsonObject(it)
      ? Object.entries(it).map(([key, entry]) => `${JSON.stringify(key)}${rules.colon}${write(entry, inner)}`)
      : it.map((entry) => write(entry, inner));
    if (parts.length === 0) return open + close;
    if (inline) return `${open}${rules.pad}${parts.join(`,${rules.comma}`)}${rules.pad}${close}`;
    return `${open}${rules.eol}${parts.map((part) => inner + part).join(`,${rules.eol}`)}${rules.eol}${indent}${close}`;
  };
  return write(value, '');
}

const isLeaf = (value: Json) =>
  typeof value === 'object' && value !== null && Object.values(value).every((it) => typeof it !== 'object' || it === null);

const regular: fc.Arbitrary<Formatting> = fc
  .record({
    unit: fc.constantFrom('  ', '    ', '\t'),
    eol: fc.constantFrom('\n', '\r\n'),
    pad: fc.constantFrom('', ' '),
    end: fc.boolean(),
  })
  .map(({ unit, eol, pad, end }) => ({
    name: `regular ${JSON.stringify({ unit, eol, pad })}`,
    regular: true,
    print: (value) => print(value, { unit, eol, pad, colon: ': ', comma: ' ', inline: isLeaf }) + (end ? eol : ''),
  }));

const wild: fc.Arbitrary<Formatting> = fc
  .record({
    unit: fc.constantFrom('  ', '\t', ''),
    eol: fc.constantFrom('\n', '\r\n'),
    colon: fc.constantFrom(':', ': ', ' : '),
    comma: fc.constantFrom('', ' ', '  ', '\n', '\n\t'),
    pad: fc.constantFrom('', ' '),
    picks: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
    around: fc.constantFrom('', '\n', '  '),
  })
  .map(({ picks, around, ...rules }) => ({
    name: `wild ${JSON.stringify({ picks, around, ...rules })}`,
    regular: false,
    print: (value) => around + print(value, { ...rules, inline: (_, nth) => picks[nth % picks.length] ?? true }) + around,
  }));

const oneLine: fc.Arbitrary<Formatting> = fc.constantFrom('', ' ').map((space) => ({
  name: `one line ${JSON.stringify(space)}`,
  regular: false,
  print: (value) => print(value, { unit: '', eol: '', colon: `:${space}`, comma: space, pad: space, inline: () => true }),
}));

export const formatting: fc.Arbitrary<Formatting> = fc.oneof(regular, wild, oneLine);
export const regularFormatting = regular;
export const jsonValue = anyJson;
