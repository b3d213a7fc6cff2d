import { expect, it } from 'vitest';
import { type AttemptView, type NodeView, openSignals, type SignalView } from '../../engine/run/view.ts';
import { agentTurns, currentAction } from './agent-actions.ts';
import { shownRun } from './run.ts';

const attempt = (step: string, more: Partial<AttemptView>): AttemptView => ({
  step: `each[0]/a/${step}`,
  attempt: 1,
  effect: 'read',
  startedAt: 0,
  finishedAt: 1,
  ...more,
});
const model = (step: string, agent: string, turn: number, text: string, more: Partial<AttemptView> = {}) =>
  attempt(step, { args: { agent, turn }, output: { text, model: 'm' }, ...more });
const call = (step: string, tool: string, more: Partial<AttemptView> = {}) =>
  attempt(step, { args: { tool, arguments: { x: 1 }, agent: 'a', turn: 1 }, output: { content: [{ type: 'text', text: 'r' }] }, ...more });
const view = (...attempts: AttemptView[]): NodeView => ({ node: 'each[0]/a', state: 'running', attempts });
const { finishedAt: _finished, ...open } = attempt('x', {});
const running = (one: AttemptView): AttemptView => {
  const { finishedAt: _end, output: _output, ...rest } = one;
  return rest;
};

it('puts steps into turns, those of an agent that was asked behind the one that asked', () => {
  const turns = agentTurns(
    view(
      attempt('turn1.tools', { args: { tools: ['s/*'] } }),
      model('turn1.model', 'boss', 1, ' Let us see. '),
      call('turn1.call1.before', '', { args: {} }),
      call('turn1.call1', 'files/read'),
      call('turn1.call2', 'agent/helper', { output: null }),
      model('turn1.call2.turn1.model', 'helper', 1, ''),
      call('turn1.call2.turn1.call1', 's/t', { output: { content: [], structured: { n: 1 }, failed: true } }),
      attempt('turn2.summary', { args: { agent: 'boss', summary: 'x' } }),
      model('turn2.model', 'boss', 2, '{"final":1}', { output: { text: '{"final":1}', plain: true } }),
    ),
  );
  expect(
    turns.map(({ key, agent, number, depth, said, summarized, actions }) => [key, agent, number, depth, said, summarized, actions.length]),
  ).toEqual([
    ['turn1', 'boss', 1, 0, 'Let us see.', false, 2],
    ['turn1.call2.turn1', 'helper', 1, 1, '', false, 1],
    ['turn2', 'boss', 2, 0, '', true, 0],
  ]);
  expect(turns[0]?.actions[0]).toMatchObject({ tool: 'files/read', args: { x: 1 }, result: 'r', failed: false, running: false });
  expect(turns[0]?.actions[1]).not.toHaveProperty('result');
  expect(turns[1]?.actions[0]).toMatchObject({ result: { n: 1 }, failed: true });
});

it('a step that was tried again counts once, and a second round begins anew', () => {
  const turns = agentTurns(
    view(call('turn1.call1', 'a/b', { attempt: 1 }), call('turn1.call1', 'a/b', { attempt: 2 }), model('round2/turn1.model', 'a', 1, 'x')),
  );
  expect(turns.map(({ key, actions }) => [key, actions.length])).toEqual([
    ['turn1', 1],
    ['round2.turn1', 0],
  ]);
});

it.each<[string, NodeView, string | undefined]>([
  ['an action', view(model('turn3.model', 'a', 3, ''), running(call('turn3.call1', 'files/write'))), 'turn 3 · files/write'],
  ['thinking', view(running(model('turn1.model', 'a', 1, ''))), 'turn 1 · thinking'],
  [
    'another agent',
    view(call('turn1.call1', 'agent/b', { output: null }), running(model('turn1.call1.turn2.model', 'b', 2, ''))),
    'turn 2 · b',
  ],
  ['nothing yet', view(), undefined],
  ['no agent', view({ ...open, step: 'each[0]/a/reply' }), undefined],
])('says what it does now: %s', (_what, node, text) => {
  expect(currentAction(node)).toBe(text);
});

it('an action that a person is asked about, or did not allow, stands where it was proposed', () => {
  const gate = (step: string, requestedAt: number, reply?: SignalView['reply']): SignalView => ({
    key: `each[0]/a/${step}/gate/0`,
    node: 'each[0]/a',
    requestedAt,
    request: {
      kind: 'gate',
      title: 'x',
      message: 'x',
      effect: 'irreversible',
      args: { tool: 's/send', arguments: {}, agent: 'a', turn: 1 },
      argsHash: '',
      untrusted: true,
      why: 'demanded',
    },
    ...(reply && { reply }),
  });
  const signals = [
    gate('turn1.call1', 2, { decision: 'rejected', by: 'ada', at: 3 }),
    gate('turn1.call2', 4, { decision: 'approved', by: 'ada', at: 5 }),
    gate('turn2.call1', 8),
  ];
  const turns = agentTurns(
    view(
      model('turn1.model', 'a', 1, ''),
      call('turn1.call2', 's/send', { startedAt: 6, effect: 'irreversible' }),
      model('turn2.model', 'a', 2, '', { startedAt: 7 }),
    ),
    signals,
  );
  expect(turns.map(({ actions }) => actions.map(({ step, gate: asked, failed }) => [step.slice(-5), asked, failed]))).toEqual([
    [
      ['call1', 'refused', true],
      ['call2', undefined, false],
    ],
    [['call1', 'open', false]],
  ]);
});

it('a question that was answered is open no more, also where it was asked in the same breath', () => {
  const request = {
    kind: 'gate',
    title: 'x',
    message: 'x',
    effect: 'irreversible',
    args: {},
    argsHash: '',
    untrusted: true,
    why: 'demanded',
  } as const;
  const events = [
    { type: 'node.started', node: 'a' },
    { type: 'signal.requested', node: 'a', key: 'k', request },
    { type: 'signal.received', node: 'a', key: 'k', reply: { decision: 'rejected', by: 'ada', at: 0 } },
    { type: 'step.started', node: 'a', step: 'a/x', attempt: 1, effect: 'read', idempotencyKey: 'k' },
  ] as const;
  const { view: now } = shownRun({
    id: 'r',
    flowText: '',
    sameFlow: true,
    interrupted: false,
    events: events.map((event, seq) => ({ ...event, seq, t: seq })),
  });
  expect([now.status, openSignals(now)]).toEqual(['running', []]);
});
