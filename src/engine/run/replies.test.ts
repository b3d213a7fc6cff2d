import { describe, expect, test } from 'vitest';
import type { Json } from '../format/json.ts';
import type { SignalRequest } from './events.ts';
import { checkReply } from './replies.ts';

const about = { title: 'T', message: 'M' };
const asked: Record<string, SignalRequest> = {
  approval: { ...about, kind: 'approval', argsHash: '', untrusted: false },
  gate: { ...about, kind: 'gate', effect: 'write', args: null, argsHash: '', untrusted: false, why: 'declared' },
  reply: { ...about, kind: 'reply', prompt: 'p' },
  missing: { ...about, kind: 'recordingMissing', prompt: 'p' },
  edited: { ...about, kind: 'recordingMissing', prompt: 'p', recordedTemplate: 'q' },
  signal: { ...about, kind: 'signal', name: 's' },
  typed: { ...about, kind: 'signal', name: 's', schema: { type: 'object', required: ['paid'] } },
  inDoubt: { ...about, kind: 'inDoubt', effect: 'irreversible', args: null, argsHash: '' },
};

function nested(levels: number): Json {
  let value: Json = 1;
  for (let i = 0; i < levels; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

describe('answers', () => {
  const rows: [question: string, decision: string, value: Json | undefined, fits: boolean][] = [
    ['approval', 'approved', undefined, true],
    ['approval', 'rejected', undefined, true],
    ['approval', 'timedOut', undefined, false],
    ['gate', 'approved', undefined, true],
    ['gate', 'retry', undefined, false],
    ['reply', 'replied', 'text', true],
    ['reply', 'replied', ' ', false],
    ['reply', 'replied', undefined, false],
    ['missing', 'live', 'a/b', true],
    ['missing', 'restore', undefined, false],
    ['edited', 'restore', undefined, true],
    ['inDoubt', 'happened', undefined, true],
    ['inDoubt', 'approved', undefined, false],
    ['signal', 'received', undefined, true],
    ['signal', 'received', [1], true],
    ['signal', 'approved', undefined, false],
    ['signal', 'received', nested(100), true],
    ['signal', 'received', nested(101), false],
    ['signal', 'received', nested(100_000), false],
    ['typed', 'received', { paid: 5 }, true],
    ['typed', 'received', { due: 5 }, false],
    ['typed', 'received', undefined, false],
  ];
  test.each(rows)('%s: %s (%#)', async (question, decision, value, fits) => {
    const check = checkReply(asked[question]!, { decision, by: 'ada', at: 1, ...(value === undefined ? {} : { value }) });
    if (fits) await expect(check).resolves.toBeUndefined();
    else
      await expect(check).rejects.toThrow(expect.objectContaining({ code: 'REPLY_INVALID', hint: expect.stringContaining('Answer with') }));
  });
});
