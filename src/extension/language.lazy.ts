/** What the editor needs to understand flows and what their graphs send, where the language worker is not asked. */
import type { Flow } from '../engine/format/model.ts';
import { parseFlow } from '../engine/format/parse.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import { webviewMessageSchema } from '../webview/protocol/messages.ts';

export function readFlow(text: string): { flow: Flow | undefined } {
  return { flow: parseFlow(text, catalog).flow };
}

/** Validates what the web view sent. Here, because the schemas would otherwise be loaded at activation. */
export function readMessage(raw: unknown) {
  return webviewMessageSchema.safeParse(raw);
}
