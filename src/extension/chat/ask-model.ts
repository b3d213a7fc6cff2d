import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { textOf } from '../../engine/messages.ts';
import type { ModelMessage } from '../../engine/ports.ts';
import { loadRuntime } from '../lazy.ts';
import { OWN_VENDOR, VSCODE } from '../models/vscode-models.ts';
import type { ChatHost } from './host.ts';

/** The full name of the model that is chosen in the chat, as flows and runs name it. */
export function nameOfModel({ vendor, id }: Pick<vscode.LanguageModelChat, 'vendor' | 'id'>): string {
  return vendor === OWN_VENDOR ? id : `${VSCODE}/${vendor}/${id}`;
}

/** Aborted when the request in the chat is cancelled. Dispose of it when it is answered. */
function signalOf(token: vscode.CancellationToken): { signal: AbortSignal; dispose(): void } {
  const stop = new AbortController();
  if (token.isCancellationRequested) stop.abort(new vscode.CancellationError());
  const listener = token.onCancellationRequested(() => stop.abort(new vscode.CancellationError()));
  return { signal: stop.signal, dispose: () => listener.dispose() };
}

/**
 * One reply of a model, outside of any run.
 *
 * @param onText called with each piece of it as it comes.
 * @throws `ModelError` and what else the registry throws; the cancellation
 */
export async function askModel(
  settings: ChatHost['settings'],
  model: string,
  messages: readonly ModelMessage[],
  { token, onText }: { token: vscode.CancellationToken; onText?(text: string): void },
): Promise<string> {
  const models = (await loadRuntime()).createModelRegistry(settings.forRegistry());
  const { signal, dispose } = signalOf(token);
  try {
    let said = '';
    for await (const event of models.stream({ model, messages }, { signal, idempotencyKey: `chat/${randomUUID()}` })) {
      if (event.type === 'textDelta') onText?.(event.text);
      if (event.type === 'finish') said = textOf(event.message);
    }
    signal.throwIfAborted();
    return said;
  } finally {
    dispose();
  }
}
