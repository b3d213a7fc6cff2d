/** `@belay /new DESCRIPTION`: a model drafts a flow until it lints clean; it is shown as a graph, and a file only when somebody says so. */
import * as vscode from 'vscode';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import params from '../../engine/nodes/params.generated.json' with { type: 'json' };
import type { ModelMessage } from '../../engine/ports.ts';
import { askModel, nameOfModel } from './ask-model.ts';
import { draftFlow, told } from './draft.ts';
import { fileNameOf } from './flow-names.ts';
import { flowGuide } from './guide.ts';
import { beginButton, type ChatHost, type Told, type Turn } from './host.ts';
import { plain } from './narrate.ts';
import { withIcons } from './tell-run.ts';
import { checkAt, flowInFront } from './workspace-flows.ts';

/** What every request for a flow begins with. */
export function guideMessage(): ModelMessage {
  return { role: 'system', content: `You write flows for Belay.\n\n${flowGuide(catalog, params)}` };
}

export async function newCommand(host: ChatHost, turn: Turn): Promise<Told> {
  const { request, history, stream, token } = turn;
  const description = request.prompt.trim();
  if (description === '') {
    stream.markdown(
      'Say what the flow is to do: `@belay /new read the tickets in data/, sort them by urgency, and draft a reply to each`.',
    );
    return {};
  }
  stream.progress('Drafting a flow…');
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
  const place = vscode.Uri.joinPath(folder, 'draft.flow.json');
  const earlier = lastDraft(host, history);
  const drafted = await draftFlow(
    [
      guideMessage(),
      {
        role: 'user',
        content: [
          ...(earlier === undefined ? [] : [`The draft so far, to be changed if that is what I ask for:\n\n${earlier}`]),
          `Write a flow that does this:\n\n${description}\n\nAnswer with the flow alone: one JSON object.`,
        ].join('\n\n'),
      },
    ],
    {
      catalog,
      ask: (messages) => askModel(host.settings, nameOfModel(request.model), messages, { token }),
      check: (text) => checkAt(place, text),
      onRepair: (problems) =>
        stream.progress(
          problems.length === 0
            ? 'That was no flow; asking again…'
            : `${problems.length === 1 ? '1 problem' : `${problems.length} problems`} to mend…`,
        ),
    },
  );
  if (drafted.text === undefined) {
    stream.markdown(
      `The model wrote no flow. It said:\n\n> ${plain(drafted.said.slice(0, 500))}\n\nSay it in other words, or choose another model.`,
    );
    return {};
  }
  return showDraft(host, turn, drafted.text, drafted.problems.map(told));
}

async function showDraft(host: ChatHost, { stream }: Turn, text: string, problems: readonly string[]): Promise<Told> {
  const { flow } = parseFlow(text, catalog);
  const title = flow?.title ?? 'New flow';
  const emptyFlow = await emptyFlowInFront(host);
  const uri = await host.virtual.addDraft(fileNameOf(title), text);
  await host.editors.open(uri, { preview: true, preserveFocus: true });
  const steps = Object.entries(flow?.nodes ?? {}).map(([id, node]) => `1. **${plain(node.title ?? id)}** · ${plain(node.type)}`);
  stream.markdown(
    `### ${plain(title)}\n\n${flow?.description === undefined ? '' : `${plain(flow.description)}\n\n`}${steps.join('\n')}\n\n`,
  );
  if (problems.length === 0) stream.markdown(withIcons('$(pass) It lints clean. The graph shows it; nothing is written yet.\n\n'));
  else {
    const lines = problems.map((problem) => `- ${plain(problem)}`).join('\n');
    stream.markdown(withIcons(`$(warning) These problems are left; they can be mended in the editor:\n\n${lines}\n\n`));
  }
  const button = (title: string, command: string, ...more: string[]) =>
    stream.button({ command: `belay.chat.${command}`, title, arguments: [uri.toString(), ...more] });
  if (emptyFlow) button(`Put It into ${vscode.workspace.asRelativePath(emptyFlow)}`, 'fillFlow', emptyFlow.toString());
  button('Create Flow File', 'createFlow');
  stream.button(beginButton('Change It…', '@belay /new the same, but '));
  button('Discard', 'discardDraft');
  return { draft: uri.toString() };
}

/** A flow without steps that the user is looking at: the draft may be meant for it. */
async function emptyFlowInFront({ editors }: ChatHost): Promise<vscode.Uri | undefined> {
  const uri = flowInFront(editors);
  if (uri?.scheme !== 'file') return undefined;
  const document = await vscode.workspace.openTextDocument(uri);
  const { flow } = parseFlow(document.getText(), catalog);
  return flow && Object.keys(flow.nodes).length === 0 ? uri : undefined;
}

/** The draft that was shown last in this conversation, if it is still there. */
function lastDraft({ virtual }: ChatHost, history: Turn['history']): string | undefined {
  const shown = history.findLast((turn) => turn instanceof vscode.ChatResponseTurn && (turn.result.metadata as Told | undefined)?.draft);
  const uri = shown instanceof vscode.ChatResponseTurn ? (shown.result.metadata as Told).draft : undefined;
  return uri === undefined ? undefined : virtual.draft(vscode.Uri.parse(uri, true));
}
