import * as vscode from 'vscode';
import type { FlowDocuments } from '../documents.ts';
import { PROMPT_SCHEME } from '../editor/prompts.ts';
import { VIRTUAL_FLOW } from '../editor/virtual-flows.ts';
import { faultText, isCoded, withoutLinks } from '../faults.ts';
import { loadLanguage, loadRuntime } from '../lazy.ts';
import { MODE_LABEL, type RunModes } from '../models/modes.ts';
import type { RunHub } from './hub.ts';
import { askInputs } from './inputs.ts';
import type { RunPart } from './parts.ts';
import type { RunRef } from './run-ref.ts';

interface Starter {
  hub: RunHub;
  modes: RunModes;
  documents: FlowDocuments;
  configureModel(): Promise<string | undefined>;
}

/**
 * Starts a run of a flow as a user asks for it: saves what is unsaved, refuses with the reason what cannot run, asks for missing
 * inputs and, where nothing can answer prompts, for a model. Undefined: dismissed or refused (and said so).
 */
export async function startRun(
  { hub, modes, documents, configureModel }: Starter,
  uri: vscode.Uri,
  part: RunPart = {},
): Promise<RunRef | undefined> {
  if (!vscode.workspace.isTrusted) {
    const manage = 'Manage Workspace Trust';
    const picked = await vscode.window.showWarningMessage(
      'Flows run only in a workspace you trust: they start programs and write files.',
      manage,
    );
    if (picked === manage) await vscode.commands.executeCommand('workbench.trust.manage');
    return undefined;
  }
  if (uri.scheme !== 'file') {
    void vscode.window.showErrorMessage(
      uri.scheme === VIRTUAL_FLOW
        ? 'This flow is in no file, so it cannot run. Create its file first.'
        : 'This flow is not a file on a disk, so it cannot run here. Clone the repository and open it from there.',
    );
    return undefined;
  }
  await saveAll();
  const document = await vscode.workspace.openTextDocument(uri);
  const { problems } = await documents.analyse(document);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors[0]) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    const show = 'Show Problems';
    const picked = await vscode.window.showErrorMessage(withoutLinks(`This flow cannot run yet: ${errors[0].message}${more}`), show);
    if (picked === show) await vscode.commands.executeCommand('workbench.actions.view.problems');
    return undefined;
  }
  const text = document.getText();
  const { flow } = (await loadLanguage()).readFlow(text);
  if (!flow) return undefined;
  const runtime = await loadRuntime();
  const { rerunOf, edit, ...which } = part;
  const last = rerunOf ?? hub.last(uri);
  const remembered = last && Object.keys(flow.inputs ?? {}).length > 0 ? await hub.inputsOf(last, flow) : {};
  const inputs = await askInputs(flow, runtime.checkInput, { remembered, isGiven: rerunOf !== undefined, all: edit === true });
  if (!inputs) return undefined;
  const { mode, model } = await modes.choice(uri);
  if (mode === 'live' && !model && !part.dry) {
    void vscode.window.showErrorMessage('No model is configured. Choose one, or another source of replies.');
    await modes.pick(uri, configureModel);
    return undefined;
  }
  try {
    return await hub.start(uri, text, {
      inputs,
      mode,
      ...which,
      ...(rerunOf ? { rerunOf: rerunOf.id } : {}),
      ...(model && (mode === 'live' || mode === 'record' || mode === 'recordMissing') ? { model } : {}),
    });
  } catch (error) {
    if (!isCoded(error)) throw error;
    void vscode.window.showErrorMessage(`${faultText(error)} (${error.code}; ${MODE_LABEL[mode]})`);
    return undefined;
  }
}

/** A run freezes files as they stand on disk: prompts and flows with unsaved changes are written first. */
export async function saveAll(): Promise<void> {
  const dirty = vscode.workspace.textDocuments.filter(
    ({ isDirty, isUntitled, uri }) => isDirty && !isUntitled && /\.(flow\.json|prompt\.md|agent\.md)$/.test(uri.path),
  );
  // Texts of flows first: saving one changes its flow.
  const isOfFlow = ({ uri }: vscode.TextDocument) => Number(uri.scheme !== PROMPT_SCHEME);
  for (const document of dirty.sort((a, b) => isOfFlow(a) - isOfFlow(b))) await document.save();
}
