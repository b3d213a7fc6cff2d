/** Which answers fit which questions. */
import { BelayError } from '../errors.ts';
import type { SignalReply, SignalRequest } from './events.ts';
import { DECISIONS } from './events.ts';

/** Throws `REPLY_INVALID`. */
export function checkReply(request: SignalRequest, reply: SignalReply): void {
  const problem = problemWith(request, reply);
  if (problem === undefined) return;
  throw new BelayError('REPLY_INVALID', problem, { hint: `Answer with ${DECISIONS[request.kind].join(', ')}.`, kind: 'badRequest' });
}

export function problemWith(request: SignalRequest, reply: SignalReply): string | undefined {
  if (!DECISIONS[request.kind].includes(reply.decision)) return `"${reply.decision}" is no answer to this question.`;
  if (request.kind === 'recordingMissing' && reply.decision === 'restore' && request.recordedTemplate === undefined) {
    return 'There is no recorded prompt to restore.';
  }
  if (request.kind === 'reply' && (typeof reply.value !== 'string' || reply.value.trim() === '')) return 'The reply is empty.';
  return undefined;
}
