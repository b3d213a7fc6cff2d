/** Letting a model write a flow: what it writes is read, mended, checked, and sent back with its problems, a bounded number of times. */
import { applyTextEdits } from '../../engine/format/edits.ts';
import { fixAll } from '../../engine/format/fix.ts';
import { formatFlow } from '../../engine/format/language/format.ts';
import type { NodeCatalog } from '../../engine/format/manifest.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { scanReferences } from '../../engine/format/references.ts';
import type { ModelMessage } from '../../engine/ports.ts';

/** How often a draft is sent back. */
export const MOST_REPAIRS = 4;
/** So many problems are told at a time: the first ones are often the cause of the rest. */
const MOST_TOLD = 12;

export interface Drafting {
  catalog: NodeCatalog;
  /** One reply of the model, whole. */
  ask(messages: readonly ModelMessage[]): Promise<string>;
  /** Everything the parser and the linter say of a text. */
  check(text: string): Problem[];
  /** Before a draft is sent back. `problems`: none, where the reply held no flow. */
  onRepair?(problems: readonly Problem[]): void;
}

export interface Drafted {
  /** The best of the drafts: with the fewest errors, then the fewest warnings. Undefined: no reply held a flow. */
  text: string | undefined;
  /** What is left of errors and warnings; none: it lints clean. */
  problems: Problem[];
  /** What the model said last, whole. */
  said: string;
}

/** @param messages the conversation up to the request, which asks for a flow as JSON. */
export async function draftFlow(messages: readonly ModelMessage[], { catalog, ask, check, onRepair }: Drafting): Promise<Drafted> {
  let conversation = [...messages];
  const best: Drafted = { text: undefined, problems: [], said: '' };
  for (let repair = 0; ; repair += 1) {
    best.said = await ask(conversation);
    const written = flowIn(best.said);
    const draft = written === undefined ? undefined : tidied(written, check, catalog);
    if (draft && (best.text === undefined || weight(draft.problems) < weight(best.problems))) Object.assign(best, draft);
    if (draft?.problems.length === 0 || repair === MOST_REPAIRS) return best;
    onRepair?.(draft?.problems ?? []);
    conversation = [
      ...messages,
      { role: 'assistant', content: draft?.text ?? best.said },
      { role: 'user', content: draft ? complaint(draft.problems) : 'That is no flow. Answer with the flow alone: one JSON object.' },
    ];
  }
}

/** What can be mended without thinking is mended. */
export function mended(text: string, check: (text: string) => Problem[], catalog: NodeCatalog): { text: string; problems: Problem[] } {
  const fixed = fixAll(text, check, { catalog, scan: scanReferences });
  return { text: fixed.text, problems: fixed.problems.filter(counts) };
}

/** The same, in the canonical form: for texts that nobody has written by hand. */
function tidied(text: string, check: (text: string) => Problem[], catalog: NodeCatalog): { text: string; problems: Problem[] } {
  const formatted = applyTextEdits(text, formatFlow(text, { unit: '  ' }));
  return mended(formatted, check, catalog);
}

/** Hints for people about what could be better are no reason to send a draft back. */
export function counts({ severity }: Problem): boolean {
  return severity !== 'info';
}

/** The JSON object in a reply: in a fence, or between the first brace and the last. */
export function flowIn(reply: string): string | undefined {
  const fenced = [...reply.matchAll(/```[a-z]*\s*\n([\s\S]*?)\n\s*```/g)]
    .map(([, text = '']) => text.trim())
    .findLast((it) => it.startsWith('{'));
  if (fenced !== undefined) return fenced;
  const from = reply.indexOf('{');
  const to = reply.lastIndexOf('}');
  return from >= 0 && to > from ? reply.slice(from, to + 1) : undefined;
}

function complaint(problems: readonly Problem[]): string {
  const lines = problems.slice(0, MOST_TOLD).map((problem) => `- ${told(problem)}`);
  const more = problems.length > MOST_TOLD ? [`- and ${problems.length - MOST_TOLD} more`] : [];
  return [
    'The flow has these problems:',
    ...lines,
    ...more,
    '',
    'Answer with the whole flow again, mended: one JSON object and nothing else.',
  ].join('\n');
}

/** A problem in a line: where, what, what to do. */
export function told({ code, path, message, hint }: Problem): string {
  const place = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return `${code}${place}: ${message} ${hint}`.trim();
}

function weight(problems: readonly Problem[]): number {
  return problems.reduce((sum, { severity }) => sum + (severity === 'error' ? 1000 : 1), 0);
}
