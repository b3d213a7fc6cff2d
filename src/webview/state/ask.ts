/** Questions of forms to the host, and their answers. */
import type { AnswerTo, Question } from '../protocol/ask.ts';
import type { HostMessage, WebviewMessage } from '../protocol/messages.ts';

export interface Asker {
  /** Undefined: the host has no answer. */
  ask<Q extends Question>(question: Q): Promise<AnswerTo<Q> | undefined>;
  take(message: Extract<HostMessage, { type: 'answer' }>): void;
}

export function createAsker(post: (message: WebviewMessage) => void): Asker {
  const pending = new Map<number, (answer: Extract<HostMessage, { type: 'answer' }>['answer']) => void>();
  let asked = 0;
  return {
    ask<Q extends Question>(question: Q) {
      asked += 1;
      const id = asked;
      return new Promise<AnswerTo<Q> | undefined>((resolve) => {
        // The number makes it the answer to this question.
        pending.set(id, (answer) => resolve((answer ?? undefined) as AnswerTo<Q> | undefined));
        post({ type: 'ask', id, question });
      });
    },
    take({ id, answer }) {
      pending.get(id)?.(answer);
      pending.delete(id);
    },
  };
}
