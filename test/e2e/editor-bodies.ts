/** Loops, lists and sub-flows on the graph, run by the engine in the real editor. */
import { expect, test } from 'vitest';
import { screenshot } from '../host/index.ts';
import { expectFile, Graph, openSideBar } from './graph.ts';
import { oneWindow } from './window.ts';

const brief = {
  version: 1,
  title: 'Brief',
  nodes: {
    sites: {
      type: 'each',
      title: 'Every site',
      with: {
        items: ['a', 'b', 'c'],
        concurrency: 2,
        onItemFailure: 'continue',
        result: { $expr: 'steps.fetch.output.stdout' },
        nodes: {
          fetch: {
            type: 'command',
            effect: 'read',
            with: {
              run: ['node', '-e', 'process.argv[1] === "b" ? process.exit(3) : console.log("site " + process.argv[1])', '{{ item }}'],
            },
          },
        },
      },
    },
    improve: {
      type: 'loop',
      title: 'Improve',
      after: { sites: 'success' },
      with: {
        until: 'index == 2',
        maxIterations: 5,
        result: { $expr: 'steps.draft.output.text' },
        nodes: { draft: { type: 'template', title: 'Draft', with: { template: 'Draft {{ index }}' } } },
      },
    },
    publish: {
      type: 'flow',
      title: 'Publish',
      after: { improve: 'success' },
      with: { flow: 'publish.flow.json', inputs: { text: { $expr: 'steps.improve.output' } } },
    },
  },
};

const publish = {
  version: 1,
  title: 'Publish it',
  inputs: { text: { type: 'string' } },
  nodes: {
    ask: { type: 'approval', title: 'Publish?', with: { message: 'Publish {{ inputs.text }}?' } },
    write: { type: 'file', after: { ask: 'approved' }, with: { action: 'write', path: 'published.txt', content: '{{ inputs.text }}' } },
  },
};

const vscode = oneWindow({
  files: {
    'brief.flow.json': brief,
    'publish.flow.json': publish,
    'empty.flow.json': { version: 1, nodes: { again: { type: 'loop', with: { until: 'true', maxIterations: 2, nodes: {} } } } },
  },
});

test('a run is seen pass by pass, in lists, and in the sub-flow that asks', async () => {
  const graph = await vscode.open('brief.flow.json', 'publish');
  const { page, frame } = graph;
  const inspector = frame.locator('#inspector');
  await graph.action('run').click();
  await graph.state('publish', 'awaiting');
  await graph.phase('Waiting for you');

  const stepper = graph.node('improve').locator('.stepper');
  await stepper.getByText('Pass 3 of 3').waitFor();
  await graph.node('draft').click();
  await frame.getByRole('tab', { name: 'Run' }).click();
  const output = inspector.getByRole('region', { name: 'Output' });
  await output.getByText('Draft 2').waitFor();
  await stepper.locator('[data-action="pass-before"]').click();
  await output.getByText('Draft 1').waitFor();

  await graph.node('sites').locator('.frame-head .card-title').click();
  const items = inspector.getByRole('region', { name: 'Items' });
  await items.getByText('1 failed').waitFor();
  await items.getByRole('button', { name: 'Item 2' }).click();
  await graph.state('fetch', 'failed');
  await screenshot(page, 'canvas-items');

  await openSideBar(page);
  await page.locator('.sidebar [role="treeitem"]', { hasText: 'Publish?' }).click();
  await inspector.locator('.ask-message', { hasText: 'Publish Draft 2?' }).waitFor();
  await screenshot(page, 'canvas-sub-flow');
  await inspector.locator('[data-action="open-sub-flow"]').click();
  const sub = new Graph(page);
  await sub.node('ask').waitFor({ timeout: 60_000 });
  await sub.state('ask', 'awaiting');
  await screenshot(page, 'canvas-sub-flow-opened');
  await sub.node('ask').locator('[data-action="approve"]').click();
  await sub.phase('Succeeded');
  await sub.state('write', 'succeeded');
  await expectFile(vscode.workspace.path('published.txt'), (text) => expect(text).toBe('Draft 2'));

  const runs = page.locator('.sidebar [role="treeitem"]');
  await runs
    .filter({ hasText: /^Brief.*succeeded/ })
    .locator('.monaco-tl-twistie')
    .click();
  await runs.filter({ hasText: /^Publish it.*succeeded/ }).waitFor();
  await screenshot(page, 'canvas-runs-view');
});

test('a body is filled on the graph, and the file has it', async () => {
  const graph = await vscode.open('empty.flow.json', 'again');
  const { page, frame } = graph;
  const add = async (words: string) => {
    await frame.getByRole('combobox', { name: 'Search node types' }).fill(words);
    await page.keyboard.press('Enter');
  };
  await graph.node('again').locator('[data-action="add-inside"]').click();
  await add('prompt');
  await graph.node('prompt').waitFor();
  await page.keyboard.press('a');
  await add('validate');
  await graph.node('validate').waitFor();
  await page.keyboard.press('Control+S');
  await expectFile(vscode.workspace.path('empty.flow.json'), (text) => {
    const { nodes } = JSON.parse(text);
    expect(Object.keys(nodes)).toEqual(['again']);
    expect(nodes.again.with.nodes).toMatchObject({
      prompt: { type: 'prompt' },
      validate: { type: 'validate', after: { prompt: 'success' } },
    });
  });
});
