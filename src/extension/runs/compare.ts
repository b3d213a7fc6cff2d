import * as vscode from 'vscode';
import { nodePath } from '../../engine/run/paths.ts';
import type { ValueDocuments } from '../editor/values.ts';
import { withoutLinks } from '../faults.ts';
import { MODE_LABEL } from '../models/modes.ts';
import type { RunHub } from './hub.ts';
import type { RunItem } from './questions.ts';
import type { RunRef } from './run-ref.ts';

/** No more earlier runs are offered. */
const MOST = 50;

/** Shows what a node gave in two runs of a flow, side by side. `pass`: the run is shown as the part of it in this sub-flow. */
export async function compareOutput(
  { hub, values }: { hub: RunHub; values: ValueDocuments },
  flow: vscode.Uri,
  shown: RunRef & { pass?: string },
  node: string,
): Promise<void> {
  const path = nodePath(shown.pass ?? '', node);
  const others = shown.pass === undefined ? hub.runsOf(flow) : hub.runs().filter(({ root }) => root === shown.root);
  const earlier = await pickRun(others.filter(({ run }) => run.id !== shown.id && !run.dry).slice(0, MOST));
  if (!earlier) return;
  const [before, now] = await Promise.all([outputOf(hub, { root: earlier.root, id: earlier.run.id }, path), outputOf(hub, shown, path)]);
  if (before === undefined || now === undefined) {
    const which = before === undefined ? 'that earlier run' : 'this run';
    void vscode.window.showInformationMessage(withoutLinks(`“${node}” has no result in ${which}.`));
    return;
  }
  await values.compare(`${node}: ${new Date(earlier.run.createdAt).toLocaleString()} ↔ shown run`, before, now);
}

async function outputOf(hub: RunHub, ref: RunRef, path: string) {
  const { nodes } = await hub.view(ref);
  const output = Object.hasOwn(nodes, path) ? nodes[path]?.output : undefined;
  return output === undefined ? undefined : hub.whole(ref, output);
}

async function pickRun(runs: readonly RunItem[]): Promise<RunItem | undefined> {
  if (runs.length === 0) {
    void vscode.window.showInformationMessage('There is no other run of this flow yet to compare with.');
    return undefined;
  }
  const items = runs.map((item) => ({
    label: new Date(item.run.createdAt).toLocaleString(),
    description: `${item.run.status}, ${MODE_LABEL[item.run.mode]}`,
    item,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Compare with which run?', matchOnDescription: true }))?.item;
}
