import { expect, test } from 'vitest';
import { lintFlow } from '../../engine/format/lint.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import type { ModelMessage } from '../../engine/ports.ts';
import { draftFlow, flowIn, MOST_REPAIRS } from './draft.ts';
import { EXAMPLE } from './guide.ts';

const check = (text: string) => {
  const parsed = parseFlow(text, catalog);
  return [...parsed.problems, ...lintFlow(parsed, catalog)];
};
const good = JSON.stringify(EXAMPLE);
const without = (id: string) =>
  JSON.stringify({ ...EXAMPLE, nodes: Object.fromEntries(Object.entries(EXAMPLE.nodes as object).filter(([it]) => it !== id)) });
const misread = good.replace('steps.draft.output.text', 'steps.draft.output.subject');
const request: ModelMessage[] = [{ role: 'user', content: 'Answer letters.' }];

/** What the model says, one after the other, the last for ever; what is asked of it. */
function model(...replies: string[]) {
  const asked: (readonly ModelMessage[])[] = [];
  const ask = async (messages: readonly ModelMessage[]): Promise<string> => {
    asked.push(messages);
    return replies[Math.min(asked.length, replies.length) - 1] ?? '';
  };
  return { asked, drafting: { catalog, ask, check } };
}

test.each([
  ['plain', good, 1],
  ['in a fence, with words around it', `Here it is:\n\n\`\`\`json\n${good}\n\`\`\`\nDo you like it?`, 1],
  ['misspelt keys are mended without asking', good.replace('"title":"Draft an answer"', '"titel":"Draft an answer"'), 1],
])('a draft: %s', async (_, reply, rounds) => {
  const { asked, drafting } = model(reply);
  const { text, problems } = await draftFlow(request, drafting);
  expect(problems).toEqual([]);
  expect(JSON.parse(text ?? '')).toEqual(EXAMPLE);
  expect(asked.length).toBe(rounds);
});

test('a draft with problems is sent back with them until it lints clean', async () => {
  const { asked, drafting } = model('I would rather talk.', misread, without('draft'), good);
  const { text, problems } = await draftFlow(request, drafting);
  expect(problems).toEqual([]);
  expect(JSON.parse(text ?? '')).toEqual(EXAMPLE);
  const complaints = asked.map((messages) => String(messages.at(-1)?.content));
  expect(complaints[1]).toContain('That is no flow');
  expect(complaints[2]).toContain('subject');
  expect(complaints[3]).toContain('draft');
  // Each time only the latest draft: the conversation does not grow.
  expect(asked.map(({ length }) => length)).toEqual([1, 3, 3, 3]);
});

test('it is sent back so often and no more; the best draft is kept, with what is left', async () => {
  const { asked, drafting } = model(without('draft'), misread, without('read'));
  const { text, problems } = await draftFlow(request, drafting);
  expect(asked.length).toBe(MOST_REPAIRS + 1);
  expect(text).toContain('subject');
  expect(problems.length).toBeGreaterThan(0);
});

test('a reply without JSON holds no flow', () => {
  expect(flowIn('No.')).toBeUndefined();
  expect(flowIn('```js\nx\n```')).toBeUndefined();
  expect(flowIn('a {"b": {}} c')).toBe('{"b": {}}');
});
