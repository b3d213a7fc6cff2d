/** Runs that are made from an earlier one, as people name them: `--from RUN[:NODE]`. */
import { BelayError } from '../engine/errors.ts';
import type { Flow, Values } from '../engine/format/model.ts';
import { reusedInputs } from '../engine/run/inputs.ts';
import type { RunView } from '../engine/run/view.ts';
import type { CliContext, Workspace } from './context.ts';
import { findRun } from './find-run.ts';
import type { FlowFile } from './flow-file.ts';
import { readFlowFile, readRecordedFlow } from './flow-file.ts';
import { chooseRoot, pathBelow } from './root.ts';
import { oneLine } from './text.ts';

interface Earlier {
  id: string;
  /** From which it is run again; undefined: from the start. */
  node: string | undefined;
}

interface FoundFlow {
  source: FlowFile;
  root: string;
  flowPath: string;
  workspace: Workspace;
  earlier: Earlier | undefined;
}

/** The flow file, or that of the run named by `--from`. Throws `FROM_SYNTAX`, and what finding a root, a run and a file throws. */
export async function findFlow(
  file: string | undefined,
  options: { root?: string; from?: string },
  { cwd, open }: Pick<CliContext, 'cwd' | 'open'>,
): Promise<FoundFlow> {
  const named = file === undefined ? undefined : readFlowFile(cwd, file);
  const root = chooseRoot(options.root, cwd, named ? named.folder : cwd);
  const workspace = await open(root);
  if (options.from === undefined) {
    if (!named) {
      throw new BelayError('FROM_SYNTAX', 'Say which flow is to be run.', {
        hint: 'Name a flow file, or an earlier run with --from.',
        kind: 'badRequest',
      });
    }
    return { source: named, root, flowPath: pathBelow(root, named.path), workspace, earlier: undefined };
  }
  const colon = options.from.indexOf(':');
  const name = colon < 0 ? options.from : options.from.slice(0, colon);
  const node = colon < 0 ? undefined : options.from.slice(colon + 1);
  const summaries = await workspace.runs.list();
  const wanted = named && pathBelow(root, named.path);
  const id = findRun(wanted === undefined ? summaries : summaries.filter(({ flow, dry }) => flow === wanted && !dry), name);
  const flowPath = wanted ?? summaries.find((summary) => summary.id === id)?.flow ?? '';
  const source = named ?? readRecordedFlow(root, flowPath);
  return { source, root, flowPath, workspace, earlier: { id, node } };
}

/** What the earlier run was started with, as far as the flow still takes it. */
export async function earlierInputs(earlier: Earlier | undefined, flow: Flow | undefined, { runs }: Workspace): Promise<Values> {
  if (!earlier) return {};
  const { view } = await runs.open(earlier.id);
  return reusedInputs(flow?.inputs ?? {}, await runs.whole(earlier.id, view.inputs));
}

/** What a run was made from, and what of it was not run. */
export function madeFrom({ rerunOf, rerunFrom, only, to, pinned }: RunView): string[] {
  const of = rerunOf === undefined ? '' : ` of run ${rerunOf}`;
  return [
    ...(only === undefined ? [] : [`Only "${only}"${rerunOf === undefined ? '' : `, on results${of}`}`]),
    ...(rerunFrom === undefined ? [] : [`From "${rerunFrom}": the other nodes keep their results${of}`]),
    ...(to === undefined ? [] : [`Up to "${to}": nothing else that it does not need`]),
    ...(only === undefined && rerunFrom === undefined && rerunOf !== undefined ? [`Again: run ${rerunOf}`] : []),
    ...(pinned === undefined ? [] : [`Pinned, so not run and without effect: ${oneLine(pinned.join(', '))} (--no-pins runs them)`]),
  ];
}
