/** `@belay` without a command: a short answer from the pages that come with Belay, and from what is in the workspace. */
import * as vscode from 'vscode';
import type { ModelMessage } from '../../engine/ports.ts';
import { conversationOf } from './agent-run.ts';
import { askModel, nameOfModel } from './ask-model.ts';
import { sectionsAbout, sectionsOf } from './docs.ts';
import type { ChatHost, Told, Turn } from './host.ts';
import { workspaceFlows } from './workspace-flows.ts';

const PAGES = ['chat', 'cli', 'durability', 'editor', 'expressions', 'format', 'mcp', 'models', 'nodes', 'problems'];
const MOST_SECTIONS = 6;
/** No more flows are told to the model. */
const MOST_FLOWS = 50;

const SYSTEM = `You answer for Belay, a VS Code extension in which AI workflows are documents (NAME.flow.json) that open as graphs and run with people's approvals.
Answer in at most 120 words of Markdown, from the pages below; say so where they do not tell. Do not invent keys, commands or settings.
In the chat there are: @belay /run FLOW, /new DESCRIPTION (drafts a flow), /explain, /fix, /agent NAME; and @assistant, @commander, @filesurfer, @websurfer.`;

export async function question(host: ChatHost, turn: Turn): Promise<Told> {
  const { request, history, stream, token } = turn;
  const asked = request.prompt.trim();
  if (asked === '') {
    stream.markdown('Ask about Belay or the flows of this workspace, or use `/new`, `/run`, `/explain`, `/fix` or `/agent`.');
    return {};
  }
  const pages = await Promise.all(PAGES.map(async (page) => sectionsOf(page, await readPage(host, page))));
  const found = sectionsAbout(asked, pages.flat(), MOST_SECTIONS);
  const flows = (await workspaceFlows()).slice(0, MOST_FLOWS);
  const messages: ModelMessage[] = [
    {
      role: 'system',
      content: [
        SYSTEM,
        ...found.map(({ page, heading, text }) => `# ${page}: ${heading}\n${text}`),
        `# Flows of this workspace\n${flows.map(({ path, title, flow }) => `- ${path}: ${title ?? ''} ${flow?.description ?? ''}`).join('\n') || 'none'}`,
      ].join('\n\n'),
    },
    ...conversationOf(history).map(({ role, text }): ModelMessage => ({ role, content: text })),
    { role: 'user', content: asked },
  ];
  await askModel(host.settings, nameOfModel(request.model), messages, { token, onText: (text) => stream.markdown(text) });
  return {};
}

async function readPage({ extensionUri, log }: ChatHost, page: string): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, 'docs', `${page}.md`)));
  } catch (error) {
    log.warn(`The page ${page} cannot be read`, error);
    return '';
  }
}
