import { describe, expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import type { JsonObject } from './json.ts';
import { lintFlow } from './lint.ts';
import { parseFlow } from './parse.ts';
import { behind, flow, lint, SUB_FLOWS, template, transform } from './testing/linted.ts';

describe('sub-flows', () => {
  const call = (params: JsonObject, more: JsonObject = {}): JsonObject => ({ it: { type: 'flow', with: params }, ...more });
  test.each<[string, JsonObject, string[]]>([
    ['fine', call({ flow: 'child.flow.json', inputs: { name: 'x', count: 2, mode: 'slow' } }), []],
    ['not there', call({ flow: 'none.flow.json' }), ['FLOW_FILE_MISSING <"none.flow.json">']],
    ['that cannot be run', call({ flow: 'broken.flow.json' }), ['FLOW_FILE_INVALID <"broken.flow.json">']],
    ['no flow', call({ flow: 'list.json' }), ['FLOW_FILE_INVALID <"list.json">']],
    ['an input too few', call({ flow: 'child.flow.json' }), ['FLOW_INPUT_MISSING <"with">']],
    ['an input too many', call({ flow: 'child.flow.json', inputs: { name: 'x', other: 1 } }), ['FLOW_INPUT_UNKNOWN <"other">']],
    ['an input misspelt', call({ flow: 'child.flow.json', inputs: { nmae: 'x' } }), ['FLOW_INPUT_UNKNOWN <"nmae">']],
    ['an input of another type', call({ flow: 'child.flow.json', inputs: { name: 1 } }), ['TYPE_MISMATCH <1>']],
    [
      'a computed input of another type',
      call({ flow: 'child.flow.json', inputs: { name: { $expr: '1 + 1' } } }),
      ['TYPE_MISMATCH <"name">'],
    ],
    ['an input that is none of these', call({ flow: 'child.flow.json', inputs: { name: 'x', mode: 'fats' } }), ['TYPE_MISMATCH <"fats">']],
    ['itself', call({ flow: 'self.flow.json' }), ['FLOW_RECURSION <"self.flow.json">']],
    ['two that call each other', call({ flow: 'sub/ping.flow.json' }), ['FLOW_RECURSION <"sub/ping.flow.json">']],
    ['one that calls this one', call({ flow: 'home.flow.json' }), ['FLOW_RECURSION <"home.flow.json">']],
    [
      'its outputs',
      call(
        { flow: 'child.flow.json', inputs: { name: 'x' } },
        {
          b: template('{{ steps.it.output.text }}{{ steps.it.output.txt }}', behind('it')),
          c: transform({ $expr: 'steps.it.output.size + "x"' }, behind('it')),
        },
      ),
      ['STEP_FIELD_UNKNOWN <steps.it.output.txt>', 'TYPE_MISMATCH <steps.it.output.size + "x">'],
    ],
  ])('%s', (_name, nodes, expected) => expect(lint({ nodes }, { files: SUB_FLOWS })).toEqual(expected));

  test('without end, as links make them, are told and not read for ever', () => {
    const text = JSON.stringify(
      flow({ a: { type: 'flow', with: { flow: 'a/main.flow.json' } }, b: { type: 'flow', with: { flow: 'b/main.flow.json' } } }),
    );
    let reads = 0;
    const readPrompt = (path: string): string => {
      // A folder stands in itself only so often: then the system says that there are too many links.
      expect(path.split('/').length).toBeLessThan(1000);
      reads += 1;
      if (reads > 5000) throw new Error('It is read for ever');
      return text;
    };
    const problems = lintFlow(parseFlow(text, catalog), catalog, { readPrompt, self: 'main.flow.json' });
    expect(problems.map(({ code }) => code)).toEqual(['FLOW_FILES_MANY']);
    expect(reads).toBe(200);
  });

  test('that run one another many times do not hold up what is said of irreversible steps', () => {
    const runs = (file: string): JsonObject =>
      flow(
        { a: { type: 'flow', with: { flow: file } }, b: { type: 'flow', with: { flow: file } }, c: { type: 'flow', with: { flow: file } } },
        { outputs: { x: { value: { $expr: '[steps.a.output, steps.b.output, steps.c.output]' } } } },
      );
    const files = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`${i}.flow.json`, JSON.stringify(runs(`${i + 1}.flow.json`))]));
    files['14.flow.json'] = JSON.stringify(flow({ a: template('x') }, { outputs: { x: { value: { $expr: 'steps.a.output.text' } } } }));
    const main = flow({
      a: { type: 'flow', with: { flow: '0.flow.json' } },
      s: { type: 'command', with: { run: ['send', '{{ steps.a.output.x }}'] }, ...behind('a') },
    });
    const problems = lintFlow(parseFlow(JSON.stringify(main), catalog), catalog, { readPrompt: (path) => files[path] });
    expect(problems.map(({ code }) => code)).toContain('IRREVERSIBLE_UNGATED');
  });

  test('the message shows the way round', () => {
    const parsed = parseFlow(JSON.stringify(flow(call({ flow: 'sub/ping.flow.json' }))), catalog);
    const [problem] = lintFlow(parsed, catalog, { readPrompt: (path) => SUB_FLOWS[path] });
    expect(problem?.message).toContain('sub/ping.flow.json → sub/pong.flow.json → sub/ping.flow.json');
  });
});
