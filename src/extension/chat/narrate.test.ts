import { describe, expect, test } from 'vitest';
import type { LiveEvent, NewRunEvent, RunEvent } from '../../engine/run/events.ts';
import { block, code, Narrator, plain, type Telling } from './narrate.ts';

const titles = new Map([['draft', 'Draft it']]);
type Told = NewRunEvent | LiveEvent;
/** What is said of these events: a kind, and its words. */
function said(telling: Telling, events: readonly Told[]): string[] {
  const narrator = new Narrator(telling, titles);
  return events
    .flatMap((event, seq) =>
      narrator.tell(('seq' in event || event.type.startsWith('live.') ? event : { seq, t: seq * 1000, ...event }) as RunEvent | LiveEvent),
    )
    .map((it) => `${it.is} ${'text' in it ? it.text : 'key' in it ? it.key : it.outcome}`);
}
const started = (node: string): Told => ({ type: 'node.started', node });
const finished = (node: string, output: NonNullable<unknown>, more: object = {}): Told =>
  ({ type: 'node.finished', node, outlet: 'success', output, trust: 'untrusted', ...more }) as Told;
const text = (words: string): Told => ({ type: 'live.text', node: 'answer', text: words });
const action = (step: string, tool: string, args: object): Told =>
  ({
    type: 'step.started',
    node: 'answer',
    step,
    attempt: 1,
    effect: 'read',
    idempotencyKey: step,
    args: { tool, arguments: args },
  }) as Told;
const done = (step: string, error?: object): Told =>
  ({ type: 'step.finished', node: 'answer', step, attempt: 1, ...(error ? { error } : {}) }) as Told;
const error = { code: 'X', kind: 'unknown', message: 'It broke.', hint: 'Mend it.' };

describe('an agent', () => {
  test('its words are the answer, as they come and once', () => {
    expect(said('agent', [started('answer'), text('Hel'), text('lo.'), finished('answer', { text: 'Hello.' })])).toEqual([
      'doing Thinking…',
      'text Hel',
      'text lo.',
    ]);
  });
  test('an answer that nobody saw being written is given whole', () => {
    expect(said('agent', [finished('answer', { text: 'Hello.' })])).toEqual(['text Hello.']);
  });
  test('its actions are listed, and JSON that is one is not shown', () => {
    const events = [
      text(' {"tool":'),
      text('1}'),
      action('a', 'files/read', { path: 'a.md' }),
      done('a'),
      { type: 'live.reset', node: 'answer' } as Told,
      text('Done.'),
    ];
    expect(said('agent', events)).toEqual(['doing files/read {"path":"a.md"}', 'done $(check) `files/read {"path":"a.md"}`', 'text Done.']);
  });
  test('what fails says why', () => {
    expect(said('agent', [action('a', 'search', {}), done('a', error)]).at(-1)).toBe(
      'done $(error) `search`: It broke\\.'.replace('\\.', '.'),
    );
  });
});

describe('a flow', () => {
  test('its steps are listed with their time, bodies with their pass', () => {
    expect(
      said('flow', [started('draft'), text('not shown'), finished('draft', 'x'), finished('improve[2]/draft', 'x', { error })]),
    ).toEqual(['doing Draft it…', 'done $(check) **Draft it** · 2.0 s', 'done $(error) **Draft it \\(pass 3\\)**: It broke.']);
  });
  test('a long run does not fill the chat', () => {
    const many = Array.from({ length: 100 }, (_, index) => finished(`n${index}`, 'x'));
    expect(said('flow', many).length).toBe(41);
  });
  test('its questions and its end', () => {
    const request = { kind: 'approval', title: 'Go?', message: 'Go on?', argsHash: 'h', untrusted: false };
    const events = [
      { type: 'signal.requested', node: 'ask', key: 'ask/approval', request },
      { type: 'signal.received', node: 'ask', key: 'ask/approval', reply: { decision: 'approved', by: 'ada', at: 1 } },
      { type: 'run.finished', outcome: 'succeeded' },
    ] as Told[];
    expect(said('flow', events)).toEqual(['asks ask/approval', 'answered ask/approval', 'ended succeeded']);
  });
});

test.each([
  [plain('a [link](command:x) `b` $(bug)'), 'a \\[link\\]\\(command:x\\) \\`b\\` \\$\\(bug\\)'],
  [code('a `b` c'), '`` a `b` c ``'],
  [code('plain'), '`plain`'],
  [block('a\n```\nb'), '````\na\n```\nb\n````'],
])('words of others stay words: %s', (text, expected) => expect(text).toBe(expected));
