import type { Flow, Values } from '../../engine/format/model.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import type { RunMode } from '../../engine/run/events.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import { drive } from '../drive.ts';
import type { Exit } from '../exit-codes.ts';
import { readFlowFile, readTextFile, titlesOf } from '../flow-file.ts';
import { missingInputs, parseInput, parseInputs } from '../inputs.ts';
import { chooseReplies, describeReplies, modelNeeds } from '../mode.ts';
import { chooseRoot, pathBelow } from '../root.ts';
import { oneLine } from '../text.ts';

export interface RunOptions extends CommonOptions {
  input?: string[];
  mode?: RunMode;
  model?: string;
  approve?: string[];
}

/** Starts a run of a flow file and drives it. Throws what `Runs.start` throws, and the codes of inputs.ts, mode.ts and root.ts. */
export async function run(file: string, options: RunOptions, context: CliContext): Promise<Exit> {
  const { terminal, cwd } = context;
  const json = options.json === true;
  const source = readFlowFile(cwd, file);
  const root = chooseRoot(options.root, cwd, source.folder);
  const flowPath = pathBelow(root, source.path);
  const { flow } = parseFlow(source.text, catalog);
  const workspace = await context.open(root);

  let typed = true;
  const given = parseInputs(options.input ?? [], flow?.inputs ?? {}, (path) => {
    typed = false;
    return readTextFile(cwd, path);
  });
  const needs = flow ? modelNeeds(flow) : 'none';
  const { models } = workspace;
  const replies = await chooseReplies({
    needs,
    wanted: { mode: options.mode, model: options.model },
    configured: workspace.modelsConfigured,
    resolveModel: (name) => models.resolve(name ?? flow?.model),
    listModels: async () => (await models.listModels()).map(({ id }) => id),
    recorded: () => workspace.cassettes.exists(flowPath),
  });
  const say = (line: string): void => (json ? terminal.complain(line) : terminal.print(line));
  say(terminal.style('bold', oneLine(describeReplies(replies, needs))));

  const inputs = await askMissing(flow, given, json, context);
  if (inputs === undefined) return 'cancelled';
  const handle = await workspace.runs.start({
    flowPath,
    flowText: source.text,
    inputs,
    inputsTrust: typed ? 'trusted' : 'untrusted',
    mode: replies.mode,
    ...(replies.model === undefined ? {} : { model: replies.model }),
    approved: options.approve ?? [],
    readFile: async (path) => readBeside(root, source.folder, path),
  });
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
