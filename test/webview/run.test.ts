/** A run on the graph: states, questions and their answers, streamed text, the mode. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveEvent, RunEvent, SignalRequest } from '../../src/engine/run/events.ts';
import { type Editor, type Harness, startHarness } from './harness/index.ts';
import { RELEASE_NOTES, runAfterApproval, runToApproval, stamp, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const run = (events: RunEvent[], more: { interrupted?: boolean; sameFlow?: boolean } = {}) =>
  ({ type: 'run', run: { id: 'run-1', events, interrupted: false, flowText: '', sameFlow: true, ...more } }) as const;

async function ready(): Promise<Editor> {
  const editor = await harness.open(textOf(RELEASE_NOTES));
  await editor.node('draft').waitFor();
  return editor;
}
const now = (events: Parameters<typeof stamp>[0], seq = 0) => stamp(events, Date.now() - 1000 * events.length, seq);
const last = async (editor: Editor) => (await editor.sent()).at(-1);
const card = (editor: Editor, node: string, state: string) => editor.node(node).locator(`.card.is-${state}`);

/** A run that waits at `approve` for an answer to this question. */
function asking(request: SignalRequest): RunEvent[] {
  const before = runToApproval().slice(0, -1);
  return now([...before, { type: 'signal.requested', node: 'approve', key: 'approve/ask', request }]);
}

describe('states', () => {
  it('shows a run as it happens, to its end', async () => {
    const editor = await ready();
    const [created, ...rest] = now(runToApproval());
    await editor.send(run(created ? [created] : []));
    await editor.page.locator('.run-banner', { hasText: 'Running' }).waitFor();
    await editor.page.locator('.mode-badge', { hasText: 'Recorded replies' }).waitFor();
    await editor.action('stop').waitFor();
    await editor.send({ type: 'runEvents', runId: 'run-1', events: rest, live: [] });
    await card(editor, 'draft', 'succeeded').waitFor();
    await card(editor, 'sorry', 'skipped').waitFor();
    await card(editor, 'approve', 'awaiting').waitFor();
    await editor.page.locator('.run-banner', { hasText: 'Waiting for you' }).waitFor();
    expect(await editor.node('draft').getAttribute('aria-label')).toMatch(
      /^Prompt "Draft the notes", succeeded in [\d.]+ s, recorded reply$/,
    );
    expect(await editor.page.getByRole('status').last().textContent()).toContain('May this be published?: waiting for you');

    await editor.action('approve').first().click();
    expect(await last(editor)).toEqual({ type: 'run.decide', runId: 'run-1', key: 'approve/ask', decision: 'approved' });
    await editor.send({ type: 'runEvents', runId: 'run-1', events: now(runAfterApproval(), 100), live: [] });
    await editor.page.locator('.run-banner', { hasText: 'Succeeded' }).waitFor();
    await card(editor, 'publish', 'succeeded').waitFor();
    await editor.node('approve').click();
    await editor.page.getByText('by ada, editor').waitFor();
    await editor.action('close-run').click();
    expect(await last(editor)).toEqual({ type: 'run.close' });
    await editor.send({ type: 'run', run: null });
    await editor.page.locator('.run-banner').waitFor({ state: 'detached' });
    await editor.close();
  });

  it.each([
    ['moves while something happens', { motion: true }, '', true],
    ['moves nothing for those who ask the system for less motion', { motion: false }, '', false],
    ['moves nothing for those who ask VS Code for it', { motion: true }, 'vscode-reduce-motion', false],
  ])('%s', async (_name, options, more, moves) => {
    const editor = await harness.open(textOf(RELEASE_NOTES), options);
    await editor.node('draft').waitFor();
    await editor.page.evaluate((name) => name !== '' && document.body.classList.add(name), more);
    await editor.send(run(now(runToApproval())));
    await card(editor, 'approve', 'awaiting').waitFor();
    expect(await editor.page.evaluate(() => document.getAnimations().some(({ playState }) => playState === 'running'))).toBe(moves);
    await editor.close();
  });

  it('streams text and output, and forgets it when a new attempt begins', async () => {
    const editor = await ready();
    const events = now(runToApproval()).slice(0, 7);
    await editor.send(run(events));
    await editor.node('draft').click();
    const live = (...of: LiveEvent[]) => editor.send({ type: 'runEvents', runId: 'run-1', events: [], live: of });
    await live({ type: 'live.text', node: 'draft', text: 'Once ' }, { type: 'live.text', node: 'draft', text: 'upon' });
    await live({ type: 'live.text', node: 'draft', text: ' a time' });
    await editor.page.getByText('Once upon a time').waitFor();
    await editor.screenshot('streaming');
    await live({ type: 'live.reset', node: 'draft' }, { type: 'live.text', node: 'draft', text: 'Again' });
    await editor.page.getByText('Once upon a time').waitFor({ state: 'detached' });
    await editor.page.locator('.value-text.live', { hasText: 'Again' }).waitFor();
    await editor.close();
  });

  it('shows what a step got, what came out and how often it was tried', async () => {
    const editor = await ready();
    await editor.send(run(now(runToApproval())));
    await editor.node('draft').click();
    const inspector = editor.page.locator('#inspector');
    await inspector.getByText('Flows open as graphs').waitFor();
    await inspector.getByText('attempt 2').waitFor();
    await inspector.getByText('MODEL_RATE_LIMIT').waitFor();
    await inspector.getByText('812 tokens in').waitFor();
    await inspector.getByRole('button', { name: 'Open “Output” in an editor' }).click();
    expect(await last(editor)).toMatchObject({ type: 'openValue', title: 'Output', value: { model: 'openai/gpt-5' } });
    await editor.close();
  });

  it('shows how a large value begins, and opens the whole of it', async () => {
    const editor = await ready();
    const name = 'ab'.repeat(32);
    const large = { '$belay.object': name, bytes: 5_000_000, kind: 'text', start: 'Once upon a time' };
    await editor.send(
      run(
        now([
          ...runToApproval().slice(0, 3),
          { type: 'node.finished', node: 'changes', outlet: 'success', output: { stdout: large, list: [large] }, trust: 'untrusted' },
        ]),
      ),
    );
    await editor.node('changes').click();
    const inspector = editor.page.locator('#inspector');
    await inspector.getByText('Once upon a time').waitFor();
    await inspector.getByText('(5.0 MB: open it in an editor)').waitFor();
    await editor.screenshot('large-value');
    expect(await editor.barriers()).toEqual([]);
    await inspector.getByRole('button', { name: '5.0 MB – open' }).click();
    expect(await last(editor)).toEqual({ type: 'openValue', title: 'Output', value: large, runId: 'run-1' });
    await editor.close();
  });

  it('tells an interrupted run, and that the flow was edited since', async () => {
    const editor = await ready();
    await editor.send(run(now(runToApproval()), { interrupted: true, sameFlow: false }));
    await editor.page.locator('.run-banner', { hasText: 'Interrupted' }).waitFor();
    await editor.page.getByText('The flow was edited since this run started.').waitFor();
    await editor.screenshot('interrupted');
    await editor.action('resume-run').click();
    expect(await last(editor)).toEqual({ type: 'run.resume', runId: 'run-1' });
    await editor.close();
  });

  it('shows a failure with what to do next', async () => {
    const editor = await ready();
    const error = {
      code: 'COMMAND_EXIT',
      kind: 'exit',
      message: 'The command ended with code 2.',
      hint: 'Look at its error output.',
      node: 'changes',
    } as const;
    await editor.send(
      run(
        now([
          ...runToApproval().slice(0, 3),
          { type: 'node.finished', node: 'changes', outlet: 'failure', output: null, trust: 'untrusted', error, failed: true },
          { type: 'run.finished', outcome: 'failed', error },
        ]),
      ),
    );
    await card(editor, 'changes', 'failed').waitFor();
    await editor.page.locator('.run-banner', { hasText: 'Failed' }).waitFor();
    await editor.node('changes').click();
    await editor.page.locator('#inspector').getByText('Look at its error output.').first().waitFor();
    await editor.screenshot('failed');
    expect(await editor.barriers()).toEqual([]);
    await editor.close();
  });

  it('cancels', async () => {
    const editor = await ready();
    await editor.send(run(now(runToApproval())));
    await editor.action('cancel-run').click();
    expect(await last(editor)).toEqual({ type: 'run.cancel', runId: 'run-1' });
    await editor.close();
  });
});

describe('questions', () => {
  const question = async (request: SignalRequest, name: string) => {
    const editor = await ready();
    await editor.send({ type: 'mode', choice: { mode: 'recorded', recorded: true, models: ['openai/gpt-5', 'local/qwen'] } });
    await editor.send(run(asking(request)));
    await editor.node('approve').click({ position: { x: 60, y: 8 } });
    await editor.page.locator('#inspector .ask').waitFor();
    await editor.screenshot(`ask-${name}`);
    expect(await editor.barriers()).toEqual([]);
    return editor;
  };
  const common = { title: 'Tell the team', message: 'Allow this step?', argsHash: 'h' };
  const decided = { type: 'run.decide', runId: 'run-1', key: 'approve/ask' };
  const inPanel = (editor: Editor, action: string) => editor.page.locator(`#inspector [data-action="${action}"]`);

  it('rejects with a reason, on the node', async () => {
    const editor = await ready();
    await editor.send(run(now(runToApproval())));
    await editor.node('approve').locator('[data-action="reject"]').click();
    await editor.node('approve').getByLabel('Reason for rejecting').fill('Too long');
    await editor.node('approve').locator('[data-action="reject-confirm"]').click();
    expect(await last(editor)).toEqual({ ...decided, decision: 'rejected', reason: 'Too long' });
    await editor.close();
  });

  it('shows exactly what a gate covers', async () => {
    const editor = await question(
      { kind: 'gate', ...common, effect: 'irreversible', args: { run: ['notify', 'team'] }, untrusted: true, why: 'demanded' },
      'gate',
    );
    await editor.page.locator('#inspector').getByText('"notify"').waitFor();
    await inPanel(editor, 'approve').click();
    expect(await last(editor)).toEqual({ ...decided, decision: 'approved' });
    await editor.close();
  });

  it('takes a reply by hand', async () => {
    const editor = await question(
      { kind: 'reply', title: 'Draft', message: 'Answer this prompt.', prompt: 'Write notes', system: 'Be brief' },
      'reply',
    );
    await editor.page.getByLabel('Your reply').last().fill('Here they are');
    await inPanel(editor, 'reply').click();
    expect(await last(editor)).toEqual({ ...decided, decision: 'replied', value: 'Here they are' });
    await editor.close();
  });

  it.each([
    ['live', { decision: 'live', value: 'openai/gpt-5' }],
    ['restore', { decision: 'restore' }],
    ['by-hand', { decision: 'byHand' }],
  ])('offers three ways where a recording is missing: %s', async (action, decision) => {
    const editor = await question(
      {
        kind: 'recordingMissing',
        title: 'No recording',
        message: 'This prompt is not in the recording.',
        prompt: 'Write new notes',
        recordedTemplate: 'Write notes',
      },
      'recording-missing',
    );
    await inPanel(editor, action).click();
    expect(await last(editor)).toEqual({ ...decided, ...decision });
    await editor.close();
  });

  it.each([
    ['what came with it, as it was typed', '{"paid": 120}', { value: '{"paid": 120}' }],
    ['nothing', ' ', {}],
  ])('sends a signal with %s', async (_what, typed, more) => {
    const schema = { type: 'object', required: ['paid'] };
    const signal = {
      kind: 'signal',
      title: 'Wait for the payment',
      message: 'Waits for the signal "payment".',
      name: 'payment',
      schema,
    } as const;
    const editor = await question(signal, 'signal');
    await editor.page.getByLabel('What comes with the signal').last().fill(typed);
    await inPanel(editor, 'send-signal').click();
    expect(await last(editor)).toEqual({ ...decided, decision: 'received', ...more });
    await editor.close();
  });

  it.each(['happened', 'retry', 'abort'])('asks what happened to a step in doubt: %s', async (decision) => {
    const editor = await question({ kind: 'inDoubt', ...common, effect: 'irreversible', args: { run: ['notify'] } }, 'in-doubt');
    await inPanel(editor, decision).click();
    expect(await last(editor)).toEqual({ ...decided, decision });
    await editor.close();
  });
});
