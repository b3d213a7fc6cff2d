import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import { payloadOf } from '../../engine/format/json.ts';
import type { OpenRun, RunHandle } from '../../engine/run/api.ts';
import type { SignalReply } from '../../engine/run/events.ts';
import { DECISIONS } from '../../engine/run/events.ts';
import { repliesOf, runFinished } from '../../engine/run/header.ts';
import { TIMED_OUT } from '../../engine/run/history.ts';
import type { SignalView } from '../../engine/run/view.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { CliContext, CommonOptions, DrivingOptions, Workspace } from '../context.ts';
import { allowServers } from '../context.ts';
import { drive } from '../drive.ts';
import type { Exit } from '../exit-codes.ts';
import type { Sought } from '../find-run.ts';
import { answeredBefore, askerOf, findQuestion, findRun, openRun } from '../find-run.ts';
import { frozenFlow, readRecordedFlow, readTextFile, titlesOf } from '../flow-file.ts';
import { describeReplies, modelNeeds } from '../mode.ts';
import { ownerName } from '../people.ts';
import { restoreIfAsked } from '../restore-prompt.ts';
import { chooseRoot, rootOption } from '../root.ts';
import { oneLine } from '../text.ts';

export interface DecideOptions extends DrivingOptions {
  reason?: string;
  /** False: only publishes the decision (`--no-resume`). */
  resume: boolean;
}

const YES_NO = ['approval', 'gate', 'consent'] as const;
const ALL = ['approval', 'gate', 'reply', 'recordingMissing', 'consent', 'inDoubt', 'signal', 'budget'] as const;

export async function approve(name: string, node: string | undefined, options: DecideOptions, context: CliContext): Promise<Exit> {
  return await decide(name, { node, kinds: YES_NO }, () => ({ decision: 'approved' }), options, context);
}

export async function reject(name: string, node: string | undefined, options: DecideOptions, context: CliContext): Promise<Exit> {
  return await decide(name, { node, kinds: YES_NO }, () => ({ decision: 'rejected' }), options, context);
}

export interface AnswerOptions extends DecideOptions {
  /** Text, `@file`, or `-` for the standard input. */
  value?: string;
}

/** Answers any question by its decision: a doubtful step, a prompt by hand, a missing recording. */
export async function answer(name: string, node: string, decision: string, options: AnswerOptions, context: CliContext): Promise<Exit> {
  const value = await readValue(options.value, context);
  const make = ({ request }: SignalView): { decision: string; value?: Json } => {
    const allowed = DECISIONS[request.kind];
    if (!allowed.includes(decision)) {
      throw new BelayError('REPLY_INVALID', `"${decision}" is no answer to this question.`, {
        hint: `Say one of: ${allowed.join(', ')}.`,
        kind: 'badRequest',
      });
    }
    const given = value !== undefined && request.kind === 'signal' ? payloadOf(value) : value;
    return { decision, ...(given === undefined ? {} : { value: given }) };
  };
  return await decide(name, { node, kinds: ALL }, make, options, context);
}

export interface SignalOptions extends AnswerOptions {
  /** The node that waits, where several wait for a signal of this name. */
  node?: string;
}

/** Sends a signal to the node that waits for one of this name. */
export async function signal(run: string, name: string, options: SignalOptions, context: CliContext): Promise<Exit> {
  const written = await readValue(options.value, context);
  const value = written === undefined ? undefined : payloadOf(written);
  const make = () => ({ decision: 'received', ...(value === undefined ? {} : { value }) });
  return await decide(run, { node: options.node, kinds: ['signal'], signal: name }, make, options, context);
}

async function readValue(option: string | undefined, { terminal, cwd }: CliContext): Promise<string | undefined> {
  if (option === '-') return await terminal.readAll();
  return option?.startsWith('@') ? readTextFile(cwd, option.slice(1)) : option;
}

async function decide(
  name: string,
  sought: Sought,
  make: (signal: SignalView) => Pick<SignalReply, 'decision' | 'value'>,
  options: DecideOptions,
  context: CliContext,
): Promise<Exit> {
  const { terminal, by, now } = context;
  const workspace = await context.open(chooseRoot(options.root, context.cwd, context.cwd));
  const { runs } = workspace;
  const before = await openRun(runs, name);
  const late = answeredBefore(before.view, sought);
  const at = rootOption(workspace.root, context.cwd);
  if (late) return tooLate(before, late, context, at);
  const question = findQuestion(before.view, sought);
  const reply: SignalReply = { ...make(question), by, at: now(), ...(options.reason === undefined ? {} : { reason: options.reason }) };
  const decided = await runs.decide(before.id, question.key, reply);
  if (!decided.accepted) return tooLate(await runs.open(before.id), decided.earlier, context, at);
  const say = (line: string): void => (options.json ? terminal.complain(line) : terminal.print(line));
  say(`${askerOf(question)}: ${reply.decision}.`);
  const restored = restoreIfAsked(workspace.root, before.view, question, reply);
  if (restored !== undefined) say(restored);
  const after = await runs.open(before.id);
  const elsewhere = goesOnElsewhere(after);
  if (elsewhere !== undefined || !options.resume) {
    say(elsewhere ?? `Go on with it: belay resume ${after.id}${at}`);
    return 'ok';
  }
  return await goOn(after, workspace, options, context);
}

/** What became of a run that this process need not take; undefined: nobody has it. */
function goesOnElsewhere({ owner, view }: OpenRun): string | undefined {
  if (view.finishedAt !== undefined) return `The run is finished: ${view.status}.`;
  return owner && `The run goes on in ${ownerName(owner)}.`;
}

/** Somebody was first: says who, and what the run needs to go on, if anything. */
function tooLate({ id, owner, view }: OpenRun, earlier: SignalReply | undefined, { terminal }: CliContext, at: string): Exit {
  const became = earlier?.decision === TIMED_OUT ? 'its time was up' : earlier && `${earlier.decision} by ${oneLine(earlier.by)}`;
  terminal.complain(`Too late: ${became ?? 'the question is not open any more'}.`);
  if (!owner && view.finishedAt === undefined) terminal.complain(`Nobody has the run; go on with it: belay resume ${id}${at}`);
  return 'decided';
}

export interface ResumeOptions extends DrivingOptions {
  /** Goes on with the flow file as it now is. */
  updateFlow?: boolean;
}

/** Goes on with a run, with the flow it was started with or, if it is to, with the present one. Throws what `Runs.resume` and `Runs.move` throw. */
export async function resume(name: string, options: ResumeOptions, context: CliContext): Promise<Exit> {
  const workspace = await context.open(chooseRoot(options.root, context.cwd, context.cwd));
  const { runs, root } = workspace;
  const run = await openRun(runs, name);
  if (!options.updateFlow) return await goOn(run, workspace, options, context);
  const changed = readRecordedFlow(root, run.view.flow);
  const move = (): Promise<RunHandle> =>
    runs.move(run.id, { flowText: changed.text, readFile: async (path) => readBeside(root, changed.folder, path) }, context.by);
  return await goOn(run, workspace, options, context, { flowText: changed.text, take: move });
}

/** Takes the run over and drives it; what happened before is not told again. */
async function goOn(
  run: OpenRun,
  workspace: Workspace,
  options: DrivingOptions,
  context: CliContext,
  how: { flowText: string; take(): Promise<RunHandle> } = { flowText: run.flowText, take: () => workspace.runs.resume(run.id) },
): Promise<Exit> {
  const { root, runs, models } = workspace;
  const { terminal } = context;
  const json = options.json === true;
  allowServers(workspace, options);
  const flow = frozenFlow(how.flowText);
  const { mode, model } = repliesOf(run.id, run.events);
  const line = oneLine(describeReplies({ mode, ...(model === undefined ? {} : { model }) }, flow ? modelNeeds(flow) : 'none'));
  if (json) terminal.complain(line);
  else terminal.print(terminal.style('bold', line));
  const handle = await how.take();
  return await drive(handle, {
    ...context,
    root,
    runs,
    titles: titlesOf(flow),
    json,
    skip: run.events.length,
    defaultModel: () => models.resolve(flow?.model),
  });
}

export interface CancelOptions extends CommonOptions {
  reason?: string;
}

export async function cancel(name: string, options: CancelOptions, context: CliContext): Promise<Exit> {
  const { runs } = await context.open(chooseRoot(options.root, context.cwd, context.cwd));
  const id = findRun(await runs.list(), name);
  const outcome = await runs.cancel(id, context.by, options.reason);
  if (outcome === 'finished') throw runFinished(id);
  if (options.json) context.terminal.print(JSON.stringify({ cancelled: id }));
  else context.terminal.print(outcome === 'asked' ? `Run ${id} is being cancelled.` : `Run ${id} is cancelled.`);
  return 'ok';
}
