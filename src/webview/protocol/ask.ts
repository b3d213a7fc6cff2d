/** What a form asks the host about, beside the document: each question is answered once, by its number. */
import * as z from 'zod';
import { MOST_ASKED } from './limits.ts';

const node = z.string().max(200);
const path = z
  .array(z.union([z.string(), z.int().min(0)]))
  .min(1)
  .max(50);

/** A value that is being typed, as if it stood at `path` of the node already, and the expression in it. */
const draft = {
  node,
  path,
  value: z.json(),
  expression: z.strictObject({ kind: z.enum(['template', 'condition']), text: z.string().max(MOST_ASKED) }),
};

export const questionSchema = z.discriminatedUnion('about', [
  /** What is wrong with a draft, and what it came out as in the run before. */
  z.strictObject({ about: z.literal('draft'), ...draft }),
  /** What may be written at an offset (in UTF-16 code units) of a draft's expression. */
  z.strictObject({ about: z.literal('completion'), ...draft, offset: z.int().min(0) }),
  /** How a cron expression reads, and when it comes next. */
  z.strictObject({ about: z.literal('cron'), text: z.string().max(200), timeZone: z.string().max(100).optional() }),
  /** Names a `model` may have. */
  z.strictObject({ about: z.literal('models') }),
  /** Names an `agent` may have. */
  z.strictObject({ about: z.literal('agents') }),
  /** Names that tools may have: a single one, or (`lists`) what an agent may use. */
  z.strictObject({ about: z.literal('tools'), lists: z.boolean() }),
  /** What an empty flow can begin with. */
  z.strictObject({ about: z.literal('starts') }),
]);
export type Question = z.infer<typeof questionSchema>;

export interface DraftProblem {
  severity: 'error' | 'warning' | 'info';
  /** What is wrong and what to do next. */
  text: string;
}

/** `value`: what it came out as, cut where it is long. `none`: why there is nothing to show. */
export type Preview = { value: string; isCut: boolean } | { none: string };

export interface Named {
  name: string;
  /** Behind the name, for people. */
  about: string;
}

/** `text` takes the place of what stands from `from` to `to`, offsets in the expression; `caret` is where the cursor goes, in `text`. */
export interface Completed {
  label: string;
  about: string;
  text: string;
  from: number;
  to: number;
  caret: number;
  /** More is offered behind it. */
  goesOn: boolean;
}

/** `chat`: it is asked for there. `icon`: name of a codicon. */
export interface Start {
  id: string;
  kind: 'chat' | 'pattern' | 'example';
  icon: string;
  title: string;
  about: string;
}

export interface Answers {
  starts: Start[];
  completion: Completed[];
  draft: { problems: DraftProblem[]; preview: Preview };
  cron: { words: string; next: string[] } | { problem: string };
  models: Named[];
  agents: Named[];
  tools: Named[];
}
export type AnswerTo<Q extends Question> = Answers[Q['about']];
