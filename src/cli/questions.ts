/** Asking a person at the prompt: shows exactly what the answer covers, and takes only answers the question knows. */
import type { Json } from '../engine/format/json.ts';
import { payloadOf } from '../engine/format/json.ts';
import type { SignalReply } from '../engine/run/events.ts';
import type { SignalView } from '../engine/run/view.ts';
import type { Titles } from './progress/progress.ts';
import { titleOf } from './progress/progress.ts';
import type { Terminal } from './terminal.ts';
import { harmless, indent, oneLine, shorten } from './text.ts';

/** `park`: the person would rather decide later. `interrupt`: Ctrl+C. `aborted`: somebody else answered. */
export type Answer = { reply: SignalReply } | 'park' | 'interrupt' | 'aborted';

export interface QuestionTools {
  terminal: Terminal;
  titles: Titles;
  by: string;
  now(): number;
  /** The model that a live reply would come from; undefined: none is configured. */
  defaultModel(): Promise<string | undefined>;
}

interface Choice {
  key: string;
  label: string;
  decision: string | undefined;
}

const PARK: Choice = { key: 'l', label: 'decide later', decision: undefined };

export async function askQuestion(tools: QuestionTools, signal: SignalView, aborted: AbortSignal): Promise<Answer> {
  const { terminal } = tools;
  terminal.print(describeQuestion(tools, signal));
  if (signal.request.kind === 'reply') return await askReply(tools, aborted);
  const choices = await choicesOf(tools, signal);
  const prompt = `${choices.map(({ key, label }) => label.replace(key, `[${key}]`)).join('  ')} › `;
  for (;;) {
    const answer = await terminal.ask(prompt, aborted);
    if ('none' in answer) return answer.none === 'end' ? 'park' : answer.none;
    const typed = answer.line.trim().toLowerCase();
    const choice = choices.find(({ key, label }) => typed === key || (typed.length > 1 && label.startsWith(typed)));
    if (!choice) continue;
    if (choice.decision === undefined) return 'park';
    return await complete(tools, choice.decision, aborted);
  }
}

/** The question as it is put to people, here and in `belay show`. */
export function describeQuestion({ terminal, titles }: Pick<QuestionTools, 'terminal' | 'titles'>, { request, node }: SignalView): string {
  const rule = terminal.style('dim', '─'.repeat(Math.min(terminal.columns, 72)));
  const heading = terminal.style('bold', shorten(`${KINDS[request.kind]}: ${oneLine(request.title)}`, terminal.columns));
  const parts = [
    rule,
    heading,
    ...(node === '' ? [] : [terminal.style('dim', `node ${node} (${titleOf(titles, node)})`)]),
    '',
    harmless(request.message),
  ];
  const show = (label: string, value: Json | undefined): void => {
    if (value !== undefined) parts.push('', terminal.style('bold', label), indent(readable(value), '  '));
  };
  switch (request.kind) {
    case 'approval':
      show('What is approved', request.details);
      break;
    case 'gate':
      show(`What will be used (effect: ${request.effect})`, request.args);
      break;
    case 'inDoubt':
      show(`What was under way (effect: ${request.effect})`, request.args);
      break;
    case 'reply':
    case 'recordingMissing':
      show('System', request.system);
      show('Prompt', request.prompt);
      show('The reply has to be JSON that matches', request.schema);
      break;
    case 'signal':
      show('What comes with it has to match', request.schema);
      break;
    case 'budget':
    case 'consent':
      break;
    default:
      return request satisfies never;
  }
  if ('untrusted' in request && request.untrusted) {
    parts.push('', terminal.style('yellow', 'Some of this comes from outside (a model, a file, a command or the web): read it with care.'));
  }
  parts.push(rule);
  return parts.join('\n');
}

const MOST_SHORT = 160;

/** What is waited for, in a line: the signal by its name, a question with what it is about. */
export function questionInShort(request: SignalView['request']): string {
  if (request.kind === 'signal') return `the signal ${JSON.stringify(oneLine(request.name))}`;
  const kind = KINDS[request.kind];
  return shorten(`${kind}${kind.endsWith('?') ? '' : ':'} ${oneLine(request.message)}`, MOST_SHORT);
}

const KINDS: { readonly [K in SignalView['request']['kind']]: string } = {
  approval: 'Approval',
  gate: 'Before this step runs',
  reply: 'Answer this prompt',
  recordingMissing: 'Not in the recording',
  consent: 'May this model be used?',
  inDoubt: 'Did this happen?',
  signal: 'Waits for a signal',
  budget: 'A budget is used up',
};

/**
 * JSON as people read it. A text of several lines stands behind a bar, so that nothing in it can pass for another value.
 */
function readable(value: Json): string {
  if (typeof value === 'string') return value.includes('\n') ? indent(harmless(value), '│ ') : harmless(value);
  if (value === null || typeof value !== 'object') return String(value);
  const entries = Array.isArray(value)
    ? value.map((item) => ['-', item] as const)
    : Object.entries(value).map(([key, item]) => [`${oneLine(key)}:`, item] as const);
  if (entries.length === 0) return Array.isArray(value) ? '(empty list)' : '(empty)';
  return entries
    .map(([label, item]) => {
      const text = readable(item);
      const below = text.includes('\n') || text.startsWith('│') || (item !== null && typeof item === 'object');
      return below ? `${label}\n${indent(text, '  ')}` : `${label} ${text}`;
    })
    .join('\n');
}

async function choicesOf(tools: QuestionTools, { request }: SignalView): Promise<Choice[]> {
  switch (request.kind) {
    case 'approval':
    case 'gate':
    case 'consent':
      return [{ key: 'a', label: 'approve', decision: 'approved' }, { key: 'r', label: 'reject', decision: 'rejected' }, PARK];
    case 'inDoubt':
      return [
        { key: 'h', label: 'it happened', decision: 'happened' },
        { key: 't', label: 'try again', decision: 'retry' },
        { key: 'a', label: 'abort', decision: 'abort' },
        PARK,
      ];
    case 'recordingMissing': {
      const model = await tools.defaultModel();
      return [
        ...(model === undefined ? [] : [{ key: 'm', label: `ask the model (${model})`, decision: 'live' }]),
        { key: 'h', label: 'answer by hand', decision: 'byHand' },
        ...(request.recordedTemplate === undefined ? [] : [{ key: 'r', label: 'restore the recorded prompt', decision: 'restore' }]),
        PARK,
      ];
    }
    case 'budget':
      return [{ key: 'm', label: 'go on with as much again', decision: 'more' }, { key: 's', label: 'stop', decision: 'stop' }, PARK];
    case 'signal':
      return [{ key: 's', label: 'it is there', decision: 'received' }, PARK];
    case 'reply':
      return [];
    default:
      return request satisfies never;
  }
}

async function complete(tools: QuestionTools, decision: string, aborted: AbortSignal): Promise<Answer> {
  const reply = { decision, by: tools.by, at: tools.now() };
  if (decision === 'rejected') {
    const reason = await tools.terminal.ask('Reason (may be empty) › ', aborted);
    if ('none' in reason) return reason.none === 'end' ? { reply } : reason.none;
    const text = reason.line.trim();
    return { reply: text === '' ? reply : { ...reply, reason: text } };
  }
  if (decision === 'received') return await askPayload(tools, aborted);
  const model = decision === 'live' ? await tools.defaultModel() : undefined;
  return { reply: model === undefined ? reply : { ...reply, value: model } };
}

/** A payload that does not match is refused by the engine; the question is then asked anew. */
async function askPayload(tools: QuestionTools, aborted: AbortSignal): Promise<Answer> {
  const answer = await tools.terminal.ask('What came with it, as JSON (may be empty) › ', aborted);
  if ('none' in answer) return answer.none === 'end' ? 'park' : answer.none;
  const value = payloadOf(answer.line);
  return { reply: { decision: 'received', by: tools.by, at: tools.now(), ...(value === undefined ? {} : { value }) } };
}

async function askReply(tools: QuestionTools, aborted: AbortSignal): Promise<Answer> {
  tools.terminal.print('Write the reply. A line with a single dot ends it; Ctrl+D at once decides later.');
  for (;;) {
    const answer = await tools.terminal.askLines('', aborted);
    if ('none' in answer) return answer.none === 'end' ? 'park' : answer.none;
    if (answer.text.trim() === '') {
      tools.terminal.print('The reply is empty; write something, or press Ctrl+D.');
      continue;
    }
    return { reply: { decision: 'replied', by: tools.by, at: tools.now(), value: answer.text } };
  }
}
