/** Flows as tools for any agent in VS Code: what there is, what running one would do, and running it. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import type { Effect, Flow } from '../../engine/format/model.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { waitsForPeopleOnly } from '../../engine/run/rest.ts';
import type { RunView } from '../../engine/run/view.ts';
import { readBeside } from '../../providers/files/beside.ts';
import { faultText } from '../faults.ts';
import { MODE_LABEL } from '../models/modes.ts';
import { decider } from '../runs/decisions.ts';
import { askedFor } from '../runs/questions.ts';
import type { RunRef } from '../runs/run-ref.ts';
import { saveAll } from '../runs/start.ts';
import { stepsWithEffect } from './flow-effects.ts';
import type { ChatHost } from './host.ts';
import { code, plain } from './narrate.ts';
import { shown } from './tell-run.ts';
import { checkAt, findFlow, type WorkspaceFlow, workspaceFlows } from './workspace-flows.ts';

export interface RunFlowInput {
  flow: string;
  inputs?: Record<string, Json>;
}

const EFFECT: { readonly [E in Effect]: string } = {
  none: 'computes only',
  read: 'reads',
  write: 'writes',
  irreversible: 'cannot be taken back; asks before it does it',
};

/** Steps that are named in a confirmation. */
const MOST_STEPS = 12;

export async function listFlows(): Promise<vscode.LanguageModelToolResult> {
  const flows = (await workspaceFlows()).map((found) => {
    const errors = checkAt(found.uri, found.text).filter(({ severity }) => severity === 'error').length;
    const { title, description, inputs } = found.flow ?? {};
    return {
      flow: found.path,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      ...(inputs === undefined ? {} : { inputs }),
      mayDo: found.flow ? (stepsOf(found, found.flow)[0]?.effect ?? 'none') : 'none',
      ...(errors === 0 ? {} : { cannotRun: `It has ${errors} errors.` }),
    };
  });
  return resultOf({ flows });
}

/** What somebody is asked before a model's wish to run a flow is followed. */
export async function prepareRun(host: ChatHost, { flow: name, inputs }: RunFlowInput): Promise<vscode.PreparedToolInvocation> {
  const found = await one(host, name);
  const { flow, path: file, title } = found;
  const { mode, model } = await host.modes.choice(found.uri);
  const steps = flow ? stepsOf(found, flow) : [];
  const lines = steps.slice(0, MOST_STEPS).map((step) => `- ${plain(step.title)}: ${EFFECT[step.effect]}`);
  const given = inputs === undefined || Object.keys(inputs).length === 0 ? 'It is given no inputs.' : `It is given:\n\n${shown(inputs)}`;
  const does =
    lines.length === 0 ? 'It only computes.' : `What it may do:\n\n${lines.join('\n')}${steps.length > MOST_STEPS ? '\n- and more' : ''}`;
  const replies = `${MODE_LABEL[mode]}${mode === 'live' && model !== undefined ? ` (${code(model)})` : ''}`;
  const message = new vscode.MarkdownString(`${code(file)} · ${replies}\n\n${given}\n\n${does}`);
  return {
    invocationMessage: `Running ${title ?? file}`,
    confirmationMessages: { title: `Run the flow "${title ?? file}"?`, message },
  };
}

/**
 * Runs a flow to its end, or until nothing happens before a person answers: that is told, and the run waits where it is.
 *
 * @throws Error in words that a model can act on
 */
export async function runFlow(
  host: ChatHost,
  { flow: name, inputs = {} }: RunFlowInput,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const found = await one(host, name);
  await saveAll();
  const { mode, model } = await host.modes.choice(found.uri);
  const text = (await vscode.workspace.openTextDocument(found.uri)).getText();
  const asks = mode === 'live' || mode === 'record' || mode === 'recordMissing';
  const ref = await host.hub
    .start(found.uri, text, { inputs, inputsTrust: 'untrusted', mode, ...(asks && model !== undefined ? { model } : {}) })
    .catch((error: unknown) => {
      throw new Error(faultText(error), { cause: error });
    });
  await rest(host, ref, token);
  return resultOf(await toldOf(host, ref));
}

/** Until the run has ended, or waits for people only. */
async function rest(host: ChatHost, ref: RunRef, token: vscode.CancellationToken): Promise<void> {
  const source = await host.hub.source(ref);
  const listeners: vscode.Disposable[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (source.events.some(({ type }) => type === 'run.finished') || waitsForPeopleOnly(source.events)) resolve();
      };
      const cancel = (): void => void host.hub.cancel(ref, decider()).catch(reject);
      listeners.push(
        source.onDidAppend(look),
        source.onDidReset(look),
        host.hub.onDidStop((stopped) => stopped.ref.id === ref.id && reject(stopped.error)),
        token.onCancellationRequested(cancel),
      );
      look();
      if (token.isCancellationRequested) cancel();
    });
  } finally {
    for (const listener of listeners) listener.dispose();
    source.dispose();
  }
}

async function toldOf(host: ChatHost, ref: RunRef): Promise<Json> {
  const { status, outputs, error, reason, signals, nodes }: RunView = await host.hub.view(ref);
  const open = signals.filter(({ reply, over, node }) => reply === undefined && !over && nodes[node]?.finishedAt === undefined);
  const isOver = outputs !== undefined || error !== undefined || open.length === 0;
  return {
    run: ref.id,
    status,
    ...(outputs === undefined ? {} : { outputs: await host.hub.whole(ref, outputs) }),
    ...(error ? { error: { code: error.code, message: error.message, hint: error.hint } } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(isOver
      ? {}
      : {
          waitsFor: open.map(({ request }) => ({ title: request.title, why: askedFor(request.kind), message: request.message })),
          next: "A person has to answer in VS Code's Belay view (Approvals) or on the graph; you cannot. The run goes on by itself then. Tell the user.",
        }),
  };
}

async function one(host: ChatHost, name: string): Promise<WorkspaceFlow> {
  const found = await findFlow(host.editors, name);
  if (!Array.isArray(found)) return found;
  const what =
    found.length === 0
      ? `There is no flow "${name}" in this workspace.`
      : `Several flows may be meant by "${name}": ${found.map(({ path: it }) => it).join(', ')}.`;
  throw new BelayError('FLOW_UNKNOWN', what, { hint: 'Name it by its path, as the tool list_flows tells it.', kind: 'notFound' });
}

function stepsOf({ uri }: Pick<WorkspaceFlow, 'uri'>, flow: Flow) {
  const root = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
  const below = (folder: string) => (name: string) => {
    const text = readBeside(root, folder, name);
    const inner = text === undefined ? undefined : parseFlow(text, catalog).flow;
    return inner && { flow: inner, sub: below(path.dirname(path.join(folder, name))) };
  };
  return stepsWithEffect(flow, catalog, below(path.dirname(uri.fsPath)));
}

function resultOf(value: Json): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(value))]);
}
