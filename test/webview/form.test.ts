/** The inspector: every kind of field, as it arrives in the file. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Editor, type Harness, startHarness } from './harness/index.ts';
import { RELEASE_NOTES, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

async function on(node: string, act: (editor: Editor) => Promise<void>): Promise<void> {
  const editor = await harness.open(textOf(RELEASE_NOTES));
  await editor.node(node).click();
  await editor.page.locator('#inspector .node-head').waitFor();
  await act(editor);
  await editor.close();
}
const press = (editor: Editor, key: string) => editor.page.keyboard.press(key);
const fill = async (editor: Editor, label: string, text: string) => {
  await editor.field(label).fill(text);
  await editor.field(label).blur();
};
const choose = async (editor: Editor, label: string, option: string) => {
  const select = editor.page.locator('#inspector').getByRole('combobox', { name: label, exact: true });
  await select.selectOption((await select.locator('option', { hasText: option }).first().getAttribute('value')) ?? '');
};
const open = (editor: Editor, section: string) => editor.page.locator('#inspector summary', { hasText: section }).click();

describe('fields', () => {
  it('says at a field that it has to be filled in', async () => {
    const editor = await harness.open(textOf({ version: 1, nodes: { ask: { type: 'http', with: {} } } }));
    await editor.node('ask').click();
    const field = editor.page.getByRole('group', { name: 'Address' });
    await field.getByText('This has to be filled in.').waitFor();
    expect(await editor.page.locator('#inspector .field-problem').count(), 'it is told once').toBe(1);
    await fill(editor, 'Address', 'https://example.com');
    await expect.poll(() => editor.page.locator('#inspector .field-problem').count()).toBe(0);
    await editor.close();
  });

  it('writes a text when it is left, once', () =>
    on('draft', async (editor) => {
      await fill(editor, 'Prompt', 'Say hello to {{ inputs.version }}.');
      await editor.expectFlow((flow) => expect(flow.nodes.draft?.with).toEqual({ prompt: 'Say hello to {{ inputs.version }}.' }));
      expect(await editor.edits()).toMatchObject([{ label: 'Change Prompt', edits: [{ kind: 'setParam', path: ['with', 'prompt'] }] }]);
    }));

  it('writes by Enter, takes back by Escape, removes an emptied value', () =>
    on('draft', async (editor) => {
      await editor.field('Title').fill('Another');
      await press(editor, 'Escape');
      expect(await editor.field('Title').inputValue()).toBe('Draft the notes');
      await editor.field('Title').fill('Write the notes');
      await press(editor, 'Enter');
      await editor.expectFlow((flow) => expect(flow.nodes.draft?.title).toBe('Write the notes'));
      await fill(editor, 'Title', '');
      await editor.expectFlow((flow) => expect(flow.nodes.draft).not.toHaveProperty('title'));
    }));

  it('keeps undo of a field in the field', () =>
    on('draft', async (editor) => {
      await editor.page.evaluate(() => {
        window.addEventListener('keydown', (event) => document.body.setAttribute('data-heard', `${event.key}${event.ctrlKey}`));
      });
      await editor.field('Title').focus();
      await editor.page.keyboard.type('x');
      await press(editor, 'Control+z');
      expect(await editor.page.evaluate(() => document.body.getAttribute('data-heard'))).toBe('Controltrue');
      expect(await editor.field('Title').inputValue()).toBe('Draft the notes');
    }));

  it('refuses a number that is none, and writes one that is', () =>
    on('draft', async (editor) => {
      await open(editor, 'Advanced');
      await fill(editor, 'Temperature', 'warm');
      await editor.page.getByText('“warm” is not a number.').waitFor();
      await fill(editor, 'Temperature', '0.5');
      await editor.expectFlow((flow) => expect(flow.nodes.draft?.with).toMatchObject({ temperature: 0.5 }));
    }));

  it('edits a list', () =>
    on('changes', async (editor) => {
      await fill(editor, 'Program and arguments 2', 'tools/list.mjs');
      await editor.expectFlow((flow) =>
        expect(flow.nodes.changes?.with).toMatchObject({ run: ['node', 'tools/list.mjs', '{{ inputs.version }}'] }),
      );
      await fill(editor, 'Add to Program and arguments', '--all');
      await editor.expectFlow((flow) =>
        expect(flow.nodes.changes?.with).toMatchObject({ run: ['node', 'tools/list.mjs', '{{ inputs.version }}', '--all'] }),
      );
      await editor.page.getByRole('button', { name: 'Remove Program and arguments 3' }).click();
      await editor.expectFlow((flow) => expect(flow.nodes.changes?.with).toMatchObject({ run: ['node', 'tools/list.mjs', '--all'] }));
    }));

  it('edits names and values', () =>
    on('changes', async (editor) => {
      await fill(editor, 'Add to Environment', 'LANG');
      await fill(editor, 'Environment: value of LANG', 'C');
      await editor.expectFlow((flow) => expect(flow.nodes.changes?.with).toMatchObject({ env: { LANG: 'C' } }));
      await fill(editor, 'Environment: name', 'LC_ALL');
      await editor.expectFlow((flow) => expect(flow.nodes.changes?.with).toMatchObject({ env: { LC_ALL: 'C' } }));
      await editor.page.getByRole('button', { name: 'Remove LC_ALL' }).click();
      await editor.expectFlow((flow) => expect(flow.nodes.changes?.with).not.toHaveProperty('env'));
    }));

  it('takes the edges of a case along when it is renamed, and away when it is removed', () =>
    on('sections', async (editor) => {
      await fill(editor, 'Case 1: Name', 'incomplete');
      await editor.expectFlow((flow) => {
        expect(flow.nodes.sections?.with).toMatchObject({ cases: [{ name: 'incomplete' }] });
        expect(flow.nodes.redraft?.after).toEqual({ sections: 'case:incomplete' });
      });
      await editor.page.getByRole('button', { name: 'Add case' }).click();
      await editor.expectFlow((flow) =>
        expect(flow.nodes.sections?.with).toMatchObject({ cases: [{ name: 'incomplete' }, { when: 'true' }] }),
      );
      await editor.page.getByRole('button', { name: 'Remove Case 1' }).click();
      await editor.expectFlow((flow) => expect(flow.nodes.redraft).not.toHaveProperty('after'));
    }));

  it('edits a computed value as an expression and as JSON', () =>
    on('check', async (editor) => {
      await fill(editor, 'Value', 'steps.changes.output.stdout');
      await editor.expectFlow((flow) => expect(flow.nodes.check?.with).toMatchObject({ value: { $expr: 'steps.changes.output.stdout' } }));
      await editor.page.getByRole('button', { name: 'JSON', exact: true }).first().click();
      await fill(editor, 'Value', '{ broken');
      await editor.page.getByText('This is not JSON yet').waitFor();
      await fill(editor, 'Value', '{"a": 1}');
      await editor.expectFlow((flow) => expect(flow.nodes.check?.with).toMatchObject({ value: { a: 1 } }));
    }));

  it('shows the whole of a long expression, which Enter writes as any other', () =>
    on('check', async (editor) => {
      const { page } = editor;
      const value = page.locator('#inspector').getByRole('textbox', { name: 'Value', exact: true });
      const long = '[steps.changes.output.stdout, steps.changes.output.stderr].filter(part, part != "").map(part, part.trim())[0]';
      await value.fill(long);
      expect(await value.evaluate((it) => it.scrollWidth <= it.clientWidth && it.scrollHeight <= it.clientHeight)).toBe(true);
      await page.keyboard.press('Escape');
      await value.fill(long);
      await page.keyboard.press('Control+Enter');
      await editor.expectFlow((flow) => expect(flow.nodes.check?.with).toMatchObject({ value: { $expr: long } }));
    }));

  it('renames a node with everything that names it', () =>
    on('sections', async (editor) => {
      await fill(editor, 'Id', 'in');
      await editor.page.getByText('“in” is a word of conditions').waitFor();
      await fill(editor, 'Id', 'complete');
      await editor.expectFlow((flow) => {
        expect(flow.nodes).toHaveProperty('complete');
        expect(flow.nodes.redraft?.after).toEqual({ complete: 'case:missing' });
        expect(flow.layout).toHaveProperty('complete');
      });
      await editor.node('complete').and(editor.page.locator('.selected')).waitFor();
    }));

  it('sets what the engine does around a step', () =>
    on('publish', async (editor) => {
      await open(editor, 'Flow control');
      await choose(editor, 'Start when', 'The first edge arrives');
      await editor.expectFlow((flow) => expect(flow.nodes.publish?.join).toBe('any'));
      await editor.page.getByRole('checkbox', { name: 'Ask a person before this step runs' }).press('Space');
      await editor.expectFlow((flow) => expect(flow.nodes.publish?.gate).toBe(true));
      await fill(editor, 'Message of the gate', 'Write it?');
      await editor.expectFlow((flow) => expect(flow.nodes.publish?.gate).toEqual({ message: 'Write it?' }));
      await choose(editor, 'Effect', 'Irreversible: needs a yes');
      await editor.expectFlow((flow) => expect(flow.nodes.publish?.effect).toBe('irreversible'));
      await fill(editor, 'Attempts', '4');
      await fill(editor, 'Wait between attempts', 'soon');
      await editor.page.getByText('Expected a duration').waitFor();
      await fill(editor, 'Wait between attempts', '5s');
      await fill(editor, 'Time-out of one attempt', '30s');
      await fill(editor, 'Time-out of all attempts', '2m');
      await editor.page.getByText('Skip this step; the next ones go on').click();
      await editor.expectFlow((flow) =>
        expect(flow.nodes.publish).toMatchObject({
          retry: { attempts: 4, delay: '5s' },
          timeout: { attempt: '30s', total: '2m' },
          disabled: true,
        }),
      );
      await editor.screenshot('flow-control');
    }));

  it('shows a problem at its field and on the node', () =>
    on('draft', async (editor) => {
      await fill(editor, 'Prompt file', 'prompts/x.prompt.md');
      await editor.page.locator('.field-problem.error').first().waitFor();
      await editor.node('draft').locator('.badge.problem').waitFor();
      await editor.screenshot('problem');
      await editor.action('problems').click();
      expect((await editor.sent()).at(-1)).toEqual({ type: 'openProblems' });
      expect(await editor.barriers()).toEqual([]);
    }));

  it('writes out what is pending when the host asks, and then says so', () =>
    on('draft', async (editor) => {
      await editor.field('Prompt').fill('Not left yet');
      await editor.send({ type: 'command', command: 'flush' });
      await editor.expectFlow((flow) => expect(flow.nodes.draft?.with).toEqual({ prompt: 'Not left yet' }));
      expect((await editor.sent()).slice(-2).map((message) => message.type)).toEqual(['edit', 'flushed']);
    }));

  it('does not lose a draft when the selection changes', () =>
    on('draft', async (editor) => {
      await editor.field('Prompt').fill('Typed, then away');
      await editor.send({ type: 'reveal', node: 'check', focus: 'canvas' });
      await editor.expectFlow((flow) => expect(flow.nodes.draft?.with).toEqual({ prompt: 'Typed, then away' }));
    }));
});

describe('the flow itself', () => {
  it('edits title and inputs', async () => {
    const editor = await harness.open(textOf(RELEASE_NOTES));
    await editor.field('Title').waitFor();
    await fill(editor, 'Title', 'Notes');
    await fill(editor, 'Default of version', '3.0.0');
    await fill(editor, 'Add an input', 'audience');
    await choose(editor, 'Type of audience', 'number');
    await fill(editor, 'Default of audience', '3');
    await fill(editor, 'Name of version', '2nd');
    await editor.page.locator('.field-problem', { hasText: 'does not begin with a digit' }).waitFor();
    await editor.field('Name of version').fill('release');
    await editor.field('Name of version').press('Enter');
    // The card is still the same: what has the focus keeps it.
    await expect.poll(() => editor.field('Name of release').evaluate((field) => field === document.activeElement)).toBe(true);
    await editor.expectFlow((flow) => {
      expect(flow.inputs).toMatchObject({ release: { default: '3.0.0' } });
      expect(flow.inputs).not.toHaveProperty('version');
      expect(JSON.stringify(flow.nodes)).toContain('{{ inputs.release }}');
      expect(JSON.stringify(flow.nodes)).not.toContain('inputs.version');
    });
    await fill(editor, 'Name of release', 'version');
    await editor.expectFlow((flow) => {
      expect(flow.title).toBe('Notes');
      expect(flow.inputs).toMatchObject({ version: { default: '3.0.0' }, audience: { type: 'number', default: 3 } });
    });
    await editor.close();
  });
});
