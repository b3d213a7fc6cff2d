/** What a run says of itself as a whole on the graph: its turn, its budget, and that its flow was changed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NewRunEvent } from '../../src/engine/run/events.ts';
import { type Editor, type Harness, startHarness } from './harness/index.ts';
import { RELEASE_NOTES, runToApproval, stamp, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

async function showing(events: NewRunEvent[], sameFlow = true): Promise<Editor> {
  const editor = await harness.open(textOf(RELEASE_NOTES));
  await editor.node('draft').waitFor();
  const stamped = stamp(events, Date.now() - 1000 * events.length);
  await editor.send({ type: 'run', run: { id: 'run-1', events: stamped, interrupted: false, flowText: '', sameFlow } });
  await editor.page.locator('.run-banner').waitFor();
  return editor;
}
const begun = () => runToApproval().slice(0, -1);

it('a run that waits for its turn says so, and can be cancelled', async () => {
  const editor = await showing([...begun().slice(0, 1), { type: 'run.queued' }]);
  await editor.page.locator('.run-banner', { hasText: 'Waiting for its turn' }).waitFor();
  await editor.screenshot('run-queued');
  await editor.action('cancel-run').click();
  expect((await editor.sent()).at(-1)).toEqual({ type: 'run.cancel', runId: 'run-1' });
  await editor.close();
});

it('a budget is asked about by the run: its question stands where no node is selected', async () => {
  const request = {
    kind: 'budget',
    title: 'Budget of 4 steps',
    message:
      'The run has used up 4 steps, and 4 steps is all it may. It can go on with 4 steps more, or stop: then what would go beyond the budget fails.',
    budget: 'steps',
    used: 4,
    limit: 4,
  } as const;
  const editor = await showing([...begun(), { type: 'signal.requested', node: '', key: 'budget/steps/1', request }]);
  await editor.node('draft').click();
  await editor.page.locator('.run-banner button', { hasText: 'Show' }).click();
  await editor.page.getByRole('region', { name: 'Budget of 4 steps' }).waitFor();
  await editor.screenshot('run-budget');
  expect(await editor.barriers()).toEqual([]);
  await editor.action('more').click();
  expect((await editor.sent()).at(-1)).toEqual({ type: 'run.decide', runId: 'run-1', key: 'budget/steps/1', decision: 'more' });
  await editor.close();
});

it('a run whose flow was changed can go on with the changed one, unless it is finished', async () => {
  const editor = await showing(runToApproval(), false);
  await editor.screenshot('run-changed-flow');
  await editor.action('move-run').click();
  expect((await editor.sent()).at(-1)).toEqual({ type: 'run.move', runId: 'run-1' });
  const over = stamp([...runToApproval(), { type: 'run.finished', outcome: 'cancelled' }], Date.now() - 60_000);
  await editor.send({ type: 'run', run: { id: 'run-1', events: over, interrupted: false, flowText: '', sameFlow: false } });
  await editor.page.locator('.run-banner', { hasText: 'Cancelled' }).waitFor();
  expect(await editor.action('move-run').count()).toBe(0);
  await editor.close();
});

it('what the browser says of sizes that change once more is no fault of the editor', async () => {
  const editor = await showing(begun());
  await editor.page.evaluate(() => {
    const message = 'ResizeObserver loop completed with undelivered notifications.';
    window.dispatchEvent(new ErrorEvent('error', { message }));
  });
  await editor.close();
});
