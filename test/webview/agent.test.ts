/** An agent at work on the graph: what it does now, and what it did, turn by turn. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/engine/format/json.ts';
import type { RunEvent } from '../../src/engine/run/events.ts';
import { type Harness, type OpenOptions, startHarness } from './harness/index.ts';
import { stamp, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const FLOW = {
  version: 1,
  title: 'Competitor brief',
  nodes: {
    research: {
      type: 'agent',
      title: 'Find the prices',
      with: { agent: 'commander', task: 'Find the prices of all plans and write them down.' },
    },
    note: {
      type: 'tool',
      title: 'Create the ticket',
      after: { research: 'success' },
      with: { tool: 'github/create_issue', arguments: { title: { $expr: 'steps.research.output.text' } } },
    },
  },
  layout: { research: [0, 0], note: [300, 0] },
} as const;

type New = Parameters<typeof stamp>[0][number];
const text = (it: string) => ({ content: [{ type: 'text', text: it }] });

function step(name: string, effect: 'none' | 'read' | 'write', args: object, output?: object | null): New[] {
  const of = { node: 'research', step: `research/${name}`, attempt: 1 };
  const started = { type: 'step.started', ...of, effect, idempotencyKey: 'k', args } as New;
  return output === undefined ? [started] : [started, { type: 'step.finished', ...of, output } as New];
}

const me = (turn: number, more: object = {}) => ({ agent: 'commander', turn, ...more });
const surfer = (turn: number, more: object = {}) => ({ agent: 'websurfer', turn, ...more });

const EVENTS: New[] = [
  {
    type: 'run.created',
    run: {
      id: 'run-1',
      flow: 'sample.flow.json',
      title: 'Brief',
      bundle: '0'.repeat(64),
      inputs: {},
      mode: 'live',
      startedBy: 'editor',
      belay: '0.1.0',
    },
  },
  { type: 'node.started', node: 'research', input: { agent: 'commander', task: 'Find the prices.' } },
  ...step('turn1.model', 'read', me(1), { text: 'The notes may have them; the rest is on the site.', model: 'm' }),
  ...step('turn1.call1', 'read', me(1, { tool: 'files/search', arguments: { text: 'price', files: '**/*.md' } }), {
    ...text('notes.md:3: price: 12'),
    structured: { matches: [{ path: 'notes.md', line: 3, text: 'price: 12' }], files: 4, more: false },
  }),
  ...step(
    'turn1.call2',
    'none',
    me(1, { tool: 'agent/websurfer', arguments: { task: 'Read https://example.org/prices and give all plans with their prices.' } }),
    null,
  ),
  ...step('turn1.call2.turn1.model', 'read', surfer(1), { text: '', model: 'm' }),
  ...step(
    'turn1.call2.turn1.call1',
    'read',
    surfer(1, { tool: 'http/get', arguments: { url: 'https://example.org/prices' } }),
    text('Basic 9, Team 29'),
  ),
  ...step('turn1.call2.turn2.model', 'read', surfer(2), { text: 'Basic 9, Team 29', model: 'm' }),
  ...step('turn2.summary', 'read', { agent: 'commander', summary: '…' }, { text: 'short', model: 'm' }),
  ...step('turn2.model', 'read', me(2), { text: 'Now they are written down.', model: 'm' }),
  {
    type: 'signal.requested',
    node: 'research',
    key: `research/turn2.call1/gate/${'0'.repeat(32)}`,
    request: {
      kind: 'gate',
      title: 'Find the prices: command/run',
      message: '"Find the prices: command/run" cannot be taken back. May it go on?',
      effect: 'irreversible',
      args: me(2, { tool: 'command/run', arguments: { run: ['git', 'push'] } }) as Json,
      argsHash: '0'.repeat(64),
      untrusted: true,
      why: 'demanded',
    },
  },
  {
    type: 'signal.received',
    node: 'research',
    key: `research/turn2.call1/gate/${'0'.repeat(32)}`,
    reply: { decision: 'rejected', by: 'ada', at: Date.now(), reason: 'not today' },
  },
  ...step('turn3.model', 'read', me(3), { text: '', model: 'm' }),
  ...step('turn3.call1', 'write', me(3, { tool: 'files/write', arguments: { path: 'out/prices.md', content: '| plan | price |' } })),
];

const shown = (events: readonly New[]): RunEvent[] => stamp(events, Date.now() - 1000 * events.length);

async function open(options: OpenOptions = {}) {
  const editor = await harness.open(textOf(FLOW), options);
  await editor.node('research').waitFor();
  await editor.send({ type: 'run', run: { id: 'run-1', events: shown(EVENTS), interrupted: false, flowText: '', sameFlow: true } });
  await editor.node('research').click();
  return editor;
}

describe('an agent', () => {
  it('tells on its card what it does now, and in the inspector what it did, with arguments and results', async () => {
    const editor = await open();
    await editor.node('research').getByText('turn 3 · files/write').waitFor();
    const actions = editor.page.getByRole('region', { name: 'Actions' });
    await actions.getByText('5 in 5 turns').waitFor();
    await actions.getByText('The notes may have them').waitFor();
    await actions.getByText('summarized').waitFor();
    await actions.locator('summary', { hasText: 'files/search' }).click();
    await actions.getByText('"price: 12"').waitFor();
    await actions.locator('summary', { hasText: 'command/run' }).press('Enter');
    await actions.locator('summary', { hasText: 'command/run' }).getByText('not allowed').waitFor();
    await actions.locator('summary', { hasText: 'files/write' }).getByText('running').waitFor();
    await editor.screenshot('agent');
    await editor.send({
      type: 'runEvents',
      runId: 'run-1',
      events: stamp(
        [
          ...step('turn3.call1', 'write', {}, text('written')).slice(1),
          { type: 'node.finished', node: 'research', outlet: 'success', output: { text: 'Done.', agent: 'commander' }, trust: 'untrusted' },
        ],
        Date.now(),
        EVENTS.length,
      ),
      live: [],
    });
    await actions.locator('summary', { hasText: 'files/write' }).getByText('running').waitFor({ state: 'detached' });
    await editor.node('research').getByText('turn 3').waitFor({ state: 'detached' });
    expect(editor.errors).toEqual([]);
    await editor.close();
  });

  it.each<[string, OpenOptions]>([
    ['light', { theme: 'light' }],
    ['narrow', { width: 560 }],
  ])('has no barriers in %s', async (name, options) => {
    const editor = await open(options);
    await editor.page.getByRole('region', { name: 'Actions' }).waitFor();
    await editor.screenshot(`agent-${name}`);
    expect(await editor.barriers()).toEqual([]);
    await editor.close();
  });
});
