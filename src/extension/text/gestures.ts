import type * as vscode from 'vscode';
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import { fileOf, type LanguageClient } from './language-client.ts';
import type { FileEdits, LanguageMethods, PlannedExtraction, SpanEdit } from './language-protocol.ts';

/** What a gesture comes down to; `elsewhere`: in prompt files and in flows that call this one. Or why it is refused. */
export type PlannedGesture = { ok: true; edits: SpanEdit[]; elsewhere: FileEdits[]; said: string[] } | { ok: false; message: string };

/**
 * Plans a gesture in the language worker: reading a large flow twice takes longer than the extension host has for a keystroke.
 *
 * @returns a plan for the text as it stands when this resolves. Where it was changed meanwhile, everything is planned anew.
 */
export function planGesture(client: LanguageClient, document: vscode.TextDocument, edits: FlowEdit[]): Promise<PlannedGesture> {
  const file = fileOf(document);
  return onPresentText(document, async () => {
    const elsewhere = await renamedElsewhere(client, file, edits);
    const planned = await client.ask('plan', { file, edits });
    if (!elsewhere.ok) return elsewhere;
    return planned.ok ? { ...planned, elsewhere: elsewhere.edits } : planned;
  });
}

/** How nodes become a flow of their own, planned in the same way. */
export function planExtraction(
  client: LanguageClient,
  document: vscode.TextDocument,
  request: Omit<Parameters<LanguageMethods['extract']>[0], 'file'>,
): Promise<PlannedExtraction> {
  return onPresentText(document, () => client.ask('extract', { file: fileOf(document), ...request }));
}

/** Asks until the text has not changed meanwhile. */
export async function onPresentText<T>(document: vscode.TextDocument, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const { version } = document;
    const answer = await ask();
    if (document.version === version) return answer;
  }
}

/** What other files have to change with the renamings among the edits, or why one of them cannot be. */
async function renamedElsewhere(
  client: LanguageClient,
  file: string,
  edits: readonly FlowEdit[],
): Promise<{ ok: true; edits: FileEdits[] } | { ok: false; message: string }> {
  const files: FileEdits[] = [];
  for (const edit of edits) {
    if (edit.kind !== 'renameNode' && edit.kind !== 'renameInput') continue;
    const what = edit.kind === 'renameNode' ? { is: 'node' as const, name: edit.id } : { is: 'input' as const, name: edit.name };
    const found = await client.ask('renameElsewhere', { file, ...what, to: edit.to }, true);
    if (!found.ok) return found;
    files.push(...found.edits);
  }
  return { ok: true, edits: files };
}
