/** A run of this window: its journal root (absolute) and its id. */
export interface RunRef {
  root: string;
  id: string;
}

/** The same for the same run, and for no other. */
export function refKey(ref: RunRef): string {
  return `${ref.root}\n${ref.id}`;
}
