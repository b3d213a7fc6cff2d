/** What may be written at a place. Data for every editor: that of VS Code, and the fields of the graph's inspector. */
import type { TextRange } from '../string-offsets.ts';

export type CompletionKind =
  | 'root'
  | 'step'
  | 'input'
  | 'field'
  | 'local'
  | 'filter'
  | 'function'
  | 'tag'
  | 'outlet'
  | 'file'
  | 'flow'
  | 'model'
  | 'agent'
  | 'tool'
  | 'secret';

export interface Completion {
  label: string;
  kind: CompletionKind;
  /** What takes the place of `replace`. */
  insert: string;
  /** In UTF-16 code units of the text that was given. Ends where the cursor stands, or behind it. */
  replace: TextRange;
  /** A few words beside the label: a type, where it comes from. Plain text. */
  detail?: string;
  /** A sentence or two. Plain text, which may have been written by anybody. */
  about?: string;
  /** What is typed is compared with this instead of the label. */
  filter?: string;
  /** Where the cursor goes, from the beginning of `insert`. Default: behind it. */
  caret?: number;
  /** Something has to follow (a dot was inserted): ask again at once. */
  continues?: true;
}
