/** The examples of every pattern in the real editor: seen whole, run on their recordings, answered. */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { screenshot } from '../host/index.ts';
import { expectFile, type Graph } from './graph.ts';
import { oneWindow } from './window.ts';

const vscode = oneWindow({
  prepare: ({ folder }) => cpSync(join(root, 'examples'), folder, { recursive: true, filter: (path) => !/[\\/](out|local)$/.test(path) }),
});

interface Example {
  name: string;
  /** A node that shows that the graph is there. */
  node: string;
  /** Nodes that ask a person, and the answer. */
  asked: [node: string, action: string][];
  states: Record<string, string>;
  file: string;
  says: RegExp;
}

const EXAMPLES: Example[] = [
  {
    name: 'research',
    node: 'merge',
    asked: [],
    states: { save: 'succeeded', giveUp: 'skipped' },
    file: 'out/research.md',
    says: /\[usage\]/,
  },
  { name: 'vote', node: 'votes', asked: [], states: { record: 'succeeded', gravest: 'skipped' }, file: 'out/bugs.md', says: /^## blocker/ },
  {
    name: 'improve',
    node: 'mend',
    asked: [['approve', 'approve']],
    states: { save: 'succeeded', anyway: 'skipped' },
    file: 'out/shop.txt',
    says: /^Take whole/,
  },
  {
    name: 'triage',
    node: 'bug',
    asked: [['send', 'approve']],
    states: { send: 'succeeded', question: 'skipped' },
    file: 'out/sent.txt',
    says: /taken it down/,
  },
  {
    name: 'digest',
    node: 'topic',
    asked: [['approve', 'approve']],
    states: { seen: 'succeeded', nothing: 'skipped' },
    file: 'out/outbox.md',
    says: /^To: team\n\n3 new/,
  },
];

async function whole(graph: Graph, name: string): Promise<void> {
  await graph.page.keyboard.press('Escape');
  await graph.frame.locator('.react-flow__controls-fitview').click();
  await screenshot(graph.page, name);
}

test.for(EXAMPLES)('$name runs to its end', async ({ name, node, asked, states, file, says }) => {
  const graph = await vscode.open(`${name}.flow.json`, node);
  await whole(graph, `example-${name}`);
  expect(await graph.action('mode').textContent()).toContain('Recorded');
  await graph.action('run').click();
  for (const [asking, action] of asked) {
    await graph.state(asking, 'awaiting');
    expect(existsSync(vscode.workspace.path(file))).toBe(false);
    await whole(graph, `example-${name}-asks`);
    await graph.node(asking).locator(`[data-action="${action}"]`).click();
  }
  await graph.phase('Succeeded');
  for (const [id, state] of Object.entries(states)) await graph.state(id, state);
  await expectFile(vscode.workspace.path(file), (text) => expect(text).toMatch(says));
  await whole(graph, `example-${name}-finished`);
});
