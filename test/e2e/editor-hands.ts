import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pressUntilShown } from '../host/index.ts';
import { expectFile, Graph } from './graph.ts';
import { commandByKeys, pressUntil, retype } from './keyboard.ts';
import { oneWindow } from './window.ts';

const three = {
  version: 1,
  title: 'Three',
  nodes: {
    a: { type: 'template', with: { template: 'A' } },
    b: { type: 'template', after: { a: 'success' }, with: { template: '{{ inputs.name | default: "B" }}' } },
    c: { type: 'template', after: { b: 'success' }, with: { template: 'C' } },
  },
  inputs: { name: { type: 'string', default: 'x' } },
  layout: { a: [0, 0], b: [300, 0], c: [600, 220] },
};

const vscode = oneWindow({ files: { 'by-mouse.flow.json': three } });
const flowAt = (file: string) => JSON.parse(readFileSync(vscode.workspace.path(file), 'utf8'));

test('by keyboard alone: a new flow is built, saved, run, approved, and its file is there', async () => {
  const page = await vscode.page();
  const { keyboard } = page;
  await commandByKeys(page, 'Belay: New Flow');
  await page.locator('.quick-input-widget .quick-input-title', { hasText: 'New flow' }).waitFor();
  await retype(page, 'by-keyboard');
  await keyboard.press('Enter');
  const graph = new Graph(page);
  await graph.action('add-first').waitFor({ timeout: 60_000 });

  const add = async (type: string) => {
    await graph.frame.getByRole('combobox', { name: 'Search node types' }).waitFor();
    await keyboard.type(type);
    await keyboard.press('Enter');
    await graph.ready(type);
    await expect.poll(() => graph.node(type).evaluate((element) => element === document.activeElement)).toBe(true);
  };
  await pressUntil(graph, 'Tab', 'Add the first node');
  await keyboard.press('Enter');
  await add('template');
  await keyboard.press('a');
  await add('approval');
  // With nothing selected, a node is added for itself and connected afterwards.
  await keyboard.press('Escape');
  await keyboard.press('a');
  await add('file');

  await keyboard.press('Enter');
  await pressUntil(graph, 'Tab', 'Action #');
  await keyboard.press('ArrowDown');
  await pressUntil(graph, 'Tab', 'Path #');
  await retype(page, 'out/hello.txt');
  await pressUntil(graph, 'Tab', 'Content #');
  await retype(page, '{{ steps.template.output.text }}');
  await pressUntil(graph, 'Shift+Tab', '#file');
  for (const arrow of ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowUp']) {
    await keyboard.press(arrow);
    if (await graph.node('approval').evaluate((element) => element === document.activeElement)) break;
  }
  await pressUntil(graph, 'F6', '#approval', 0);
  await keyboard.press('Enter');
  await pressUntil(graph, 'Tab', 'Connect approved to');
  await keyboard.press('ArrowDown');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await graph.frame.locator('.react-flow__edge[data-id="approval|approved|file"]').waitFor({ state: 'attached' });

  await keyboard.press('Control+S');
  await expectFile(vscode.workspace.path('by-keyboard.flow.json'), (text) =>
    expect(JSON.parse(text).nodes).toEqual({
      template: { type: 'template', with: { template: 'Hello!' } },
      approval: { type: 'approval', after: { template: 'success' }, with: { message: 'May this go on?' } },
      file: {
        type: 'file',
        after: { approval: 'approved' },
        with: { action: 'write', path: 'out/hello.txt', content: '{{ steps.template.output.text }}' },
      },
    }),
  );

  await commandByKeys(page, 'Belay: Run Flow');
  await graph.state('approval', 'awaiting');
  await commandByKeys(page, 'Belay: Focus on Approvals View');
  const row = page.locator('.pane-body .monaco-list-row', { hasText: 'waits for approval' });
  await row.waitFor();
  // A view that was never shown has nothing to focus on yet: VS Code only opens it, and focuses it when asked again.
  await commandByKeys(page, 'Belay: Focus on Approvals View');
  await page.locator('.pane-body .monaco-list:focus').waitFor();
  await pressUntilShown(page, 'ArrowDown', row.and(page.locator('.focused')));
  await pressUntilShown(page, 'Shift+F10', page.locator('.monaco-menu .action-item', { hasText: 'Approve' }));
  await keyboard.press('ArrowDown');
  await page.locator('.monaco-menu .action-item.focused', { hasText: 'Approve' }).waitFor();
  await keyboard.press('Enter');
  await expectFile(vscode.workspace.path('out/hello.txt'), (text) => expect(text).toBe('Hello!'));
  await graph.phase('Succeeded');
});

test('by mouse: connecting, taking an edge off, moving several, deleting; and undo gives the text back byte for byte', async () => {
  const file = 'by-mouse.flow.json';
  const graph = await vscode.open(file, 'c');
  const { page } = graph;
  const path = vscode.workspace.path(file);
  const texts = [readFileSync(path, 'utf8')];
  /** Saves after a gesture and keeps the text: each is one undo step. */
  const gesture = async (check: (flow: typeof three) => void) => {
    await page.keyboard.press('Control+S');
    await expectFile(path, (text) => check(JSON.parse(text)));
    texts.push(readFileSync(path, 'utf8'));
  };
  const edge = (id: string) => graph.frame.locator(`.react-flow__edge[data-id="${id}"]`);

  await graph.drag(graph.handle('a', 'failure'), graph.entry('c'));
  await edge('a|failure|c').waitFor({ state: 'attached' });
  await gesture((flow) => expect(flow.nodes.c.after).toEqual({ b: 'success', a: 'failure' }));

  await graph.drag(edge('a|success|b').locator('.react-flow__edgeupdater-target'), { dx: -20, dy: -120 });
  await edge('a|success|b').waitFor({ state: 'detached' });
  await gesture((flow) => expect(flow.nodes.b).not.toHaveProperty('after'));

  await graph.node('a').click();
  await page.keyboard.down('Shift');
  await graph.node('b').click();
  await page.keyboard.up('Shift');
  await graph.drag(graph.node('b').locator('.card-title'), { dx: 30, dy: 60 });
  await gesture(({ layout }) => {
    expect(layout.a[1]).toBeGreaterThan(0);
    expect([(layout.b[0] ?? 0) - (layout.a[0] ?? 0), (layout.b[1] ?? 0) - (layout.a[1] ?? 0)]).toEqual([300, 0]);
    expect(layout.c).toEqual([600, 220]);
  });

  await page.keyboard.press('Delete');
  await graph.node('a').waitFor({ state: 'detached' });
  await gesture((flow) => {
    expect(Object.keys(flow.nodes)).toEqual(['c']);
    expect(flow.nodes.c).not.toHaveProperty('after');
    expect(flow.layout).toEqual({ c: [600, 220] });
  });

  for (const text of texts.slice(0, -1).reverse()) {
    await page.keyboard.press('Control+Z');
    await page.keyboard.press('Control+S');
    await expectFile(path, (now) => expect(now).toBe(text));
  }
  for (const text of texts.slice(1)) {
    await page.keyboard.press('Control+Shift+Z');
    await page.keyboard.press('Control+S');
    await expectFile(path, (now) => expect(now).toBe(text));
  }
  expect(Object.keys(flowAt(file).nodes)).toEqual(['c']);
});
