import { BelayError } from '../../engine/errors.ts';
import { payloadOf } from '../../engine/format/json.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { checkPin, resultToPin } from '../../engine/run/given.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { Pin } from '../../providers/pins/pins.ts';
import type { CliContext, CommonOptions, Workspace } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { readTextFile } from '../flow-file.ts';
import { findFlow } from '../rerun.ts';
import { oneLine, table } from '../text.ts';

export interface PinOptions extends CommonOptions {
  run?: string;
  value?: string;
  outlet?: string;
}

/** Throws `PIN_NONE`, `FLOW_INVALID`, and what `checkPin` throws. */
export async function pin(file: string, node: string | undefined, options: PinOptions, context: CliContext): Promise<Exit> {
  const { terminal } = context;
  const { workspace, root, flowPath, source } = await findFlow(file, options.root === undefined ? {} : { root: options.root }, context);
  if (node === undefined) {
    terminal.print(listed(await workspace.pins.of(flowPath), options));
    return 'ok';
  }
  const { flow } = parseFlow(source.text, catalog);
  if (!flow) {
    throw new BelayError('FLOW_INVALID', `${file} is not a flow.`, { hint: 'Correct what `belay validate` shows.', kind: 'badRequest' });
  }
  const result =
    options.value === undefined ? await resultOfRun(workspace, flowPath, node, options) : typedResult(options.value, options, context);
  await checkPin(node, result, flow, { catalog, readFile: async (path) => readBeside(root, source.folder, path) });
  await workspace.pins.set(flowPath, node, { ...result, by: context.by, at: context.now() });
  const spec = flow.nodes[node];
  const effect = (spec && catalog.get(spec.type)?.effect(spec.with ?? {})) ?? 'none';
  terminal.print(`Pinned "${node}": runs of this flow take this result instead of running it.`);
  if (effect === 'write' || effect === 'irreversible') terminal.print('What it does (write, send, …) does not happen in those runs.');
  return 'ok';
}

export async function unpin(file: string, node: string | undefined, options: CommonOptions, context: CliContext): Promise<Exit> {
  const { workspace, flowPath } = await findFlow(file, options.root === undefined ? {} : { root: options.root }, context);
  const removed = await workspace.pins.remove(flowPath, node);
  if (options.json) context.terminal.print(JSON.stringify({ removed }));
  else context.terminal.print(removed.length === 0 ? 'Nothing was pinned.' : `Not pinned any more: ${oneLine(removed.join(', '))}.`);
  return 'ok';
}

function listed(pins: Readonly<Record<string, Pin>>, { json }: PinOptions): string {
  if (json) return JSON.stringify(pins);
  const rows = Object.entries(pins).map(([id, { outlet, output, trust, by, run }]) => [
    id,
    outlet,
    trust,
    run === undefined ? `typed by ${oneLine(by)}` : `of run ${run}`,
    oneLine(JSON.stringify(output)).slice(0, 60),
  ]);
  return rows.length === 0 ? 'Nothing is pinned.' : table([['NODE', 'OUTLET', 'TRUST', 'FROM', 'RESULT'], ...rows]);
}

type Result = Omit<Pin, 'by' | 'at'>;

/** What a person types is theirs; what stands in a file may be anybody's. */
function typedResult(value: string, { run, outlet = 'success' }: PinOptions, { cwd }: CliContext): Result {
  if (run !== undefined) throw pinNone('A pin is either a value or the result of a run.');
  if (value.startsWith('@') && !value.startsWith('@@')) {
    return { outlet, output: payloadOf(readTextFile(cwd, value.slice(1))) ?? null, trust: 'untrusted' };
  }
  return { outlet, output: payloadOf(value.startsWith('@@') ? value.slice(1) : value) ?? null, trust: 'trusted' };
}

async function resultOfRun({ runs }: Workspace, flowPath: string, node: string, { run = 'last', outlet }: PinOptions): Promise<Result> {
  const id = findRun(
    (await runs.list()).filter(({ flow, dry }) => flow === flowPath && !dry),
    run,
  );
  const { view, local } = await runs.open(id);
  const result = await resultToPin(view, node, local, (value) => runs.whole(id, value));
  return { ...result, ...(outlet === undefined ? {} : { outlet }), run: id };
}

function pinNone(message: string): BelayError {
  return new BelayError('PIN_NONE', message, {
    hint: 'Give --value, or --run with a run in which the node ended well.',
    kind: 'badRequest',
  });
}
