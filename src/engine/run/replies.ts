/** Which answers fit which questions. */
import { BelayError } from '../errors.ts';
import type { JsonSchema } from '../format/json.ts';
import { isDeeperThan } from '../format/json.ts';
import { checkSchema } from '../nodes/json-schema.ts';
import type { SignalReply, SignalRequest } from './events.ts';
import { DECISIONS } from './events.ts';

/** What comes from outside is not nested deeper: it goes through the journal, schemas and expressions, all of them recursive. */
const MOST_LEVELS = 100;

/** Throws `REPLY_INVALID`, also where what comes with a signal does not match the schema its node asks for. */
export async function checkReply(request: SignalRequest, reply: SignalReply): Promise<void> {
  const problem = problemWith(request, reply);
  if (problem !== undefined) throw invalid(problem, `Answer with ${DECISIONS[request.kind].join(', ')}.`);
  if (request.kind !== 'signal' || request.schema === undefined) return;
  const problems = await checkSchema(request.schema as JsonSchema, reply.value ?? null, `The schema of the signal "${request.name}"`);
  if (problems.length === 0) return;
  throw invalid(
    `What comes with the signal "${request.name}" does not match its schema: ${problems.map(({ message }) => message).join('; ')}.`,
    'Answer with a payload that matches; the question shows the schema.',
  );
}

function invalid(message: string, hint: string): BelayError {
  return new BelayError('REPLY_INVALID', message, { hint, kind: 'badRequest' });
}

export function isTooDeep({ value }: SignalReply): boolean {
  return value !== undefined && isDeeperThan(value, MOST_LEVELS);
}

export function problemWith(request: SignalRequest, reply: SignalReply): string | undefined {
  if (isTooDeep(reply)) return `What comes with the answer is nested more than ${MOST_LEVELS} deep.`;
  if (!DECISIONS[request.kind].includes(reply.decision)) return `"${reply.decision}" is no answer to this question.`;
  if (request.kind === 'recordingMissing' && reply.decision === 'restore' && request.recordedTemplate === undefined) {
    return 'There is no recorded prompt to restore.';
  }
  if (request.kind === 'reply' && (typeof reply.value !== 'string' || reply.value.trim() === '')) return 'The reply is empty.';
  return undefined;
}
