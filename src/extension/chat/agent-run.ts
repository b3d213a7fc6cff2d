/** An agent answers in the chat by a run like any other: journaled, gated, and gone on with after a restart. */
import * as vscode from 'vscode';
import type { Json, JsonObject } from '../../engine/format/json.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { nameOfModel } from './ask-model.ts';
import type { ChatHost, Told, Turn } from './host.ts';
import { follow } from './run-command.ts';

/** So many turns of the conversation are handed over, and so many characters of each. */
const MOST_TURNS = 20;
const MOST_OF_TURN = 4000;
/** Characters of a file that is attached. */
const MOST_OF_FILE = 20_000;

/** The flow of an agent: the same in every run, so that all of them stand together; what is asked comes as its inputs. */
function flowOf(agent: string): JsonObject {
  return {
    version: 1,
    title: `@${agent}`,
    description: 'What was asked of this agent in the chat.',
    inputs: { task: { type: 'string', title: 'Task' }, context: { title: 'Conversation and attached files', default: null } },
    outputs: { text: { value: { $expr: 'steps.answer.output.text' } } },
    nodes: {
      answer: { type: 'agent', title: `@${agent}`, with: { agent, task: '{{ inputs.task }}', context: { $expr: 'inputs.context' } } },
    },
  };
}

/** @param task what was typed */
export async function runAgent(host: ChatHost, turn: Turn, agent: string, task: string): Promise<Told> {
  const { request, history, stream } = turn;
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  if (!folder) {
    stream.markdown('Open a folder first: what an agent does is kept in it, as a run.');
    return {};
  }
  if (task === '') {
    stream.markdown('Say what is to be done.');
    return {};
  }
  const context = contextOf(history, await attachments(request.references));
  const model = nameOfModel(request.model);
  const text = `${JSON.stringify(flowOf(agent), null, 2)}\n`;
  // No such file is there: its name says whose runs these are, and the flow is shown as it was frozen.
  const uri = vscode.Uri.joinPath(folder.uri, `@${agent}.flow.json`);
  const ref = await host.hub.start(uri, text, {
    inputs: { task, context },
    // What the user typed is theirs; files and what models said before are not.
    inputsTrust: context === null ? 'trusted' : 'untrusted',
    mode: 'live',
    model,
  });
  return follow(host, turn, { ref, found: { flow: parseFlow(text, catalog).flow, path: `@${agent}` }, telling: 'agent', model });
}

function contextOf(history: Turn['history'], files: Json[]): Json {
  const conversation = conversationOf(history);
  if (conversation.length === 0 && files.length === 0) return null;
  return { ...(conversation.length === 0 ? {} : { conversation }), ...(files.length === 0 ? {} : { attached: files }) };
}

/** What was said before, to this participant. */
export function conversationOf(history: Turn['history']): { role: 'user' | 'assistant'; text: string }[] {
  return history
    .map((turn) =>
      turn instanceof vscode.ChatRequestTurn
        ? { role: 'user' as const, text: `${turn.command === undefined ? '' : `/${turn.command} `}${turn.prompt}` }
        : { role: 'assistant' as const, text: textOfResponse(turn) },
    )
    .filter(({ text }) => text.trim() !== '')
    .slice(-MOST_TURNS)
    .map(({ role, text }) => ({ role, text: text.slice(0, MOST_OF_TURN) }));
}

function textOfResponse({ response }: vscode.ChatResponseTurn): string {
  return response.map((part) => (part instanceof vscode.ChatResponseMarkdownPart ? part.value.value : '')).join('');
}

/** Files, selections and words that were attached to the request. */
async function attachments(references: readonly vscode.ChatPromptReference[]): Promise<Json[]> {
  const read = await Promise.all(
    references.map(async ({ value, modelDescription }): Promise<Json | undefined> => {
      if (typeof value === 'string')
        return { text: value.slice(0, MOST_OF_FILE), ...(modelDescription ? { about: modelDescription } : {}) };
      const uri = value instanceof vscode.Location ? value.uri : value instanceof vscode.Uri ? value : undefined;
      if (!uri) return undefined;
      const document = await vscode.workspace.openTextDocument(uri).then(
        (it) => it,
        () => undefined,
      );
      const text = document?.getText(value instanceof vscode.Location ? value.range : undefined);
      return { file: vscode.workspace.asRelativePath(uri), ...(text === undefined ? {} : { text: text.slice(0, MOST_OF_FILE) }) };
    }),
  );
  return read.filter((it) => it !== undefined);
}
