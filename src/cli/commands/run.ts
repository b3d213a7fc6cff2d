import type { Flow, Values } from '../../engine/format/model.ts';
import { parseOnce } from '../../engine/format/parse-once.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import type { RunMode } from '../../engine/run/events.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { CliContext, DrivingOptions } from '../context.ts';
import { allowServers } from '../context.ts';
import { drive } from '../drive.ts';
import type { Exit } from '../exit-codes.ts';
import { readTextFile, subFlowsOf, titlesOf } from '../flow-file.ts';
import { missingInputs, parseInput, parseInputs } from '../inputs.ts';
import type { Replies } from '../mode.ts';
import { chooseReplies, describeReplies, modelNeeds } from '../mode.ts';
import { earlierInputs, findFlow, madeFrom } from '../rerun.ts';
import { oneLine } from '../text.ts';

export interface RunOptions extends DrivingOptions {
  input?: string[];
  mode?: RunMode;
  model?: string;
  approve?: string[];
  /** `RUN` or `RUN:NODE`. */
  from?: string;
  only?: string;
  to?: string;
  dryRun?: boolean;
  pins?: boolean;
}

/**
 * Starts a run of a flow file, or one made from an earlier run, and drives it. Throws what `Runs.start` throws, and the codes of
 * inputs.ts, mode.ts, root.ts and rerun.ts.
 */
export async function run(file: string | undefined, options: RunOptions, context: CliContext): Promise<Exit> {
  const { terminal, cwd } = context;
  const json = options.json === true;
  const dry = options.dryRun === true;
  const { source, root, flowPath, workspace, earlier } = await findFlow(file, options, context);
  allowServers(workspace, options);
  const { flow } = parseOnce(source.text, catalog);

  let typed = true;
  const typedInputs = parseInputs(options.input ?? [], flow?.inputs ?? {}, (path) => {
    typed = false;
    return readTextFile(cwd, path);
  });
  const given = { ...(await earlierInputs(earlier, flow, workspace)), ...typedInputs };
  const needs = flow ? modelNeeds(flow, subFlowsOf(root, source.folder)) : 'none';
  const { models } = workspace;
  const replies: Replies = dry
    ? { mode: 'live' }
    : await chooseReplies({
        needs,
        wanted: { mode: options.mode, model: options.model },
        configured: workspace.modelsConfigured,
        resolveModel: (name) => models.resolve(name ?? flow?.model),
        listModels: async () => (await models.listModels()).map(({ id }) => id),
        recorded: () => workspace.cassettes.exists(flowPath),
      });
  const say = (line: string): void => (json ? terminal.complain(line) : terminal.print(line));
  say(terminal.style('bold', dry ? 'Dry run: nothing is asked, started, written or sent.' : oneLine(describeReplies(replies, needs))));

  const inputs = await askMissing(flow, given, json, context);
  if (inputs === undefined) return 'cancelled';
  const pinned = options.pins === false ? {} : await workspace.pins.of(flowPath);
  const handle = await workspace.runs.start({
    flowPath,
    flowText: source.text,
    inputs,
    inputsTrust: typed ? 'trusted' : 'untrusted',
    mode: replies.mode,
    ...(replies.model === undefined ? {} : { model: replies.model }),
    approved: options.approve ?? [],
    ...(earlier === undefined ? {} : { rerunOf: earlier.id, ...(earlier.node === undefined ? {} : { from: earlier.node }) }),
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.to === undefined ? {} : { to: options.to }),
    pinned,
    dry,
    readFile: async (path) => readBeside(root, source.folder, path),
  });
  for (const line of madeFrom(handle.view())) say(line);
  say(terminal.style('dim', `Run ${handle.id}`));
  const exit = await drive(handle, {
    ...context,
    root,
    runs: workspace.runs,
    titles: titlesOf(flow),
    json,
    skip: 0,
    defaultModel: () => models.resolve(options.model ?? flow?.model),
  });
  // Nobody asked for it, so that its failure is no failure of the run.
  await workspace.runs.tidy().catch((error: unknown) => terminal.complain(`Old runs could not be removed: ${String(error)}`));
  return exit;
}

/** Asks for inputs that have no default, where somebody can be asked. Undefined: the person thought better of it. */
async function askMissing(flow: Flow | undefined, given: Values, json: boolean, { terminal }: CliContext): Promise<Values | undefined> {
  if (json || !terminal.interactive) return given;
  const values = { ...given };
  for (const [name, schema] of missingInputs(flow?.inputs ?? {}, given)) {
    const described = typeof schema === 'object' && typeof schema.description === 'string' ? ` (${oneLine(schema.description)})` : '';
    const answer = await terminal.ask(`${name}${described} › `, new AbortController().signal);
    if ('none' in answer) return undefined;
    values[name] = parseInput(name, answer.line, schema);
  }
  return values;
}
