/** What the editor needs to understand flows: the engine's format room, with every node type. */
import * as path from 'node:path';
import { type ExtractRequest, planExtract } from '../engine/format/extract.ts';
import { locateNode } from '../engine/format/graph.ts';
import { placeOfKey } from '../engine/format/json-tree.ts';
import type { Flow } from '../engine/format/model.ts';
import { parseFlow } from '../engine/format/parse.ts';
import type { Place } from '../engine/format/problem.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import { readBeside } from '../providers/files/beside.ts';
import { webviewMessageSchema } from '../webview/protocol/messages.ts';

export function readFlow(text: string): { flow: Flow | undefined } {
  return { flow: parseFlow(text, catalog).flow };
}

/** @param file absolute: where the flow stands; `root`: what confines the files beside it. */
export function planFlowExtract(text: string, request: ExtractRequest, file: string, root: string) {
  return planExtract(text, request, { catalog, readPrompt: (relative) => readBeside(root, path.dirname(file), relative) });
}

/** Validates what the web view sent. Here, because the schemas would otherwise be loaded at activation. */
export function readMessage(raw: unknown) {
  return webviewMessageSchema.safeParse(raw);
}

/** Where a node stands in the text: its key. */
export function placeOfNode(text: string, node: string): Place | undefined {
  const { flow, tree } = parseFlow(text, catalog);
  const found = flow && locateNode(flow, node);
  return found && tree && placeOfKey(tree, found.path);
}
