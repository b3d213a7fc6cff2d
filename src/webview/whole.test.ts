import { expect, it } from 'vitest';
import type { HostMessage, SentMessage } from './protocol/messages.ts';
import { wholeDocuments } from './whole.ts';

const document = { type: 'document', text: 'one two three', version: 4, fileName: 'a.flow.json', readonly: false } as const;
const changes = { type: 'changes', base: 4, version: 5, length: 9, changes: [{ offset: 3, length: 4, newText: '' }] } as const;

function told(...messages: SentMessage[]) {
  const received: HostMessage[] = [];
  let asked = 0;
  const take = wholeDocuments(
    (message) => received.push(message),
    () => {
      asked += 1;
    },
  );
  for (const message of messages) take(message);
  return { received, asked };
}

it('a document that changes is whole at every version', () => {
  const next = {
    ...changes,
    base: 5,
    version: 6,
    length: 12,
    changes: [
      { offset: 9, length: 0, newText: '!' },
      { offset: 0, length: 1, newText: 'ten' },
    ],
  };
  const { received, asked } = told(document, changes, next);
  expect(received).toEqual([document, { ...document, text: 'one three', version: 5 }, { ...document, text: 'tenne three!', version: 6 }]);
  expect(asked).toBe(0);
});

it.each([
  ['of another version', { ...changes, base: 3 }],
  ['that leaves another length', { ...changes, length: 10 }],
])('a change %s is not taken, and everything is asked for once', (_, wrong) => {
  const { received, asked } = told(document, wrong, { ...changes, base: 5, version: 6 });
  expect(received).toEqual([document]);
  expect(asked).toBe(1);
});

it('what comes before the first document is in it; other messages go through', () => {
  const mode = { type: 'command', command: 'fit' } as const;
  expect(told(changes, mode, document)).toEqual({ received: [mode, document], asked: 0 });
});
