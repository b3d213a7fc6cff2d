import { describe, expect, test } from 'vitest';
import { compileTemplate, ExpressionFault, type Scope } from './index.ts';

const scope: Scope = {
  inputs: { name: 'Ada & Co', count: 3, list: [1, 2], map: { a: 1 }, empty: '', no: false, nothing: null },
  steps: {
    draft: { output: { text: 'Hi', items: [{ title: 'one' }, { title: 'two' }] }, error: null, state: 'succeeded' },
    skipped: { output: null, error: null, state: 'skipped' },
  },
  run: { startedAt: '2026-03-04T05:06:07Z' },
};

function render(text: string): string {
  const compiled = compileTemplate(text);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.template.render(scope);
}

describe('rendering', () => {
  test.each([
    ['plain text', 'plain text'],
    ['Dear {{ inputs.name }}', 'Dear Ada & Co'],
    ['{{ inputs.list }} {{ inputs.map }}', '[1,2] {"a":1}'],
    ['{{ inputs.map | json: 2 }}', '{\n  "a": 1\n}'],
    ['[{{ inputs.nothing }}{{ inputs.empty }}]', '[]'],
    ['{{ inputs.no }} {{ inputs.count }}', 'false 3'],
    ['{{ steps.skipped.output.text | default: "none" }}', 'none'],
    ['{{ steps.skipped.output.text | upcase | default: "none" }}', 'none'],
    ['{{ steps.nowhere.output | default: "none" }}', 'none'],
    ['{{ steps.skipped.output.text }}', ''],
    ['{% if steps.skipped.output %}yes{% else %}no{% endif %}', 'no'],
    ['{% if steps.draft.nothing %}yes{% else %}no{% endif %}', 'no'],
    ['{% for item in steps.draft.output.items %}{{ forloop.index }}. {{ item.title }}\n{% endfor %}', '1. one\n2. two\n'],
    ['{{ steps.draft.output.items | map: "title" | join: ", " }}', 'one, two'],
    ['{{ steps.draft.output.items | where: "title", "two" | json }}', '[{"title":"two"}]'],
    ['{{ steps.draft.output.items.first.title }} {{ steps.draft.output.items[1].title }} {{ steps.draft.output.items.size }}', 'one two 2'],
    ['{{ steps["draft"]["output"].text }}', 'Hi'],
    ['{% for n in (1..inputs.count) %}{{ n }}{% endfor %}', '123'],
    ['{{ run.startedAt | date: "%d.%m.%Y %H:%M" }}', '04.03.2026 05:06'],
    ['{% assign total = inputs.count | plus: 0.5 %}{{ total }}', '3.5'],
    ['{% raw %}{{ not.rendered }}{% endraw %}', '{{ not.rendered }}'],
    ['{% capture x %}{{ inputs.map }}{% endcapture %}{{ x }}', '{"a":1}'],
  ])('%j', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test('rendering changes nothing and remembers nothing', () => {
    const before = JSON.stringify(scope);
    const text = '{% assign steps = 1 %}{% increment count %}{{ steps }}{{ count }}';
    expect([render(text), render(text)]).toEqual(['011', '011']);
    expect(JSON.stringify(scope)).toBe(before);
  });

  test.each([
    ['{{ inputs.nam }}', 'There is no value "inputs.nam".', 'inputs.nam'],
    ['Hello\n  {{ steps.nowhere.output.text }}', 'There is no value "steps.nowhere".', 'steps.nowhere.output.text'],
    ['{{ inputs.list.nope }}', 'There is no value "inputs.list.nope".', 'inputs.list.nope'],
    ['a {{ "now" | date: "%Y" }}', '"now" would differ when the run is resumed; use run.startedAt.', '{{ "now" | date: "%Y" }}'],
    ['{{ (1..9999999999) | join }}', '9999999999 is no bound for a range.', '{{ (1..9999999999) | join }}'],
  ])('%j fails with its place', (text, message, part) => {
    const compiled = compileTemplate(text);
    expect(compiled.ok).toBe(true);
    try {
      render(text);
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ExpressionFault);
      const fault = thrown as ExpressionFault;
      expect([fault.message, text.slice(fault.offset, fault.offset + fault.length)]).toEqual([message, part]);
    }
  });
});

describe('what cannot be read is told with its place', () => {
  test.each([
    ['a {{ b', 'Output "{{ b" not closed.', '{{ b'],
    ['a {% if b %}', 'Tag {% if b %} not closed.', '{% if b %}'],
    ['a {% endif %}', '"endif" closes nothing.', '{% endif %}'],
    ['a {% nope %}', 'There is no tag "nope".', '{% nope %}'],
    ['{% include "x" %}', 'There is no tag "include".', '{% include "x" %}'],
    ['{{ inputs.a | nope }}', 'There is no filter "nope".', '{{ inputs.a | nope }}'],
    ['{{ inputs.a | strip_html }}', 'There is no filter "strip_html".', '{{ inputs.a | strip_html }}'],
    ['{{ inputs.a | push: 1 }}', 'There is no filter "push".', '{{ inputs.a | push: 1 }}'],
    ['{{ inputs.a inputs.b }}', '"inputs.b" is not understood here. Templates calculate with filters: {{ a | plus: b }}.', 'inputs.b'],
    ['{{ inputs.a + 1 }}', 'Only filters may follow a value: {{ a | plus: b }}.', ' 1'],
    [
      '{% if inputs.a inputs.b %}{% endif %}',
      '"inputs.b" is not understood here. Templates calculate with filters: {{ a | plus: b }}.',
      'inputs.b',
    ],
    ['{{ inputs.a | upcase inputs.b }}', 'Expected ":" after filter name.', 'inputs.b'],
    ['{{ }}', 'A value is missing here.', '}'],
  ])('%j', (text, message, part) => {
    const compiled = compileTemplate(text);
    if (compiled.ok) throw new Error('compiled');
    const { error } = compiled;
    expect([error.message, text.slice(error.offset, error.offset + error.length).slice(0, part.length)]).toEqual([message, part]);
  });
});

/** `root.path` with `?` where null is provided for, and the id as it stands in the text. */
function summary(text: string): string[] {
  const compiled = compileTemplate(text);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const { references, unknown } = compiled.template;
  return [
    ...references.map((it) => {
      const id = text.slice(it.idOffset, it.idOffset + it.idLength);
      return `${[it.root, ...it.path].join('.')}${it.guarded ? '?' : ''} ${id} <${text.slice(it.offset, it.offset + it.length)}>`;
    }),
    ...unknown.map((it) => `unknown ${it.name} <${text.slice(it.offset, it.offset + it.length)}>`),
  ];
}

describe('references', () => {
  test.each<[string, string[]]>([
    ['{{ steps.draft.output.text }}', ['steps.draft.output.text draft <steps.draft.output.text>']],
    ['{{ steps["draft"].output }}', ['steps.draft.output draft <steps["draft"].output>']],
    ['{{ steps.a.output | default: steps.b.output }}', ['steps.a.output? a <steps.a.output>', 'steps.b.output? b <steps.b.output>']],
    ['{{ steps.a.output[0].x }}', ['steps.a.output.0.x a <steps.a.output[0].x>']],
    ['{{ steps[inputs.which].output }}', ['steps  <steps[inputs.which].output>', 'inputs.which which <inputs.which>']],
    [
      '{% if steps.a.output %}{{ steps.a.output.x }}{% endif %}{{ steps.a.output.y }}',
      ['steps.a.output? a <steps.a.output>', 'steps.a.output.x? a <steps.a.output.x>', 'steps.a.output.y a <steps.a.output.y>'],
    ],
    [
      '{% for x in steps.a.output %}{{ x.b }}{{ forloop.last }}{% endfor %}{{ x }}',
      ['steps.a.output? a <steps.a.output>', 'unknown x <x>'],
    ],
    ['{% assign inputs = 1 %}{{ inputs.a }}', []],
    ['{% liquid\n assign x = inputs.a\n echo steps.b.output\n%}', ['inputs.a a <inputs.a>', 'steps.b.output b <steps.b.output>']],
    ['{% case steps.a.state %}{% when inputs.b %}{% endcase %}', ['steps.a.state? a <steps.a.state>', 'inputs.b? b <inputs.b>']],
    ['{{ (1..inputs.n) | join: inputs.s }}', ['inputs.n n <inputs.n>', 'inputs.s s <inputs.s>']],
    ['{% comment %}{{ steps.a.output }}{% endcomment %}{% raw %}{{ steps.a }}{% endraw %}', []],
    ['{{ draft.text }}', ['unknown draft <draft.text>']],
    [
      '{{ item }}{{ index }}{{ previous.output }}{{ run.id }}{{ trigger.body }}{{ secrets.KEY }}',
      [
        'item  <item>',
        'index  <index>',
        'previous.output output <previous.output>',
        'run.id id <run.id>',
        'trigger.body body <trigger.body>',
        'secrets.KEY KEY <secrets.KEY>',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(summary(text)).toEqual(expected);
  });
});
