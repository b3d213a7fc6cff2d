/** The flows of the workspace, as the chat finds and reads them. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { scopesOf } from '../../engine/format/graph.ts';
import { lintFlow } from '../../engine/format/lint.ts';
import type { Flow } from '../../engine/format/model.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { readBeside } from '../../providers/files/beside.ts';
import { isFlow } from '../documents.ts';
import { flowsNamed, type NamedFlow } from './flow-names.ts';
import type { ChatHost } from './host.ts';

/** No more flows are looked at. */
const MOST_FLOWS = 500;

export interface WorkspaceFlow extends NamedFlow {
  uri: vscode.Uri;
  text: string;
  flow: Flow | undefined;
}

export async function workspaceFlows(): Promise<WorkspaceFlow[]> {
  const onDisk = await vscode.workspace.findFiles('**/*.flow.json', '**/{node_modules,.belay}/**', MOST_FLOWS);
  // A file that was just made is found by VS Code's search only after a while.
  const open = vscode.workspace.textDocuments.filter((it) => isFlow(it) && it.uri.scheme === 'file').map(({ uri }) => uri);
  const found = new Map([...onDisk, ...open].map((uri) => [uri.toString(), uri]));
  const flows = await Promise.all([...found.values()].map((uri) => readFlowAt(uri).catch(() => undefined)));
  return flows.filter((it) => it !== undefined).sort((a, b) => a.path.localeCompare(b.path));
}

/** As the user sees it: what is open and unsaved first. */
async function readFlowAt(uri: vscode.Uri): Promise<WorkspaceFlow> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  const text = open?.getText() ?? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const { flow } = parseFlow(text, catalog);
  return { uri, text, flow, path: vscode.workspace.asRelativePath(uri, false).replaceAll('\\', '/'), title: flow?.title };
}

/** The flow in front: the active graph, the active text, else the only graph that can be seen. */
export function flowInFront(editors: ChatHost['editors']): vscode.Uri | undefined {
  const active = editors.active()?.document.uri ?? vscode.window.activeTextEditor?.document.uri;
  if (active && isFlow({ uri: active })) return active;
  const visible = editors.all().filter(({ panel }) => panel.visible);
  return visible.length === 1 ? visible[0]?.document.uri : undefined;
}

/** The one flow that is meant, or those that may be: by its name, or without one the flow in front, or the only one there is. */
export async function findFlow(editors: ChatHost['editors'], name: string): Promise<WorkspaceFlow | WorkspaceFlow[]> {
  const front = name === '' ? flowInFront(editors) : undefined;
  if (front) return readFlowAt(front);
  const flows = await workspaceFlows();
  const meant = name === '' ? flows : flowsNamed(flows, name);
  return meant.length === 1 && meant[0] ? meant[0] : meant;
}

/** Everything the parser and the linter say of a text that stands, or would stand, at `uri`. */
export function checkAt(uri: vscode.Uri, text: string): Problem[] {
  const parsed = parseFlow(text, catalog);
  const folder = path.dirname(uri.fsPath);
  const root = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? folder;
  const files = { readPrompt: (name: string) => readBeside(root, folder, name), self: path.basename(uri.fsPath) };
  return [...parsed.problems, ...lintFlow(parsed, catalog, files)];
}

/** What people call the nodes of a flow, bodies included, by id. */
export function titlesOf(flow: Flow | undefined): Map<string, string> {
  const nodes = flow ? scopesOf(flow).flatMap((scope) => Object.entries(scope.nodes)) : [];
  return new Map(nodes.flatMap(([id, { title }]) => (title === undefined ? [] : [[id, title] as const])));
}
