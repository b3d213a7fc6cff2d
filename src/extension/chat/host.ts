/** What the chat works with: the parts of the window, handed over by the composition root. */
import type * as vscode from 'vscode';
import type { FlowDocuments } from '../documents.ts';
import type { FlowEditors } from '../editor/provider.ts';
import type { VirtualFlows } from '../editor/virtual-flows.ts';
import type { RunModes } from '../models/modes.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { RunHub } from '../runs/hub.ts';
import type { RunRef } from '../runs/run-ref.ts';

export interface ChatHost {
  hub: RunHub;
  modes: Pick<RunModes, 'choice'>;
  settings: Pick<ModelSettings, 'forRegistry'>;
  documents: Pick<FlowDocuments, 'analyse'>;
  editors: Pick<FlowEditors, 'of' | 'all' | 'active' | 'open'>;
  virtual: Pick<VirtualFlows, 'addDraft' | 'draft' | 'discardDraft'>;
  log: Pick<vscode.LogOutputChannel, 'warn' | 'error'>;
  extensionUri: vscode.Uri;
  /** Somebody does not want to wait in the chat for the end of this run. */
  onDidLeave: vscode.Event<RunRef>;
}

/** One request in the chat, and where its answer goes. */
export interface Turn {
  request: vscode.ChatRequest;
  history: vscode.ChatContext['history'];
  stream: vscode.ChatResponseStream;
  token: vscode.CancellationToken;
}

/** The beginning of a request, for its user to write on. */
export function beginButton(title: string, query: string): vscode.Command {
  return { command: 'belay.chat.begin', title, arguments: [query] };
}

/** What an answer leaves behind, for follow-ups and for the requests that come after it. Plain data: VS Code keeps it with the chat. */
export interface Told {
  /** Whole requests: VS Code sends them as they are. What its user has to finish is a button (`beginButton`). */
  followups?: { prompt: string; label: string; command?: string }[];
  /** The draft that was shown. */
  draft?: string;
  run?: RunRef;
}
