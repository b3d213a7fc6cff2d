import { BelayError } from '../../errors.ts';
import type { NodeExecutor } from '../executor.ts';
import { text } from '../params.ts';

export const approvalExecutor: NodeExecutor = {
  type: 'approval',
  async run(params, context) {
    const message = text(params.message, 'message');
    const shown = params.show === undefined ? {} : { details: params.show };
    const reply = await context.ask('approval', {
      kind: 'approval',
      title: context.title,
      message,
      ...shown,
      argsHash: context.hash({ message, ...shown }),
      untrusted: context.trust === 'untrusted',
    });
    if (reply === undefined) return { outlet: 'timedOut', output: { decision: 'timedOut', by: 'time-out', reason: null } };
    const { decision } = reply;
    if (decision !== 'approved' && decision !== 'rejected') {
      throw new BelayError('DECISION_UNKNOWN', `"${decision}" is no answer to an approval.`, {
        hint: 'Answer with approved or rejected.',
        kind: 'badRequest',
      });
    }
    return { outlet: decision, output: { decision, by: reply.by, reason: reply.reason ?? null } };
  },
};
