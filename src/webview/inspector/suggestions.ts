/** What is offered while somebody types into a field. */
import type { Named } from '../protocol/ask.ts';

export interface Suggestion {
  label: string;
  about: string;
  /** Takes the place of what stands from `from` to `to`, offsets in the text of the field in UTF-16 code units. */
  text: string;
  from: number;
  to: number;
  /** Where the cursor goes, in `text`. Default: behind it. */
  caret?: number;
  /** More is offered behind it. */
  goesOn?: boolean;
}

export interface Suggester {
  /** @param caret where the next letter goes */
  suggest(text: string, caret: number): Promise<readonly Suggestion[]>;
  /** Offers everything as soon as the field has the focus: there is a short list of what it may hold. */
  opensAtOnce?: boolean;
}

/** Names that may stand in a field as a whole: those that hold what was typed, those that begin with it first. `length`: of what is there. */
export function namesFor(names: readonly Named[], typed: string, length = typed.length): Suggestion[] {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ name }: Named): number => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return names
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b))
    .map(({ name, about }) => ({ label: name, about, text: name, from: 0, to: length }));
}
