import { filters } from 'liquidjs';
import { compileTemplate, FUNCTIONS } from '../../src/engine/format/expressions/index.ts';
import type { Json } from '../../src/engine/format/json.ts';
import { CONDITION_EXAMPLES, EXAMPLE_SCOPE, evaluateExample, renderExample, TEMPLATE_EXAMPLES } from './expression-examples.ts';
import { code, GENERATED, jsonBlock, table } from './markdown.ts';

/** How templates and conditions are written. */
export function expressionReference(): string {
  return [
    GENERATED,
    '# Expressions',
    'Expressions pick values out of a run and compare them. They are checked when the flow is edited (unknown names, steps that do not come before, missing defaults), they run no code, and they cannot hang a run. What they may refer to is in the [format reference](format.md#references).',
    'The examples below look at this run, in which the step `fix` was skipped:',
    jsonBlock(EXAMPLE_SCOPE as Json),
    '## Templates',
    'Fields marked *template* in the [node reference](nodes.md) are [Liquid](https://liquidjs.com): `{{ value | filter }}` and `{% if … %}`, `{% for … %}`, `{% assign … %}`, `{% case … %}`.',
    [
      '- A name that does not exist is an error, not an empty text. A value that is null gives nothing; with the filter `default` it gives something else.',
      '- Lists and objects become JSON. Nothing is escaped.',
      '- Templates calculate with filters only: `{{ a | plus: b }}`, not `{{ a + b }}`.',
      '- Dates are in UTC and in English on every machine. There is no "now": `run.startedAt` stays the same when a run is resumed.',
      '- Other files cannot be included.',
    ].join('\n'),
    table(
      ['Template', 'Text'],
      TEMPLATE_EXAMPLES.map((text) => [code(text), code(renderExample(text))]),
    ),
    `Filters: ${offeredFilters().map(code).join(', ')}.`,
    'Of what LiquidJS offers, these are left out: filters that read text as code (`where_exp`, …), that nest a list in itself (`push`, `unshift`), that draw lots (`sample`), or that differ from browser to Node (`sha256`, `hmac_sha256`), and `strip_html`.',
    '## Conditions and computed values',
    'Fields marked *condition*, and `$expr` in JSON, are [CEL](https://cel.dev). Whole and fractional numbers may be mixed. Results are JSON: times become texts, and a whole number too large for JSON is an error.',
    table(
      ['Expression', 'Value'],
      CONDITION_EXAMPLES.map((text) => [code(text), code(JSON.stringify(evaluateExample(text)))]),
    ),
    'The operators are those of most languages: `+ - * / %`, `== != < <= > >=`, `&& || !`, `a ? b : c`, `x in list`, `list[0]`, `map.key`.',
    table(
      ['Function', 'Meaning'],
      FUNCTIONS.map(({ signature, description }) => [
        signature
          .split(/(?<=\)), /)
          .map(code)
          .join(', '),
        description,
      ]),
    ),
    '## Limits',
    table(['What', 'Templates', 'Conditions'], LIMITS),
    'An expression that exceeds a limit fails with `TEMPLATE_FAILED` or `EXPRESSION_FAILED`.',
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

/** test/docs/expressions.test.ts holds the lengths, the depth and the time to the code. */
const LIMITS = [
  ['Length', '100,000 characters', '10,000 characters, 1,000 syntax nodes, 50 deep'],
  ['Time', '500 ms', '500 ms'],
  ['Made in all', '10,000,000 characters and items', '50,000,000 characters and items; one text 4,000,000, one list 200,000'],
  ['Patterns', '–', '1,000 characters; RE2, so matching takes linear time'],
];

/** The filters of LiquidJS that a template may name. */
function offeredFilters(): string[] {
  return Object.keys(filters)
    .filter((name) => compileTemplate(`{{ "" | ${name} }}`).ok)
    .toSorted();
}
