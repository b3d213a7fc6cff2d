/** Expressions of the reference. Their results are evaluated, never written down: what the page says is what a run would get. */
import { compileCondition, compileTemplate, type Scope } from '../../src/engine/format/expressions/index.ts';
import type { Json } from '../../src/engine/format/json.ts';

/** The run that all examples look at. `fix` was skipped. */
export const EXAMPLE_SCOPE: Scope = {
  inputs: { topic: 'The sea', topics: ['tides', 'ships', 'tides'], price: 12, note: null },
  steps: {
    list: {
      state: 'succeeded',
      output: {
        people: [
          { name: 'Ada', age: 36 },
          { name: 'Bo', age: 9 },
        ],
      },
      error: null,
    },
    fix: { state: 'skipped', output: null, error: null },
  },
  run: { startedAt: '2026-11-20T08:00:00.000Z' },
};

export const TEMPLATE_EXAMPLES: readonly string[] = [
  '{{ inputs.topic | upcase }}',
  '{{ inputs.note | default: "none" }}',
  '{{ steps.fix.output.text | default: "nothing to fix" }}',
  '{{ inputs.topics }}',
  '{{ inputs.topics | uniq | join: ", " }}',
  '{{ inputs.topics | size }}',
  '{{ steps.list.output.people | map: "name" | array_to_sentence_string }}',
  '{{ steps.list.output.people | where: "age", 36 | json }}',
  '{{ inputs.price | times: 2 | plus: 1 }}',
  '{{ inputs.topic | replace: "sea", "land" | truncate: 6 }}',
  '{{ run.startedAt | date: "%d.%m.%Y" }}',
  '{% if inputs.price > 10 %}dear{% else %}cheap{% endif %}',
  '{% for person in steps.list.output.people %}{{ person.name }} {{ person.age }}; {% endfor %}',
  '{% assign half = inputs.price | divided_by: 2 %}{{ half }}',
];

export const CONDITION_EXAMPLES: readonly string[] = [
  'inputs.price > 10 && size(inputs.topics) == 3',
  'steps.fix.state == "skipped"',
  '"tides" in inputs.topics',
  'inputs.price > 10 ? "dear" : "cheap"',
  'inputs.price * 1.5 + 1',
  '{"name": inputs.topic, "count": size(inputs.topics)}',
  'first(steps.fix.output.text, inputs.note, "none")',
  'has(inputs.topic) && !has(inputs.other)',
  'json(inputs.topics)',
  'sum([1, 2.5]) + max([3, 1]) - min([3, 1])',
  'inputs.topic.contains("sea")',
  'inputs.topic.startsWith("The") && !inputs.topic.endsWith("?")',
  'inputs.topic.matches("^The [a-z]+$")',
  'inputs.topic.replace("sea", "land")',
  'inputs.topic.split(" ")',
  'inputs.topics.join(", ")',
  '"  Ab ".trim().lowerAscii() + "c".upperAscii()',
  'inputs.topic.substring(0, inputs.topic.indexOf(" "))',
  'inputs.topic.lastIndexOf("e")',
  'string(inputs.price) + "%"',
  'int("12") + 1 < 20 && double("1.5") > 1 && bool("true")',
  'steps.list.output.people.exists(it, it.age < 18)',
  'steps.list.output.people.all(it, it.age < 18)',
  'steps.list.output.people.exists_one(it, it.age < 18)',
  'steps.list.output.people.map(it, it.name)',
  'steps.list.output.people.filter(it, it.age >= 18)',
  'cel.bind(n, size(inputs.topics), n * n)',
  'timestamp(run.startedAt) + duration("24h")',
];

/** The text a template gives for the example run. Throws where it has none: an example has to work. */
export function renderExample(text: string): string {
  const result = compileTemplate(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.template.render(EXAMPLE_SCOPE);
}

/** The value of a condition for the example run. Throws where it has none. */
export function evaluateExample(text: string): Json {
  const result = compileCondition(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.condition.evaluate(EXAMPLE_SCOPE);
}
