/** `@belay /run FLOW input=value`: runs a flow as the Run button does, and tells in the chat what happens. */
import * as vscode from 'vscode';
import { loadRuntime } from '../lazy.ts';
import { MODE_LABEL } from '../models/modes.ts';
import { askInputs } from '../runs/inputs.ts';
import type { RunRef } from '../runs/run-ref.ts';
import { saveAll } from '../runs/start.ts';
import { nameOfModel } from './ask-model.ts';
import { readRequest, valuesOf } from './flow-names.ts';
import { beginButton, type ChatHost, type Told, type Turn } from './host.ts';
import { code, plain, type Telling } from './narrate.ts';
import { tellEnd, tellRun, withIcons } from './tell-run.ts';
import { findFlow, titlesOf, type WorkspaceFlow } from './workspace-flows.ts';

export async function runCommand(host: ChatHost, turn: Turn): Promise<Told> {
  const { stream, request } = turn;
  const { name, given } = readRequest(request.prompt);
  const found = await findFlow(host.editors, name);
  if (Array.isArray(found)) return offerFlows(found, name, stream);
  if (found.uri.scheme !== 'file') {
    stream.markdown('This flow is in no file yet, so it cannot run. Create its file first.');
    return {};
  }
  await saveAll();
  const document = await vscode.workspace.openTextDocument(found.uri);
  const { problems } = await host.documents.analyse(document);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 || !found.flow) {
    stream.markdown(`${code(found.path)} cannot run yet:\n\n${errors.map((it) => `- ${plain(`${it.message} ${it.hint}`)}`).join('\n')}\n`);
    return { followups: [{ prompt: found.path, label: 'Mend it', command: 'fix' }] };
  }
  const { checkInput } = await loadRuntime();
  const remembered = valuesOf(found.flow.inputs, given);
  const inputs = await askInputs(found.flow, checkInput, { remembered, isGiven: true, all: false });
  if (!inputs) {
    stream.markdown('Not run: an input was not given.');
    return {};
  }
  const chosen = nameOfModel(request.model);
  const { mode, model = chosen } = await host.modes.choice(found.uri, chosen);
  const asks = mode === 'live' || mode === 'record' || mode === 'recordMissing';
  stream.markdown(withIcons(`$(play) **${plain(found.title ?? found.path)}** · ${MODE_LABEL[mode]}${asks ? ` · ${code(model)}` : ''}\n\n`));
  const ref = await host.hub.start(found.uri, document.getText(), { inputs, mode, ...(asks ? { model } : {}) });
  return follow(host, turn, { ref, found, telling: 'flow', model });
}

/** Tells a run that has begun, to its end. */
export async function follow(
  host: ChatHost,
  { stream, token }: Turn,
  { ref, found, telling, model }: { ref: RunRef; found: Pick<WorkspaceFlow, 'flow' | 'path'>; telling: Telling; model: string },
): Promise<Told> {
  const ended = await tellRun(host, ref, { telling, titles: titlesOf(found.flow), model }, { stream, token });
  await tellEnd(host, ref, ended, telling, stream);
  if (ended.is === 'left' || telling === 'agent') return { run: ref };
  if (ended.outcome === 'failed')
    return { run: ref, followups: [{ prompt: found.path, label: 'What went wrong, and what helps?', command: 'fix' }] };
  return { run: ref, followups: [{ prompt: found.path, label: 'Run it again', command: 'run' }] };
}

/** There is no such flow, or there are several. */
export function offerFlows(flows: readonly WorkspaceFlow[], name: string, stream: vscode.ChatResponseStream): Told {
  if (flows.length === 0) {
    stream.markdown(name === '' ? 'There is no flow in this workspace yet.' : `No flow of this workspace is called ${code(name)}.`);
    stream.button(beginButton('Draft a New Flow…', `@belay /new ${name}`));
    return {};
  }
  const few = flows.slice(0, 20);
  const lines = few.map(({ path, title }) => `- ${code(path)}${title === undefined ? '' : ` ${plain(title)}`}`);
  stream.markdown(`${name === '' ? 'Which flow?' : `Several flows may be meant by ${code(name)}:`}\n\n${lines.join('\n')}\n`);
  return { followups: few.slice(0, 3).map(({ path }) => ({ prompt: path, label: `Run ${path}`, command: 'run' })) };
}
