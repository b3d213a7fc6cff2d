/** State in memory: the disk of a test, shared by the hosts it is given to. */
import type { StateAddress, StateDocument } from '../nodes/state/document.ts';
import { applyChange, changed, EMPTY } from '../nodes/state/document.ts';
import type { State } from '../ports.ts';

export class MemoryState implements State {
  readonly documents = new Map<string, StateDocument>();

  async read(address: StateAddress): Promise<StateDocument> {
    return this.documents.get(JSON.stringify(address)) ?? EMPTY;
  }

  async change(...[address, change, writer]: Parameters<State['change']>): ReturnType<State['change']> {
    const document = await this.read(address);
    const made = changed(document, writer.id);
    if (made) return made;
    const next = applyChange(document, change, writer);
    this.documents.set(JSON.stringify(address), next.document);
    return next.result;
  }
}
