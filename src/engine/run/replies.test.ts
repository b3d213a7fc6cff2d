import { describe, expect, test } from 'vitest';
import type { SignalRequest } from './events.ts';
import { checkReply } from './replies.ts';

const about = { title: 'T', message: 'M' };
const asked: Record<string, SignalRequest> = {
  approval: { ...about, kind: 'approval', argsHash: '', untrusted: false },
  gate: { ...about, kind: 'gate', effect: 'write', args: null, argsHash: '', untrusted: false, why: 'declared' },
  reply: { ...about, kind: 'reply', prompt: 'p' },
  missing: { ...about, kind: 'recordingMissing', prompt: 'p' },
  edited: { ...about, kind: 'recordingMissing', prompt: 'p', recordedTemplate: 'q' },
  inDoubt: { ...about, kind: 'inDoubt', effect: 'irreversible', args: null, argsHash: '' },
};

describe('answers', () => {
  const rows: [question: string, decision: string, value: string | undefined, fits: boolean][] = [
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
  ];
  test.each(rows)('%s: %s (%s)', (question, decision, value, fits) => {
    const check = (): void => checkReply(asked[question]!, { decision, by: 'ada', at: 1, ...(value === undefined ? {} : { value }) });
    if (fits) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'REPLY_INVALID', hint: expect.stringContaining('Answer with') }));
  });
});
