import type { Json } from '../../engine/format/json.ts';
import type { OpenRun, Runs } from '../../engine/run/api.ts';
import { idOf, isPass, parentOf } from '../../engine/run/paths.ts';
import type { AttemptView, NodeView, RunView } from '../../engine/run/view.ts';
import { openSignals } from '../../engine/run/view.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { openRun } from '../find-run.ts';
import { frozenFlow, titlesOf } from '../flow-file.ts';
import type { ModelNeeds } from '../mode.ts';
import { describeReplies, modelNeeds } from '../mode.ts';
import { ownerName } from '../people.ts';
import type { Titles } from '../progress/progress.ts';
import { elapsedOf, resultOf, titleOf } from '../progress/progress.ts';
import { describeQuestion } from '../questions.ts';
import { errorLines, outputLines, waysToAnswer } from '../report.ts';
import { madeFrom } from '../rerun.ts';
import { chooseRoot, rootOption } from '../root.ts';
import { duration, harmless, indent, moment, oneLine, table } from '../text.ts';

export interface ShowOptions extends CommonOptions {
  /** A node whose input, attempts and output are shown in full. */
  node?: string;
}

export async function show(name: string, options: ShowOptions, context: CliContext): Promise<Exit> {
  const { terminal } = context;
  const root = chooseRoot(options.root, context.cwd, context.cwd);
  const { runs } = await context.open(root);
  const run = await openRun(runs, name);
  if (options.json) {
    for (const event of run.events) terminal.print(JSON.stringify(event));
    return 'ok';
  }
  const flow = frozenFlow(run.flowText);
  const titles = titlesOf(flow);
  const node = options.node === undefined ? undefined : run.view.nodes[options.node];
  if (options.node !== undefined && !node) {
    terminal.complain(`Node "${options.node}" has not been reached in this run.`);
    return 'usage';
  }
  if (node) {
    terminal.print(nodeLines(await wholeNode(run.id, node, runs), titles).join('\n'));
    return 'ok';
  }
  terminal.print(headLines(run, flow ? modelNeeds(flow) : 'none', context.now()).join('\n'));
  terminal.print(`\n${nodeTable(run.view, titles)}`);
  for (const line of [...(await outputLines(run.id, run.view, runs)), ...errorLines(run.view, { titles })]) terminal.print(line);
  for (const signal of run.view.finishedAt === undefined ? openSignals(run.view) : []) {
    terminal.print(`\n${describeQuestion({ terminal, titles }, signal)}`);
    terminal.print(waysToAnswer(run.id, signal, rootOption(root, context.cwd)).join('\n'));
  }
  return 'ok';
}

/** The node with what is large of its values. */
async function wholeNode(id: string, node: NodeView, runs: Pick<Runs, 'whole'>): Promise<NodeView> {
  const whole = async <K extends 'input' | 'output' | 'args'>(
    at: { [P in K]?: Json },
    keys: readonly K[],
  ): Promise<{ [P in K]?: Json }> => {
    const found: { [P in K]?: Json } = {};
    for (const key of keys) if (at[key] !== undefined) found[key] = await runs.whole(id, at[key]);
    return found;
  };
  const attempts = await Promise.all(node.attempts.map(async (it) => ({ ...it, ...(await whole(it, ['args', 'output'])) })));
  return { ...node, ...(await whole(node, ['input', 'output'])), attempts };
}

function headLines({ id, view, owner, local }: OpenRun, needs: ModelNeeds, now: number): string[] {
  const { model, mode } = view;
  const unowned = view.finishedAt === undefined && !owner && openSignals(view).length === 0;
  const status = unowned && local ? `interrupted (go on with: belay resume ${id})` : view.status;
  const end = view.finishedAt ?? (owner ? now : undefined);
  return [
    `${oneLine(view.title)} (${oneLine(view.flow)})`,
    `Run ${id}`,
    view.dry ? 'Dry run: nothing was done' : describeReplies({ mode, ...(model === undefined ? {} : { model }) }, needs),
    ...madeFrom(view),
    `Status: ${status}${owner ? `, held by ${ownerName(owner)}` : ''}${local ? '' : ', made on another machine'}`,
    `Started: ${moment(view.createdAt)}${end === undefined ? '' : `, ${duration(end - view.createdAt)}`}`,
    ...(Object.keys(view.inputs).length === 0 ? [] : ['Inputs:', indent(harmless(JSON.stringify(view.inputs, null, 2)), '  ')]),
    ...(view.reason === undefined ? [] : [`Reason: ${oneLine(view.reason)}`]),
  ];
}

/** More passes are counted rather than listed. */
const MOST_ROWS = 60;

function nodeTable(view: RunView, titles: Titles): string {
  const nested = Object.keys(view.nodes).filter((path) => path.includes('['));
  const reached = nested.length > MOST_ROWS ? Object.keys(view.nodes).filter((path) => !path.includes('[')) : Object.keys(view.nodes);
  const inBodies = new Set(nested.map(idOf));
  const known = new Set([...[...titles.keys()].filter((id) => !inBodies.has(id)), ...reached]);
  const rows = [...known].map((id) => {
    const node = view.nodes[id];
    const passes = nested.filter((path) => isPass(path) && parentOf(path) === id).length;
    const counted = nested.length > MOST_ROWS && passes > 0 ? ` (${passes} passes)` : '';
    const state = node ? resultOf(node) + counted : 'not reached';
    return [id, titleOf(titles, id), state, (node && elapsedOf(node)) ?? '', decisionsOf(view, id)];
  });
  return table([['NODE', 'TITLE', 'STATE', 'TOOK', 'DECIDED BY'], ...rows]);
}

function decisionsOf(view: RunView, node: string): string {
  return view.signals
    .flatMap(({ node: asked, reply }) =>
      asked === node && reply ? [`${reply.decision} by ${oneLine(reply.by)}${reply.reason ? `: ${oneLine(reply.reason)}` : ''}`] : [],
    )
    .join('; ');
}

function nodeLines(node: NodeView, titles: Titles): string[] {
  const value = (label: string, json: unknown): string[] => (json === undefined ? [] : [`${label}:`, indent(pretty(json), '  ')]);
  return [
    `${titleOf(titles, node.node)} (${node.node}): ${resultOf(node)}`,
    ...value('Input', node.input),
    ...node.attempts.flatMap((attempt) => [
      attemptLine(attempt),
      ...value('  Arguments', attempt.args),
      ...value('  Output', attempt.output),
    ]),
    ...value('Output', node.output),
    ...(node.trust === undefined ? [] : [`Trust: ${node.trust}`]),
    ...(node.error ? [`${oneLine(node.error.message)} [${node.error.code}]`, `What to do: ${oneLine(node.error.hint)}`] : []),
  ];
}

function attemptLine({ step, attempt, effect, startedAt, finishedAt, error, model, recorded, dry, usage }: AttemptView): string {
  const took = finishedAt === undefined ? 'not finished' : duration(finishedAt - startedAt);
  const about = [
    `effect ${effect}`,
    ...(model === undefined ? [] : [model]),
    ...(recorded ? ['recorded reply'] : []),
    ...(dry ? ['not performed: dry run'] : []),
    ...(usage?.outputTokens === undefined ? [] : [`${usage.inputTokens ?? 0} + ${usage.outputTokens} tokens ${usage.source}`]),
    ...(usage?.cost === undefined ? [] : [`$${usage.cost.toFixed(4)} ${usage.costSource ?? 'reported'}`]),
    ...(error ? [`${error.code}: ${oneLine(error.message)}`] : []),
  ];
  return `Attempt ${attempt} of ${step}: ${took} (${about.join(', ')})`;
}

function pretty(value: unknown): string {
  return harmless(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
}
