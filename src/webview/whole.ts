import type { DocumentChanges, HostMessage, SentMessage } from './protocol/messages.ts';

type Document = Extract<HostMessage, { type: 'document' }>;

/**
 * Puts documents together: the host sends a text once, then what has changed of it.
 *
 * @param again asks for everything anew, where a change does not belong to the text that is here.
 */
export function wholeDocuments(receive: (message: HostMessage) => void, again: () => void): (message: SentMessage) => void {
  let known: Document | undefined;
  return (message) => {
    if (message.type !== 'changes') {
      if (message.type === 'document') known = message;
      return receive(message);
    }
    // Before the first document, which is on its way and has the changes in it.
    if (!known) return;
    const text = known.version === message.base ? changed(known.text, message) : undefined;
    known = text?.length === message.length ? { ...known, text, version: message.version } : undefined;
    if (known) receive(known);
    else again();
  };
}

/** Each change says where it stands in what the ones before it left. */
function changed(text: string, { changes }: DocumentChanges): string {
  return changes.reduce((now, { offset, length, newText }) => now.slice(0, offset) + newText + now.slice(offset + length), text);
}
