/** Who decides on the command line, for the record. */
import { userInfo } from 'node:os';
import type { Owner } from '../engine/run/events.ts';

export function whoAmI(): string {
  return `${userName()}, command line`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}

const PLACES: { readonly [K in Owner['kind']]: string } = { editor: 'VS Code', cli: 'another command line', test: 'a test' };

export function ownerName(owner: Owner): string {
  return `${PLACES[owner.kind]} (process ${owner.pid})`;
}
