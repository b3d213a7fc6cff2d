import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { LiveEvent, NewRunEvent, RunEvent } from '../../engine/run/events.ts';
import { emptyView, reduceView } from '../../engine/run/view.ts';
import { Terminal } from '../terminal.ts';
import { LiveProgress } from './live.ts';

const ESCAPE = String.fromCharCode(27);
const PARTS = new RegExp(`(${ESCAPE}\\[[0-9;?]*[A-Za-z]|\\r|\\n)`);
const UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);

/** The lines a terminal would show: enough of one for what is written here. */
function screenOf(output: string): string[] {
  const lines = [''];
  for (const part of output.split(PARTS)) {
    const up = UP.exec(part);
    if (up) lines.splice(lines.length - 1 - Number(up[1]), Number.POSITIVE_INFINITY, '');
    else if (part === '\n') lines.push('');
    else if (!part.startsWith(ESCAPE) && part !== '\r') lines[lines.length - 1] += part;
  }
  return lines;
}

test('what has ended stays, what runs is redrawn below it, and nothing of it steers the terminal', async () => {
  let output = '';
  const collector = new Writable({
    write(text, _encoding, done) {
      output += text;
      done();
    },
  });
  const stdout = Object.assign(collector, { isTTY: true, columns: 60, rows: 20 });
  const terminal = new Terminal({ stdin: new PassThrough(), stdout, stderr: new PassThrough() });
  const progress = new LiveProgress(
    terminal,
    new Map([
      ['read', 'Read it'],
      ['draft', 'Draft the notes'],
      ['other', 'Other'],
    ]),
  );
  const view = emptyView();
  let seq = 0;
  const tell = (event: NewRunEvent | LiveEvent): void => {
    const stamped = event.type.startsWith('live.') ? (event as LiveEvent) : ({ seq: seq++, t: 1000 * seq, ...event } as RunEvent);
    if ('seq' in stamped) reduceView(view, stamped);
    progress.onEvent(stamped, () => view);
  };
  tell({ type: 'node.started', node: 'read' });
  tell({ type: 'node.finished', node: 'read', outlet: 'success', output: null, trust: 'trusted' });
  tell({ type: 'node.started', node: 'draft' });
  tell({ type: 'live.text', node: 'draft', text: 'first line\n\u001b[2Jsecond' });
  tell({ type: 'node.skipped', node: 'other', reason: 'dead' });
  const during = screenOf(output);
  expect(during.slice(0, 2)).toEqual([
    expect.stringMatching(/^✔ Read it +1\.0 s {5}succeeded$/),
    expect.stringMatching(/^– Other .* skipped$/),
  ]);
  expect(during.slice(2)).toEqual([expect.stringMatching(/^● Draft the notes .* running$/), '  │ first line', '  │ \\u{1b}[2Jsecond', '']);
  tell({
    type: 'node.finished',
    node: 'draft',
    outlet: 'failure',
    output: null,
    trust: 'untrusted',
    error: { code: 'MODEL_AUTH', kind: 'auth', message: 'The key was refused, and this message is rather long.', hint: '' },
  });
  progress.end();
  expect(screenOf(output).slice(2)).toEqual([expect.stringMatching(/^✖ Draft the notes .* failed: The key was refused.*…$/), '']);
  for (const line of screenOf(output)) expect(line.length).toBeLessThanOrEqual(60);
});
