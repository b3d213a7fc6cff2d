/** What is said at the end of a run and about runs. */
import type { RunHandle, Runs } from '../engine/run/api.ts';
import type { RunOutcome } from '../engine/run/events.ts';
import type { RunView, SignalView } from '../engine/run/view.ts';
import { openSignals } from '../engine/run/view.ts';
import type { Exit } from './exit-codes.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { askerOf } from './find-run.ts';
import type { Titles } from './progress/progress.ts';
import { titleOf } from './progress/progress.ts';
import { questionInShort } from './questions.ts';
import { rehearsalLines } from './rehearsal.ts';
import { rootOption } from './root.ts';
import type { Terminal } from './terminal.ts';
import { duration, harmless, oneLine } from './text.ts';

interface ReportTools {
  /** The journal root. */
  root: string;
  /** Where the next command will be typed. */
  cwd: string;
  runs: Pick<Runs, 'whole'>;
  terminal: Terminal;
  titles: Titles;
  json: boolean;
  now(): number;
}

const EXITS: { readonly [K in RunOutcome | 'parked']: Exit } = {
  succeeded: 'ok',
  failed: 'failed',
  rejected: 'rejected',
  cancelled: 'cancelled',
  parked: 'parked',
};

/** Says how the run ended and gives the exit that goes with it. */
export async function printEnd(handle: RunHandle, outcome: RunOutcome | 'parked', tools: ReportTools): Promise<Exit> {
  const view = handle.view();
  const exit = EXITS[outcome];
  if (tools.json) {
    const waiting = openSignals(view).map(({ key, node, request }) => ({ key, node, kind: request.kind, title: request.title }));
    tools.terminal.print(JSON.stringify({ type: 'result', run: handle.id, outcome, exitCode: EXIT_CODES[exit].code, waiting }));
    return exit;
  }
  for (const line of endLines(handle.id, view, outcome, tools)) tools.terminal.print(line);
  if (outcome === 'succeeded' && !view.dry) for (const line of await outputLines(handle.id, view, tools.runs)) tools.terminal.print(line);
  return exit;
}

function endLines(id: string, view: RunView, outcome: RunOutcome | 'parked', tools: ReportTools): string[] {
  const { terminal } = tools;
  const elapsed = duration((view.finishedAt ?? tools.now()) - view.createdAt);
  switch (outcome) {
    case 'succeeded':
      if (view.dry) return rehearsalLines(view, tools);
      return [terminal.style('green', `Succeeded in ${elapsed}.`)];
    case 'failed':
      return [
        terminal.style('red', `Failed after ${elapsed}.`),
        ...errorLines(view, tools),
        `Look at it with: belay show ${id}${rootOption(tools.root, tools.cwd)}`,
      ];
    case 'rejected':
      return [terminal.style('yellow', `Rejected after ${elapsed}.`), ...rejectionLines(view)];
    case 'cancelled':
      return [
        terminal.style('yellow', `Cancelled after ${elapsed}.${view.reason ? ` Reason: ${oneLine(view.reason)}` : ''}`),
        ...errorLines(view, tools),
      ];
    case 'parked':
      return parkedLines(id, view, tools);
    default:
      return outcome satisfies never;
  }
}

/** The outputs of a run, what is large of them too. */
export async function outputLines(id: string, view: RunView, runs: Pick<Runs, 'whole'>): Promise<string[]> {
  if (view.outputs === undefined || view.outputs === null) return [];
  if (typeof view.outputs === 'object' && !Array.isArray(view.outputs) && Object.keys(view.outputs).length === 0) return [];
  return ['Outputs:', harmless(JSON.stringify(await runs.whole(id, view.outputs), null, 2))];
}

export function errorLines(view: RunView, { titles }: Pick<ReportTools, 'titles'>): string[] {
  const { error } = view;
  if (!error) return [];
  const where = error.node === undefined ? '' : `${titleOf(titles, error.node)} (${error.node}): `;
  return [`${where}${harmless(error.message)} [${error.code}]`, `What to do: ${harmless(error.hint)}`];
}

function rejectionLines(view: RunView): string[] {
  const reply = view.signals.findLast((signal) => signal.reply?.decision === 'rejected')?.reply;
  if (!reply) return [];
  return [`By ${oneLine(reply.by)}${reply.reason ? `: ${oneLine(reply.reason)}` : ''}`];
}

function parkedLines(id: string, view: RunView, { root, cwd, terminal, titles }: ReportTools): string[] {
  const at = rootOption(root, cwd);
  const open = openSignals(view);
  if (open.length === 0) return [terminal.style('yellow', 'Stopped before its end.'), `Go on with it: belay resume ${id}${at}`];
  const one = open[0]?.request.kind === 'signal' ? 'a signal' : 'a person';
  return [
    terminal.style('yellow', `The run waits for ${open.length === 1 ? one : `${open.length} answers`}:`),
    ...open.flatMap((signal) => [
      `  ${signal.node === '' ? 'The run' : `${titleOf(titles, signal.node)} (${signal.node})`}: ${questionInShort(signal.request)}`,
      ...waysToAnswer(id, signal, at),
    ]),
  ];
}

/** The commands that answer a question. `at`: what they need to find the root. */
export function waysToAnswer(id: string, { node, key, request }: SignalView, at: string): string[] {
  switch (request.kind) {
    case 'approval':
    case 'gate':
    case 'consent':
      return [`    belay approve ${id} ${node}${at}`, `    belay reject ${id} ${node}${at} --reason "…"`];
    case 'inDoubt':
      return ['happened', 'retry', 'abort'].map((decision) => `    belay answer ${id} ${node} ${decision}${at}`);
    case 'reply':
      return [`    belay answer ${id} ${node} replied${at} --value @reply.txt`];
    case 'recordingMissing':
      return ['live', 'byHand', ...(request.recordedTemplate === undefined ? [] : ['restore'])].map(
        (decision) => `    belay answer ${id} ${node} ${decision}${at}`,
      );
    case 'signal':
      return [`    ${wayToSignal(id, node, request.name)}${at}${request.schema === undefined ? '' : ' --value @payload.json'}`];
    case 'budget':
      return ['more', 'stop'].map((decision) => `    belay answer ${id} ${askerOf({ node, key })} ${decision}${at}`);
    default:
      return request satisfies never;
  }
}

/** The name may come from a model: only one that a shell takes as it stands is put where people copy it from. */
function wayToSignal(id: string, node: string, name: string): string {
  return /^[\w.:@/][\w.:@/-]*$/.test(name) ? `belay signal ${id} ${name}` : `belay answer ${id} ${node} received`;
}
