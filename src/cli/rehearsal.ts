/** What a dry run found out, to be read. */
import type { Json } from '../engine/format/json.ts';
import { isJsonObject } from '../engine/format/json.ts';
import type { AttemptView, NodeView, RunView } from '../engine/run/view.ts';
import type { Titles } from './progress/progress.ts';
import { resultOf, titleOf } from './progress/progress.ts';
import type { Terminal } from './terminal.ts';
import { harmless, indent, oneLine } from './text.ts';

/** Every node with what it would do, in the order in which their turns came. */
export function rehearsalLines(view: RunView, { terminal, titles }: { terminal: Terminal; titles: Titles }): string[] {
  const nodes = Object.values(view.nodes).filter(({ node }) => !node.endsWith(']'));
  const wrong = nodes.filter(({ state }) => state === 'failed').length;
  return [
    ...nodes.flatMap((node) => ['', ...nodeLines(node, view, terminal, titles)]),
    '',
    wrong === 0
      ? terminal.style('green', 'Nothing of this was done.')
      : terminal.style(
          'yellow',
          `Nothing of this was done. ${wrong === 1 ? 'One node' : `${wrong} nodes`} could not be resolved with these values.`,
        ),
  ];
}

function nodeLines(node: NodeView, view: RunView, terminal: Terminal, titles: Titles): string[] {
  const heading = terminal.style('bold', `${titleOf(titles, node.node)} (${node.node})`);
  const questions = view.signals.filter((signal) => signal.node === node.node);
  return [
    node.unreached ? `${heading} ${terminal.style('dim', 'would not be reached with these values')}` : heading,
    ...questions.map(
      ({ request }) =>
        `  would ask ${request.kind === 'signal' ? `for the signal "${request.name}"` : `for a yes: ${oneLine(request.message)}`}`,
    ),
    ...node.attempts.flatMap((attempt) => (attempt.dry ? stepLines(attempt) : [])),
    ...(node.state === 'failed' && node.error ? [`  ${oneLine(node.error.message)} [${node.error.code}]`] : []),
    ...resultLines(node),
  ];
}

function stepLines({ effect, args }: AttemptView): string[] {
  return [`  would do (${effect}):`, indent(harmless(readable(args ?? null)), '    ')];
}

/** A prompt as it would be sent, a command as it would be typed, anything else as JSON. */
function readable(args: Json): string {
  if (!isJsonObject(args)) return JSON.stringify(args);
  const { messages, run, shell, ...rest } = args;
  const more = Object.keys(rest).length === 0 ? [] : [JSON.stringify(rest, null, 2)];
  if (Array.isArray(messages)) {
    return [...messages.map((message) => (isJsonObject(message) ? `${message.role}: ${message.content}` : '')), ...more].join('\n');
  }
  if (Array.isArray(run)) return [`$ ${run.map(quoted).join(' ')}`, ...more].join('\n');
  if (typeof shell === 'string') return [`$ ${shell}`, ...more].join('\n');
  return JSON.stringify(args, null, 2);
}

function quoted(part: Json): string {
  const text = String(part);
  return /^[\w@%+=:,./‹›[\]-]+$/u.test(text) ? text : JSON.stringify(text);
}

function resultLines(node: NodeView): string[] {
  return [`  result, ${resultOf(node)}: ${oneLine(JSON.stringify(node.output ?? null)).slice(0, 200)}`];
}
