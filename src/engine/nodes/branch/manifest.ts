import * as z from 'zod';
import type { Json, JsonObject } from '../../format/json.ts';
import { isJsonObject } from '../../format/json.ts';
import { defineManifest, field } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

/** What may follow `case:` in an outlet's name; the same rule as `OUTLET` in model.ts. */
const CASE_NAME = /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/;

/** Each case has a name of its own. */
const differ = (cases: readonly { name: string }[]): boolean => new Set(cases.map(({ name }) => name)).size === cases.length;

const params = () =>
  z.strictObject({
    cases: field(
      z
        .array(
          z.strictObject({
            name: field(
              z.string().regex(CASE_NAME, 'expected letters, digits, spaces, "_", "." or "-", at most 64'),
              { title: 'Name', description: 'Names the outlet: case:NAME.' },
              { kind: 'literal' },
            ),
            when: field(
              z.string().min(1),
              { title: 'When', description: 'A CEL condition. The first case whose condition is true is taken.' },
              { kind: 'condition', placeholder: 'steps.check.output.valid' },
            ),
          }),
        )
        .min(1)
        .refine(differ, { message: 'two cases have the same name' }),
      { title: 'Cases', description: 'Tried in order. If none holds, the flow goes on by "else".' },
      { kind: 'literal', control: 'cases' },
    ),
  });

/** The names of the cases, as far as the author has typed them. */
function caseNames(cases: Json | undefined): string[] {
  if (!Array.isArray(cases)) return [];
  const names = cases.filter(isJsonObject).map((it) => it.name);
  return [...new Set(names.filter((name) => typeof name === 'string' && CASE_NAME.test(name)) as string[])];
}

export const branch = defineManifest({
  type: 'branch',
  title: 'Branch',
  description: 'Goes on by the first case whose condition is true, or by "else".',
  icon: 'git-branch',
  category: 'Control',
  params,
  fits: ({ cases }) => differ(cases),
  built: true,
  instant: true,
  outlets: (it: JsonObject) => [
    ...caseNames(it.cases).map((name) => ({ name: `case:${name}`, label: name, tone: 'normal', unconnected: 'ends' }) as const),
    { name: 'else', label: 'else', tone: 'normal', unconnected: 'ends' },
  ],
  effect: () => 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: (it) => {
    const [first] = Array.isArray(it.cases) ? it.cases : [];
    return first !== undefined && isJsonObject(first) ? firstLine(first.when) : '';
  },
  output: () => ({
    type: 'object',
    properties: { case: { type: 'string', description: 'The name of the case that was taken, or "else".' } },
    required: ['case'],
    additionalProperties: false,
  }),
  initial: { cases: [{ name: 'yes', when: 'true' }] },
  example: {
    title: 'Urgent?',
    with: {
      cases: [
        { name: 'urgent', when: 'inputs.priority > 2' },
        { name: 'normal', when: 'inputs.priority > 0' },
      ],
    },
  },
});
