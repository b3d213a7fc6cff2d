import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fc } from '../../testing/fast-check.ts';
import { applyTextEdits } from '../edits.ts';
import { formatFlow } from './format.ts';

const format = (text: string) => applyTextEdits(text, formatFlow(text, { unit: '  ' }));

describe('the canonical form', () => {
  it.each(globSync('examples/**/*.flow.json'))('%s has it', (file) => {
    const text = readFileSync(file, 'utf8');
    expect(format(text)).toBe(text);
  });

  it.each<[string, string, string]>([
    [
      'everything on one line',
      '{"version":1,"nodes":{"a":{"type":"wait","with":{}}},"layout":{"a":[0,0]}}',
      '{\n  "version": 1,\n  "nodes": {\n    "a": {\n      "type": "wait",\n      "with": {}\n    }\n  },\n  "layout": {\n    "a": [0, 0]\n  }\n}\n',
    ],
    ['what the author broke', '{ "a": {\n"b": 1, "c": 2 } }', '{\n  "a": {\n    "b": 1,\n    "c": 2\n  }\n}\n'],
    ['what was on one line', '{\n"a":   {"b":[1,2]}}', '{\n  "a": { "b": [1, 2] }\n}\n'],
    ['positions on several lines', '{ "layout": { "a": [\n0,\n1\n] } }', '{\n  "layout": {\n    "a": [0, 1]\n  }\n}\n'],
    ['how values are written', '{"a":1.50e3,"b":"\\u00e9{ }"}', '{\n  "a": 1.50e3,\n  "b": "\\u00e9{ }"\n}\n'],
    ['line ends', '{\r\n"a":1}', '{\r\n  "a": 1\r\n}\r\n'],
    ['no JSON', '{ "a": }', '{ "a": }'],
    ['doubled and unknown keys', '{"x":1,"x":2}', '{\n  "x": 1,\n  "x": 2\n}\n'],
  ])('%s', (_, before, after) => expect(format(before)).toBe(after));

  it('of any JSON changes white space only, and is its own', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('nodes', 'layout', 'with', '$expr', 'a', 'b c'), fc.json({ maxDepth: 4 })),
        fc.nat(3),
        (parts, space) => {
          const text = JSON.stringify(
            Object.fromEntries(Object.entries(parts).map(([key, value]) => [key, JSON.parse(value)])),
            null,
            space,
          );
          const once = format(text);
          expect(format(once)).toBe(once);
          expect(JSON.stringify(JSON.parse(once))).toBe(JSON.stringify(JSON.parse(text)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of a part leaves the rest', () => {
    const text = '{\n"a":1,\n"b":2\n}\n';
    const within = { offset: text.indexOf('1,') + 1, length: 3 };
    expect(applyTextEdits(text, formatFlow(text, { unit: '  ' }, within))).toBe('{\n"a":1,\n  "b":2\n}\n');
  });
});
