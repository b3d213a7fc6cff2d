/** What is asked about a text of a flow while it is being typed in a form or an editor of its own. A draft is read as if it stood there already. */
import { planEdits } from '../../engine/format/edits.ts';
import { locateNode } from '../../engine/format/graph.ts';
import type { Json, JsonPath } from '../../engine/format/json.ts';
import { completeExpression } from '../../engine/format/language/complete-expression.ts';
import type { Completion } from '../../engine/format/language/completion.ts';
import { FlowText } from '../../engine/format/language/flow-text.ts';
import { lintFlow } from '../../engine/format/lint.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import type { LintFiles } from '../../engine/format/reading.ts';
import { scanReferences } from '../../engine/format/references.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { previewPlaceOf } from '../../engine/run/preview.ts';
import type { Completed } from '../../webview/protocol/ask.ts';
import type { CheckedDraft, Draft } from './language-protocol.ts';

/** No more is offered. */
const MOST_OFFERED = 50;

/** The flow without the draft: its text, and the files beside it. */
interface Source {
  text: string;
  files: LintFiles;
}

/** The flow with a draft in it: its text, and the path of the drafted value. */
type Drafted = { text: string; path: JsonPath } | { problem: string };

function drafted({ node, path: at, value }: Draft, text: string): Drafted {
  const plan = planEdits(text, [{ kind: 'setParam', node, path: at, value: value as Json }], { catalog, scan: scanReferences });
  if (!plan.ok) return { problem: `${plan.problem.message} ${plan.problem.hint}`.trim() };
  const { flow } = parseFlow(plan.text, catalog);
  const located = flow && locateNode(flow, node);
  return located ? { text: plan.text, path: [...located.path, ...at] } : { problem: 'The flow has to be valid first.' };
}

/** The expression of a draft, and what is known of where it stands. */
function expressionOf(flow: Drafted, files: LintFiles) {
  const read = 'problem' in flow ? undefined : FlowText.read(flow.text, catalog, files);
  if ('problem' in flow || !read) return undefined;
  // Of `{"$expr": …}` and `{"message": …}` the value around them is drafted.
  const found = [[], ['$expr'], ['message']].map((more) => read.expressionAt([...flow.path, ...more])).find((it) => it !== undefined);
  return found && { ...found, reading: read.reading };
}

/** The problems that the flow would have at the place of the draft, and where its expression stands. */
export function checkDraft(draft: Draft, source: Source): CheckedDraft {
  const { flow } = parseFlow(source.text, catalog);
  const after = drafted(draft, source.text);
  const inBody = expressionOf(after, source.files)?.at.inBody === true;
  return { problems: problemsOf(after, source.files), ...(flow && { place: previewPlaceOf(flow, draft.node, inBody) }) };
}

function problemsOf(flow: Drafted, files: LintFiles): CheckedDraft['problems'] {
  if ('problem' in flow) return [{ severity: 'error', text: flow.problem }];
  const parsed = parseFlow(flow.text, catalog);
  const problems = [...parsed.problems, ...lintFlow(parsed, catalog, files)];
  return problems
    .filter((problem) => flow.path.every((part, index) => problem.path[index] === part))
    .map(({ severity, message, hint }) => ({ severity, text: `${message} ${hint}`.trim() }));
}

/** What may be written at an offset of a draft: what begins with the word in front of it, then what has that word inside. */
export function completeDraft(draft: Draft, offset: number, source: Source): Completed[] {
  const found = expressionOf(drafted(draft, source.text), source.files);
  if (!found) return [];
  const { field, at, reading } = found;
  const { text } = draft.expression;
  const rank = ({ label, filter, replace }: Completion): number => {
    const place = (filter ?? label).toLowerCase().indexOf(text.slice(replace.offset, offset).toLowerCase());
    return place < 0 ? 2 : Math.min(place, 1);
  };
  return completeExpression(text, offset, { reading, at, kind: draft.expression.kind, secrets: field.secrets })
    .filter((item) => rank(item) < 2 && item.insert !== text.slice(item.replace.offset, item.replace.offset + item.replace.length))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST_OFFERED)
    .map(({ label, insert, replace, detail, about, caret, continues }) => ({
      label,
      about: detail ?? about ?? '',
      text: insert,
      from: replace.offset,
      to: replace.offset + replace.length,
      caret: caret ?? insert.length,
      goesOn: continues === true,
    }));
}

/** The text at `path` of a node; empty where there is none yet. Undefined: there is no such node, or something else stands there. */
export function textIn(text: string, node: string, path: readonly (string | number)[]): string | undefined {
  const { flow } = parseFlow(text, catalog);
  let at = flow && (locateNode(flow, node)?.node as Json | undefined);
  if (at === undefined) return undefined;
  for (const part of path) {
    if (at === undefined || at === null || typeof at !== 'object') return undefined;
    at = Object.hasOwn(at, part) ? (at as Record<string | number, Json>)[part] : undefined;
  }
  return at === undefined ? '' : typeof at === 'string' ? at : undefined;
}
