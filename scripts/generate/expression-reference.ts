import { FUNCTIONS } from '../../src/engine/format/expressions/index.ts';
import { code, GENERATED, table } from './markdown.ts';

/** How templates and conditions are written. */
export function expressionReference(): string {
  return [
    GENERATED,
    '# Expressions',
    'Expressions pick values out of a run and compare them. They are analysed when the flow is edited (unknown names, steps that do not come before, missing defaults), they run no code, and they cannot hang a run: source, time and memory are limited. What they may refer to is in the [format reference](format.md#references).',
    '## Templates',
    'Fields marked *template* in the [node reference](nodes.md) are [Liquid](https://liquidjs.com): `{{ value | filter }}` and `{% if … %}`, `{% for … %}`, `{% assign … %}`, `{% case … %}`.',
    [
      '- A name that does not exist is an error, not an empty text. A value that is null can be given a default: `{{ steps.fix.output.text | default: "nothing to fix" }}`.',
      '- Lists and objects become JSON; `{{ value | json }}` makes JSON of anything. Nothing is escaped.',
      '- Other files cannot be included, and filters that evaluate text as code (`where_exp`, …), nest lists (`push`, `unshift`) or draw lots (`sample`) are left out.',
    ].join('\n'),
    '## Conditions and computed values',
    'Fields marked *condition*, and `$expr` in JSON, are [CEL](https://cel.dev): `steps.check.output.valid && size(inputs.topics) > 2`. Numbers may be mixed; whole results come out as JSON numbers.',
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
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}
