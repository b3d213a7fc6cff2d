/** What stands behind the plain fields of the inspector: help for expressions, names to choose from, schemas, schedules. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answers } from '../../src/webview/protocol/ask.ts';
import { type Editor, type Harness, type OpenOptions, startHarness } from './harness/index.ts';
import { RELEASE_NOTES, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const ANSWERS: Partial<Answers> = {
  completion: [
    { label: 'changes', about: 'Read the changes', text: 'changes', from: 13, to: 15, caret: 7, goesOn: false },
    { label: 'check', about: 'Every section there?', text: 'check', from: 13, to: 15, caret: 5, goesOn: false },
  ],
  draft: {
    problems: [{ severity: 'error', text: 'There is no step “chagnes”. Did you mean “changes”?' }],
    preview: { value: 'Write release notes for 1.2.\n\n- Flows open as graphs', isCut: false },
  },
  cron: {
    words: 'At 07:00, Monday through Friday',
    next: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'].map((day, i) => `${day}, ${i + 1} Dec 2026, 07:00 CET`),
  },
  models: [
    { name: 'fast', about: 'openai/gpt-5-mini' },
    { name: 'smart', about: 'openai/gpt-5' },
    { name: 'local/llama', about: '' },
  ],
  agents: [{ name: 'researcher', about: 'Reads the web' }],
  tools: [
    { name: 'files/read', about: 'read' },
    { name: 'files/search', about: 'read' },
    { name: 'github/*', about: 'all tools of the MCP server' },
    { name: 'vscode/test_add', about: 'Adds two numbers.' },
    { name: 'flow/triage.flow.json', about: 'flow' },
  ],
};

const flow = {
  ...RELEASE_NOTES,
  model: 'smart',
  triggers: { mornings: { type: 'schedule', with: { cron: '0 7 * * 1-5', timeZone: 'Europe/Berlin' } } },
};

async function opened(node?: string, options: Parameters<Harness['open']>[1] = {}, shown: object = flow): Promise<Editor> {
  const editor = await harness.open(textOf(shown), options);
  await editor.answer(ANSWERS);
  if (node !== undefined) {
    await editor.node(node).click({ force: true });
    await editor.page.locator('#inspector .node-head').waitFor();
  }
  return editor;
}
const section = (editor: Editor, name: string) => editor.page.locator('#inspector summary', { hasText: name }).click();

describe('an expression', () => {
  it('is checked while it is typed, and shows what it came out as', async () => {
    const editor = await opened('draft');
    await editor.field('Prompt').fill('Write {{ steps.chagnes.output.stdout }}');
    await editor.page.locator('.assist .field-problem.error', { hasText: 'chagnes' }).waitFor();
    await editor.page.locator('.preview-value', { hasText: 'Flows open as graphs' }).waitFor();
    const asked = (await editor.sent()).filter((message) => message.type === 'ask').map(({ question }) => question);
    expect(asked.at(-1)).toEqual({
      about: 'draft',
      node: 'draft',
      path: ['with', 'prompt'],
      value: 'Write {{ steps.chagnes.output.stdout }}',
      expression: { kind: 'template', text: 'Write {{ steps.chagnes.output.stdout }}' },
    });
    expect(await editor.barriers()).toEqual([]);
    await editor.screenshot('form-expression');
    await editor.close();
  });

  it('is completed from a list, by keyboard', async () => {
    const editor = await opened('draft');
    await editor.field('Prompt').fill('');
    await editor.page.keyboard.type('Say {{ steps.ch');
    await editor.page.getByRole('option', { name: /^changes/ }).waitFor();
    await editor.screenshot('form-completion');
    expect(await editor.barriers()).toEqual([]);
    await editor.page.keyboard.press('ArrowDown');
    await editor.page.keyboard.press('Tab');
    const taken = 'Say {{ steps.check';
    await expect
      .poll(() => editor.field('Prompt').evaluate((field: HTMLTextAreaElement) => [field.value, field.selectionStart]))
      .toEqual([taken, taken.length]);
    await editor.page.keyboard.type('.output');
    expect(await editor.field('Prompt').inputValue()).toBe('Say {{ steps.check.output');
    await editor.close();
  });

  it('opens in an editor of its own, with what was typed written first', async () => {
    const editor = await opened('draft');
    await editor.field('Prompt').fill('Something else');
    await editor.page.getByRole('button', { name: 'Open Prompt in Editor' }).click();
    await editor.expectFlow((it) => expect(it.nodes.draft?.with).toMatchObject({ prompt: 'Something else' }));
    const order = (await editor.sent()).filter(({ type }) => type === 'openText' || type === 'edit');
    expect(order).toMatchObject([{ type: 'edit' }, { type: 'openText', node: 'draft', path: ['with', 'prompt'], isFile: false }]);
    await editor.close();
  });
});

it('offers the models that there are, by keyboard and by mouse', async () => {
  const editor = await opened('draft');
  await editor.field('Model').focus();
  await editor.page.getByRole('option', { name: /^smart/ }).waitFor();
  await editor.screenshot('form-models');
  expect(await editor.barriers()).toEqual([]);
  await editor.page.keyboard.type('f');
  await expect.poll(() => editor.page.locator('.suggestion').count()).toBe(1);
  await editor.page.keyboard.press('Enter');
  await editor.page.keyboard.press('Enter');
  await editor.expectFlow((it) => expect(it.nodes.draft?.with).toMatchObject({ model: 'fast' }));
  await editor.field('Title').focus();
  await editor.field('Model').focus();
  await editor.page.getByRole('option', { name: 'local/llama' }).click();
  await editor.field('Title').focus();
  await editor.expectFlow((it) => expect(it.nodes.draft?.with).toMatchObject({ model: 'local/llama' }));
  await editor.close();
});

it('offers the tools that there are, for an agent and for a step that calls one, by keyboard alone', async () => {
  const nodes = {
    find: { type: 'agent', with: { agent: 'researcher', task: 'Find it.' } },
    call: { type: 'tool', after: { find: 'success' }, with: { tool: 'files/read' } },
  };
  const editor = await opened('find', {}, { version: 1, nodes });
  await editor.field('Add to Tools').focus();
  await editor.page.getByRole('option', { name: /^vscode\/test_add/ }).waitFor();
  await editor.screenshot('form-tools');
  expect(await editor.barriers()).toEqual([]);
  await editor.page.keyboard.type('hub');
  await expect.poll(() => editor.page.locator('.suggestion').count()).toBe(1);
  await editor.page.keyboard.press('Enter');
  await editor.page.keyboard.press('Enter');
  await editor.expectFlow((it) => expect(it.nodes.find?.with).toMatchObject({ tools: ['github/*'] }));
  await editor.field('Add to Tools').fill('sea');
  await editor.page.getByRole('option', { name: /^files\/search/ }).waitFor();
  await editor.page.keyboard.press('Enter');
  await editor.page.keyboard.press('Enter');
  await editor.expectFlow((it) => expect(it.nodes.find?.with).toMatchObject({ tools: ['github/*', 'files/search'] }));
  await editor.close();

  const other = await opened('call', {}, { version: 1, nodes });
  await other.field('Tool').focus();
  // What it names already stands in the field: the others are offered.
  await other.page.getByRole('option', { name: /^flow\/triage/ }).waitFor();
  await other.page.keyboard.press('Control+A');
  await other.page.keyboard.type('triage');
  await expect.poll(() => other.page.locator('.suggestion').count()).toBe(1);
  await other.page.keyboard.press('Enter');
  await other.page.keyboard.press('Enter');
  await other.expectFlow((it) => expect(it.nodes.call?.with).toMatchObject({ tool: 'flow/triage.flow.json' }));
  await other.close();
});

it('builds a schema field by field', async () => {
  const editor = await opened('draft');
  await section(editor, 'Output schema');
  const add = async (name: string, to = 'Output schema') => {
    await editor.field(`Add a field to ${to}`).fill(name);
    await editor.page.keyboard.press('Enter');
    await editor.field(`Name of ${name}`).waitFor();
  };
  await add('title');
  await add('sources');
  await editor.field('Type of sources').selectOption('array');
  await editor.field('Items of sources').selectOption('object');
  await add('url', 'Output schema, sources');
  await editor.field('Choices of title').fill('a, b');
  await editor.field('Description of title').fill('Short');
  await editor.page.getByLabel('Required').first().click();
  await editor.expectFlow((it) =>
    expect(it.nodes.draft?.output).toEqual({
      type: 'object',
      properties: {
        title: { type: 'string', enum: ['a', 'b'], description: 'Short' },
        sources: { type: 'array', items: { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] } },
      },
      required: ['sources'],
      additionalProperties: false,
    }),
  );
  await editor.field('Name of title').scrollIntoViewIfNeeded();
  await editor.screenshot('form-schema');
  expect(await editor.barriers()).toEqual([]);
  await editor.field('Name of title').fill('heading');
  await editor.page.keyboard.press('Enter');
  await editor.expectFlow((it) =>
    expect(Object.keys((it.nodes.draft as unknown as { output: { properties: object } }).output.properties)).toEqual([
      'heading',
      'sources',
    ]),
  );
  await editor.close();
});

it('reads a schedule, and says that nothing starts by it yet', async () => {
  const editor = await opened();
  await section(editor, 'Triggers');
  await editor.page.getByText('At 07:00, Monday through Friday').waitFor();
  await editor.page.getByText('Nothing is started by triggers yet').waitFor();
  await editor.page.locator('.cron-next').scrollIntoViewIfNeeded();
  await editor.screenshot('form-schedule');
  expect(await editor.barriers()).toEqual([]);
  await editor.field('Cron of mornings').fill('0 9 * * *');
  await editor.field('Cron of mornings').blur();
  await editor.expectFlow((it) => expect(it).toMatchObject({ triggers: { mornings: { with: { cron: '0 9 * * *' } } } }));
  await editor.action('add-schedule').click();
  await editor.expectFlow((it) => expect(it).toMatchObject({ triggers: { schedule: { type: 'schedule' } } }));
  await editor.close();
});

describe.each<[string, OpenOptions]>([
  ['light', { theme: 'light' }],
  ['highContrast', { theme: 'highContrast' }],
  ['highContrastLight', { theme: 'highContrastLight' }],
  ['narrow', { width: 400, height: 800 }],
  ['zoomed', { zoom: 2 }],
])('%s', (name, options) => {
  it('shows the forms without barriers', async () => {
    const editor = await opened('draft', options);
    await editor.field('Prompt').focus();
    await editor.page.locator('.preview-value').waitFor();
    await section(editor, 'Output schema');
    await editor.field('Add a field to Output schema').fill('title');
    await editor.page.keyboard.press('Enter');
    await editor.field('Name of title').waitFor();
    await editor.field('Add a field to Output schema').scrollIntoViewIfNeeded();
    await editor.screenshot(`forms-${name}-schema`);
    await editor.field('Model').focus();
    await editor.page.getByRole('option', { name: /^smart/ }).waitFor();
    await editor.screenshot(`forms-${name}-help`);
    expect(await editor.barriers()).toEqual([]);
    expect(await editor.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await editor.close();
  }, 60_000);
});
