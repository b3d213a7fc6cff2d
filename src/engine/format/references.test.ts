import { describe, expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import { fc } from '../testing/fast-check.ts';
import { parseFlow } from './parse.ts';
import { type ExpressionKind, nodeReferences, referencesOf, scanReferences } from './references.ts';

function renamed(text: string, kind: ExpressionKind, from: string, to: string): string {
  const found = scanReferences(text, kind).filter(({ id }) => id === from);
  return found.toReversed().reduce((result, { offset, length }) => result.slice(0, offset) + to + result.slice(offset + length), text);
}

describe('renaming a step', () => {
  test.each<[ExpressionKind, string, string]>([
    ['template', '{{ steps.old.output.text }}', '{{ steps.new.output.text }}'],
    ['template', '{{ steps["old"].output }} {{ steps[\'old\'].output }}', '{{ steps["new"].output }} {{ steps[\'new\'].output }}'],
    [
      'template',
      '{% if steps.old.output == steps.older.output %}{{ inputs.old }}{% endif %}',
      '{% if steps.new.output == steps.older.output %}{{ inputs.old }}{% endif %}',
    ],
    ['template', 'steps.old in prose, {{ "steps.old" }}', 'steps.old in prose, {{ "steps.old" }}'],
    [
      'template',
      '{{ x | default: steps.old.output | append: steps.old.error.message }}',
      '{{ x | default: steps.new.output | append: steps.new.error.message }}',
    ],
    [
      'template',
      '{% liquid\n  for old in steps.old.output\n  echo old\n  endfor %}',
      '{% liquid\n  for old in steps.new.output\n  echo old\n  endfor %}',
    ],
    [
      'condition',
      'steps.old.output.old == "old" && steps["old"].state != \'steps.old\'',
      'steps.new.output.old == "old" && steps["new"].state != \'steps.old\'',
    ],
    ['condition', '[1].map(old, old + steps . old . output)', '[1].map(old, old + steps . new . output)'],
    ['condition', 'first(steps.old.output, steps.other.output)', 'first(steps.new.output, steps.other.output)'],
    // Half-written ones are found by their looks.
    ['template', 'steps.old {{ steps.old.output', 'steps.old {{ steps.new.output'],
    ['template', '{{ a }} steps.old {% if steps.old.output and', '{{ a }} steps.old {% if steps.new.output and'],
    ['condition', 'steps.old.output ==', 'steps.new.output =='],
    ['condition', 'steps["old"].output == xsteps.old +', 'steps["new"].output == xsteps.old +'],
  ])('%s %j', (kind, text, expected) => {
    expect(renamed(text, kind, 'old', 'new')).toBe(expected);
  });

  test('there and back gives the same text, and nothing but ids changes', () => {
    const id = fc.constantFrom('a', 'draft', 'x1', 'long_id');
    const path = fc.constantFrom('.output', '.output.text', '.output[0]', '.state', '');
    const step = fc.tuple(id, path, fc.boolean()).map(([name, rest, quoted]) => `steps${quoted ? `["${name}"]` : `.${name}`}${rest}`);
    const other = fc.constantFrom('inputs.a', '"steps.a"', '1', 'run.id');
    const value = fc.oneof(step, other);
    const template = fc
      .array(
        fc.oneof(
          fc.constantFrom('prose steps.a ', '\n', '{% raw %}{{ steps.a }}{% endraw %}'),
          value.map((it) => `{{ ${it} }}`),
          fc.tuple(value, value).map(([a, b]) => `{% if ${a} == ${b} %}{{ ${a} | default: ${b} }}{% endif %}`),
        ),
      )
      .map((parts) => parts.join(''));
    const condition = fc.array(value, { minLength: 1 }).map((parts) => parts.join(' == '));
    const any = fc.oneof(
      template.map((text) => ['template', text] as const),
      condition.map((text) => ['condition', text] as const),
    );
    fc.assert(
      fc.property(any, ([kind, text]) => {
        const there = renamed(text, kind, 'draft', 'renamed');
        const before = scanReferences(text, kind).map(({ id }) => id);
        expect(scanReferences(there, kind).map(({ id }) => id)).toEqual(before.map((it) => (it === 'draft' ? 'renamed' : it)));
        expect(renamed(there, kind, 'renamed', 'draft')).toBe(text);
      }),
    );
  });
});

test('references know their places in the document, escapes and bodies included', () => {
  const text = String.raw`{
  "version": 1,
  "nodes": {
    "draft": { "type": "template", "with": { "template": "x" } },
    "ask": {
      "type": "approval",
      "after": { "draft": "success" },
      "gate": { "message": "Say \"yes\":\n{{ steps.draft.output.text }}" },
      "with": { "message": "ä😀 {{ steps[\"draft\"].output.text }}", "show": { "a": { "$expr": "steps.draft.output" } } }
    }
  },
  "outputs": { "result": { "value": [{ "$expr": "steps.draft.output" }] } }
}`;
  const { flow, tree } = parseFlow(text, catalog);
  if (!flow || !tree) throw new Error('does not parse');
  const found = referencesOf(flow, tree, catalog).map(({ node, path, range, idRange }) => [
    node,
    path.join('.'),
    text.slice(range.offset, range.offset + range.length),
    text.slice(idRange.offset, idRange.offset + idRange.length),
  ]);
  expect(found).toEqual([
    ['ask', 'nodes.ask.with.message', String.raw`steps[\"draft\"].output.text`, 'draft'],
    ['ask', 'nodes.ask.with.show.a.$expr', 'steps.draft.output', 'draft'],
    ['ask', 'nodes.ask.gate.message', 'steps.draft.output.text', 'draft'],
    [undefined, 'outputs.result.value.0.$expr', 'steps.draft.output', 'draft'],
  ]);
});

test('a node reads what its template files read, front matter left out', () => {
  const manifest = catalog.get('prompt');
  if (!manifest) throw new Error('prompt');
  const files = new Map([['a.prompt.md', '---\nmodel: "{{ steps.no.output }}"\n---\n{{ steps.draft.output.text }}']]);
  const references = (file: string) =>
    nodeReferences(manifest, { type: 'prompt', with: { file, system: '{{ inputs.role }}' } }, (path) => files.get(path)).map(
      ({ path }) => path[0],
    );
  expect(references('a.prompt.md')).toEqual(['role', 'draft']);
  expect(references('missing.prompt.md')).toEqual(['role']);
});
