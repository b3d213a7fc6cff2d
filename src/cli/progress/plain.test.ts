import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { NewRunEvent, RunEvent } from '../../engine/run/events.ts';
import { Terminal } from '../terminal.ts';
import { PlainProgress } from './plain.ts';

const started = (node: string): NewRunEvent => ({ type: 'node.started', node });
const finished = (node: string): NewRunEvent => ({ type: 'node.finished', node, outlet: 'success', output: null, trust: 'trusted' });
const step = { node: 'draft', step: 'draft/model', attempt: 1 };
const replied: NewRunEvent[] = [
  { type: 'step.started', ...step, effect: 'read', idempotencyKey: 'k' },
  { type: 'step.finished', ...step, output: 'text', recorded: true },
];

test.each([
  { title: 'its time counts from the beginning', before: [started('draft')], line: 'draft: succeeded in 1.0 s' },
  { title: 'a reply from before is told', before: [started('draft'), ...replied], line: 'draft: succeeded (recorded reply) in 3.0 s' },
  { title: 'others are left out', before: [started('read'), finished('read'), started('draft')], line: 'draft: succeeded in 1.0 s' },
  {
    title: 'a pass that came again begins anew',
    before: [started('draft'), ...replied, finished('draft'), started('draft')],
    line: 'draft: succeeded in 1.0 s',
  },
])('of a node that had begun before anybody watched, $title', ({ before, line }) => {
  const stdout = new PassThrough();
  const stamped = [...before, finished('draft')].map((event, seq): RunEvent => ({ ...event, seq, t: 1000 * seq }));
  const terminal = new Terminal({ stdin: new PassThrough(), stdout, stderr: new PassThrough() });
  const progress = new PlainProgress(terminal, new Map(), stamped.slice(0, -1));
  for (const event of stamped.slice(-1)) progress.onEvent(event);
  expect(String(stdout.read())).toBe(`${line}\n`);
});
