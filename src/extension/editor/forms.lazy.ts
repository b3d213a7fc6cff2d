/** What forms want to know while somebody types: the linter's word on a draft, a value of the run before, how a schedule reads. */
import * as path from 'node:path';
import { Cron } from 'croner';
import cronstrue from 'cronstrue';
import { agentFaults } from '../../engine/agents/check.ts';
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
import { knownTools } from '../../engine/format/tool-names.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { redactor } from '../../engine/policy/redact.ts';
import { previewOf } from '../../engine/run/preview.ts';
import type { RunView } from '../../engine/run/view.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { Answers, Completed, DraftProblem, Named, Preview, Question } from '../../webview/protocol/ask.ts';

type Draft = Pick<Extract<Question, { about: 'draft' }>, 'node' | 'path' | 'value' | 'expression'>;

/** Longer values are cut. UTF-16 code units. */
const MOST_SHOWN = 4000;
/** How many moments of a schedule are told. */
const NEXT = 5;

interface FlowFile {
  text: string;
  /** Absolute: where the flow stands, for the files beside it; `root` confines those. */
  file: string;
  root: string;
}

/** No more is offered. */
const MOST_OFFERED = 50;

/** The flow with a draft in it: its text, and the path of the drafted value. */
function drafted({ node, path: at, value }: Draft, text: string): { text: string; path: JsonPath } | { problem: string } {
  const plan = planEdits(text, [{ kind: 'setParam', node, path: at, value: value as Json }], { catalog, scan: scanReferences });
  if (!plan.ok) return { problem: `${plan.problem.message} ${plan.problem.hint}`.trim() };
  const { flow } = parseFlow(plan.text, catalog);
  const located = flow && locateNode(flow, node);
  return located ? { text: plan.text, path: [...located.path, ...at] } : { problem: 'The flow has to be valid first.' };
}

function filesOf({ file, root }: Pick<FlowFile, 'file' | 'root'>): LintFiles {
  return {
    readPrompt: (relative) => readBeside(root, path.dirname(file), relative),
    agent: (name) => agentFaults(name, { read: (it) => readBeside(root, root, it) }),
    self: path.basename(file),
  };
}

/** The tools that a flow can name, as far as they are known without asking a server. */
export function toolsOf(text: string, lists: boolean): Named[] {
  return knownTools(Object.keys(parseFlow(text, catalog).flow?.mcpServers ?? {}), lists);
}

/** The problems that the flow would have at the place of the draft. */
export function draftProblems(draft: Draft, file: FlowFile): DraftProblem[] {
  const flow = drafted(draft, file.text);
  if ('problem' in flow) return [{ severity: 'error', text: flow.problem }];
  const parsed = parseFlow(flow.text, catalog);
  const problems = [...parsed.problems, ...lintFlow(parsed, catalog, filesOf(file))];
  return problems
    .filter((problem) => flow.path.every((part, index) => problem.path[index] === part))
    .map(({ severity, message, hint }) => ({ severity, text: `${message} ${hint}`.trim() }));
}

/** The expression of a draft, and what is known of where it stands. */
function expressionOf(draft: Draft, file: FlowFile) {
  const flow = drafted(draft, file.text);
  const read = 'problem' in flow ? undefined : FlowText.read(flow.text, catalog, filesOf(file));
  if ('problem' in flow || !read) return undefined;
  // Of `{"$expr": …}` and `{"message": …}` the value around them is drafted.
  const found = [[], ['$expr'], ['message']].map((more) => read.expressionAt([...flow.path, ...more])).find((it) => it !== undefined);
  return found && { ...found, reading: read.reading };
}

/** What may be written at an offset of a draft: what begins with the word in front of it, then what has that word inside. */
export function completeDraft(draft: Draft & { offset: number }, file: FlowFile): Completed[] {
  const found = expressionOf(draft, file);
  if (!found) return [];
  const { field, at, reading } = found;
  const { text } = draft.expression;
  const rank = ({ label, filter, replace }: Completion): number => {
    const place = (filter ?? label).toLowerCase().indexOf(text.slice(replace.offset, draft.offset).toLowerCase());
    return place < 0 ? 2 : Math.min(place, 1);
  };
  return completeExpression(text, draft.offset, { reading, at, kind: draft.expression.kind, secrets: field.secrets })
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

/** What the expression came out as in a run, without secrets. */
export async function previewDraft(
  draft: Draft,
  { view, whole, known, ...file }: FlowFile & { view: RunView; whole(value: Json): Promise<Json>; known: Iterable<string> },
): Promise<Preview> {
  const { flow } = parseFlow(file.text, catalog);
  if (!flow) return { none: 'The flow has to be valid first.' };
  const { node, expression } = draft;
  const inBody = expressionOf(draft, file)?.at.inBody === true;
  const result = await previewOf(expression, { node, inBody }, { flow, view, whole });
  if ('none' in result) return result;
  const { value } = result;
  const shown = redactor(known)(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  return { value: shown.slice(0, MOST_SHOWN), isCut: shown.length > MOST_SHOWN };
}

/** Five fields, or six with seconds in front. Moments as people of the time zone read them. */
export function readCron({ text, timeZone }: { text: string; timeZone?: string | undefined }, now = new Date()): Answers['cron'] {
  const zone = timeZone === undefined || timeZone === '' ? {} : { timezone: timeZone };
  try {
    const words = cronstrue.toString(text, { use24HourTimeFormat: true });
    const moments = new Cron(text, { ...zone, paused: true, mode: '5-or-6-parts' }).nextRuns(NEXT, now);
    const format = new Intl.DateTimeFormat('en-GB', {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
      ...(zone.timezone === undefined ? {} : { timeZone: zone.timezone }),
    });
    return { words, next: moments.map((moment) => format.format(moment)) };
  } catch (thrown) {
    const said = (thrown instanceof Error ? thrown.message : String(thrown)).replace(/^(CronPattern|Error): ?/, '');
    return { problem: `${said.replace(/\.?$/, '.')} Expected five fields: minute, hour, day, month, weekday, such as 0 7 * * 1-5.` };
  }
}
