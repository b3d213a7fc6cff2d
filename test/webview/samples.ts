/** Flows and runs for the tests of the graph editor. */
import type { RunEvent } from '../../src/engine/run/events.ts';

/** The reference flow in small: every node type that can be run, failures handled, one branch not taken. */
export const RELEASE_NOTES = {
  version: 1,
  title: 'Release notes',
  description: 'Reads the list of changes, drafts notes, checks them, asks, and writes the file.',
  inputs: { version: { type: 'string', default: '2.4.0', description: 'The version that is released.' } },
  nodes: {
    changes: {
      type: 'command',
      title: 'Read the changes',
      effect: 'read',
      with: { run: ['node', 'tools/changes.mjs', '{{ inputs.version }}'] },
    },
    draft: {
      type: 'prompt',
      title: 'Draft the notes',
      after: { changes: 'success' },
      retry: { attempts: 3 },
      with: { prompt: 'Write release notes for version {{ inputs.version }}.\n\nThe changes:\n{{ steps.changes.output.stdout }}' },
    },
    check: {
      type: 'validate',
      title: 'Every section there?',
      after: { draft: 'success' },
      with: { value: { $expr: 'steps.draft.output.text' }, contains: ['## New', '## Fixed', '## Breaking'] },
    },
    sections: {
      type: 'branch',
      title: 'Complete?',
      after: { check: ['valid', 'invalid'] },
      with: { cases: [{ name: 'missing', when: '!steps.check.output.valid' }] },
    },
    redraft: {
      type: 'prompt',
      title: 'Add what is missing',
      after: { sections: 'case:missing' },
      with: { prompt: 'Add the missing sections:\n{{ steps.check.output.problems | json }}' },
    },
    approve: {
      type: 'approval',
      title: 'May this be published?',
      after: { redraft: 'success', sections: 'else' },
      join: 'any',
      with: {
        message: 'Publish the notes for {{ inputs.version }}?',
        show: { $expr: 'first(steps.redraft.output.text, steps.draft.output.text)' },
      },
    },
    publish: {
      type: 'file',
      title: 'Write the file',
      after: { approve: 'approved' },
      with: { action: 'write', path: 'out/release-notes.md', content: '{{ steps.draft.output.text }}' },
    },
    tell: {
      type: 'command',
      title: 'Tell the team',
      after: { publish: 'success' },
      gate: true,
      with: { run: ['notify', 'team'] },
    },
    sorry: {
      type: 'template',
      title: 'Say what went wrong',
      after: { draft: 'failure', changes: 'failure' },
      join: 'any',
      with: { template: 'It failed.' },
    },
  },
  layout: {
    changes: [0, 120],
    draft: [300, 120],
    check: [600, 60],
    sections: [900, 60],
    redraft: [1200, 0],
    approve: [1500, 90],
    publish: [1800, 60],
    tell: [2100, 60],
    sorry: [600, 260],
  },
} as const;

/** Two nodes that are not connected, and one behind the first. */
export const SMALL = {
  version: 1,
  title: 'Small',
  nodes: {
    alpha: { type: 'template', title: 'Alpha', with: { template: 'Hello' } },
    beta: { type: 'template', title: 'Beta', after: { alpha: 'success' }, with: { template: '{{ steps.alpha.output.text }}' } },
    gamma: { type: 'command', title: 'Gamma', effect: 'read', with: { run: ['git', 'status'] } },
  },
  layout: { alpha: [0, 0], beta: [300, 0], gamma: [300, 200] },
} as const;

/** Bodies: a loop with a branch inside, and an empty loop in the body of an each. */
export const BODIES = {
  version: 1,
  title: 'Brief about competitors',
  inputs: { topic: { type: 'string', default: 'rope' }, sites: { type: 'array', default: ['a', 'b', 'c'] } },
  nodes: {
    read: {
      type: 'each',
      title: 'Read every site',
      with: {
        items: { $expr: 'inputs.sites' },
        concurrency: 3,
        result: { $expr: 'steps.sum.output.text' },
        nodes: {
          fetch: { type: 'command', title: 'Fetch', effect: 'read', with: { run: ['curl', '{{ item }}'] } },
          sum: {
            type: 'prompt',
            title: 'Sum up',
            after: { fetch: 'success' },
            with: { prompt: 'Sum up: {{ steps.fetch.output.stdout }}' },
          },
        },
      },
    },
    improve: {
      type: 'loop',
      title: 'Improve until it passes',
      after: { read: 'success' },
      with: {
        until: 'steps.check.output.valid',
        maxIterations: 5,
        result: { $expr: 'steps.draft.output.text' },
        nodes: {
          draft: { type: 'prompt', title: 'Draft', with: { prompt: 'Write a brief about {{ inputs.topic }}.' } },
          check: {
            type: 'validate',
            title: 'Check',
            after: { draft: 'success' },
            with: { value: { $expr: 'steps.draft.output.text' }, contains: ['## Prices'] },
          },
        },
      },
    },
    fix: {
      type: 'flow',
      title: 'Publish',
      after: { improve: 'success' },
      with: { flow: 'publish.flow.json', inputs: { text: { $expr: 'steps.improve.output' } } },
    },
    sorry: {
      type: 'template',
      title: 'Say what went wrong',
      after: { improve: ['exhausted', 'failure'] },
      with: { template: 'It failed.' },
    },
  },
} as const;

/** As people write it: one line for each node of the layout. */
export const textOf = (flow: object): string => `${JSON.stringify(flow, null, 2).replace(/\[\s+(-?\d+),\s+(-?\d+)\s+\]/g, '[$1, $2]')}\n`;

type New<E> = E extends unknown ? Omit<E, 'seq' | 't'> & { t?: number } : never;

/** Numbers and stamps events: a second apart unless they say otherwise, from `from` on. */
export function stamp(events: readonly New<RunEvent>[], from: number, seq = 0): RunEvent[] {
  let t = from;
  return events.map((event, index) => {
    t = event.t ?? t + 1000;
    return { ...event, seq: seq + index, t } as RunEvent;
  });
}

const step = { effect: 'read', attempt: 1, idempotencyKey: 'k' } as const;

/** A run of `RELEASE_NOTES` up to its approval. */
export function runToApproval(): New<RunEvent>[] {
  const prompt = 'Write release notes for version 2.4.0.';
  const draft = '# 2.4.0\n\n## New\n- Flows open as graphs\n\n## Fixed\n- A torn journal opens again';
  return [
    {
      type: 'run.created',
      run: {
        id: 'run-1',
        flow: 'sample.flow.json',
        title: 'Release notes',
        bundle: '0'.repeat(64),
        inputs: { version: '2.4.0' },
        mode: 'recorded',
        startedBy: 'editor',
        belay: '0.1.0',
      },
    },
    { type: 'node.started', node: 'changes', input: { run: ['node', 'tools/changes.mjs', '2.4.0'] } },
    { type: 'step.started', node: 'changes', step: 'changes/run', ...step, args: { run: ['node', 'tools/changes.mjs', '2.4.0'] } },
    { type: 'step.finished', node: 'changes', step: 'changes/run', attempt: 1, output: { stdout: 'Flows open as graphs', exitCode: 0 } },
    {
      type: 'node.finished',
      node: 'changes',
      outlet: 'success',
      output: { stdout: 'Flows open as graphs\n', stderr: '', exitCode: 0, truncated: false },
      trust: 'untrusted',
    },
    { type: 'node.started', node: 'draft', input: { prompt } },
    { type: 'step.started', node: 'draft', step: 'draft/model', ...step, args: { prompt } },
    {
      type: 'step.finished',
      node: 'draft',
      step: 'draft/model',
      attempt: 1,
      retryInMs: 1000,
      error: {
        code: 'MODEL_RATE_LIMIT',
        kind: 'rateLimit',
        message: 'The service asks to slow down (429).',
        hint: 'Belay tries again by itself.',
      },
    },
    { type: 'step.started', node: 'draft', step: 'draft/model', ...step, attempt: 2, args: { prompt } },
    {
      type: 'step.finished',
      node: 'draft',
      step: 'draft/model',
      attempt: 2,
      output: draft,
      recorded: true,
      model: 'openai/gpt-5',
      usage: { inputTokens: 812, outputTokens: 143, cost: 0.0021, source: 'reported' },
    },
    { type: 'node.finished', node: 'draft', outlet: 'success', output: { text: draft, model: 'openai/gpt-5' }, trust: 'untrusted' },
    { type: 'node.skipped', node: 'sorry', reason: 'dead' },
    { type: 'node.started', node: 'check' },
    {
      type: 'node.finished',
      node: 'check',
      outlet: 'invalid',
      output: { valid: false, problems: [{ message: '“## Breaking” is missing' }], value: draft },
      trust: 'untrusted',
    },
    { type: 'node.started', node: 'sections' },
    { type: 'node.finished', node: 'sections', outlet: 'case:missing', output: { case: 'missing' }, trust: 'untrusted' },
    { type: 'node.started', node: 'redraft', input: { prompt: 'Add the missing sections' } },
    { type: 'step.started', node: 'redraft', step: 'redraft/model', ...step, args: { prompt: 'Add the missing sections' } },
    { type: 'step.finished', node: 'redraft', step: 'redraft/model', attempt: 1, output: draft, recorded: true, model: 'openai/gpt-5' },
    {
      type: 'node.finished',
      node: 'redraft',
      outlet: 'success',
      output: { text: `${draft}\n\n## Breaking\n- none`, model: 'openai/gpt-5' },
      trust: 'untrusted',
    },
    { type: 'node.started', node: 'approve' },
    {
      type: 'signal.requested',
      node: 'approve',
      key: 'approve/ask',
      request: {
        kind: 'approval',
        title: 'May this be published?',
        message: 'Publish the notes for 2.4.0?',
        details: `${draft}\n\n## Breaking\n- none`,
        argsHash: 'h',
        untrusted: true,
      },
    },
  ];
}

/** What follows once the approval was given. */
export function runAfterApproval(): New<RunEvent>[] {
  return [
    {
      type: 'signal.received',
      node: 'approve',
      key: 'approve/ask',
      reply: { decision: 'approved', by: 'ada, editor', at: 1_760_000_000_000 },
    },
    {
      type: 'node.finished',
      node: 'approve',
      outlet: 'approved',
      output: { decision: 'approved', by: 'ada, editor', reason: null },
      trust: 'trusted',
    },
    { type: 'node.started', node: 'publish', input: { path: 'out/release-notes.md' } },
    {
      type: 'node.finished',
      node: 'publish',
      outlet: 'success',
      output: { path: 'out/release-notes.md', bytes: 120, sha256: 'abc' },
      trust: 'trusted',
    },
    { type: 'node.started', node: 'tell' },
    {
      type: 'signal.requested',
      node: 'tell',
      key: 'tell/gate',
      request: {
        kind: 'gate',
        title: 'Tell the team',
        message: 'Allow this step?',
        effect: 'irreversible',
        args: { run: ['notify', 'team'] },
        argsHash: 'h',
        untrusted: false,
        why: 'declared',
      },
    },
    { type: 'signal.received', node: 'tell', key: 'tell/gate', reply: { decision: 'approved', by: 'ada, editor', at: 1_760_000_000_000 } },
    { type: 'node.finished', node: 'tell', outlet: 'success', output: { exitCode: 0 }, trust: 'untrusted' },
    { type: 'run.finished', outcome: 'succeeded' },
  ];
}

const text = (of: string) => ({ text: of, model: 'openai/gpt-5' });
const began = (node: string, input?: object) => ({ type: 'node.started', node, ...(input ? { input } : {}) }) as New<RunEvent>;
const ended = (node: string, output: object | string | null = null, outlet = 'success'): New<RunEvent> => ({
  type: 'node.finished',
  node,
  outlet,
  output: output as never,
  trust: 'untrusted',
});

/** A run of `BODIES` up to a question in its sub-flow: one of three items failed, the loop needed two passes. */
export function runOfBodies(): New<RunEvent>[] {
  const error = { code: 'COMMAND_EXIT', kind: 'exit', message: 'curl ended with code 6.', hint: 'Look at its error output.' } as const;
  return [
    {
      type: 'run.created',
      run: {
        id: 'run-1',
        flow: 'sample.flow.json',
        title: 'Brief about competitors',
        bundle: '0'.repeat(64),
        inputs: { topic: 'rope', sites: ['a', 'b', 'c'] },
        mode: 'recorded',
        startedBy: 'editor',
        belay: '0.1.0',
      },
    },
    began('read', { items: ['a', 'b', 'c'], concurrency: 3 }),
    began('read[0]/fetch', { run: ['curl', 'a'] }),
    began('read[1]/fetch', { run: ['curl', 'b'] }),
    ended('read[0]/fetch', { stdout: 'Prices of A' }),
    { type: 'node.finished', node: 'read[1]/fetch', outlet: 'failure', output: null, trust: 'untrusted', error },
    { type: 'node.finished', node: 'read[1]', outlet: 'failure', output: null, trust: 'untrusted', error },
    ended('read[0]/sum', text('A is cheap')),
    ended('read[0]', 'A is cheap', 'done'),
    began('read[2]/fetch', { run: ['curl', 'c'] }),
    ended('read[2]/fetch', { stdout: 'Prices of C' }),
    ended('read[2]/sum', text('C is dear')),
    ended('read[2]', 'C is dear', 'done'),
    ended('read', ['A is cheap', null, 'C is dear']),
    began('improve', { until: 'steps.check.output.valid', maxIterations: 5 }),
    began('improve[0]/draft'),
    ended('improve[0]/draft', text('The first draft')),
    ended('improve[0]/check', { valid: false }, 'invalid'),
    ended('improve[0]', 'The first draft', 'again'),
    began('improve[1]/draft'),
    ended('improve[1]/draft', text('The second draft')),
    ended('improve[1]/check', { valid: true }, 'valid'),
    ended('improve[1]', 'The second draft', 'done'),
    ended('improve', 'The second draft'),
    { type: 'node.skipped', node: 'sorry', reason: 'dead' },
    began('fix', { flow: 'publish.flow.json', inputs: { text: 'The second draft' } }),
    { type: 'flow.started', node: 'fix[0]', flow: 'publish.flow.json', title: 'Publish a brief', inputs: { text: 'The second draft' } },
    ended('fix[0]/format', text('# Brief')),
    began('fix[0]/approve'),
    {
      type: 'signal.requested',
      node: 'fix[0]/approve',
      key: 'fix[0]/approve/ask',
      request: { kind: 'approval', title: 'Publish?', message: 'Publish the brief?', argsHash: 'h', untrusted: true },
    },
  ];
}
