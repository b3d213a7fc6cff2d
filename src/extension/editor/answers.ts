import * as path from 'node:path';
import * as vscode from 'vscode';
import { BUILT_IN_AGENTS, builtInAgent } from '../../engine/agents/built-in.ts';
import { payloadOf } from '../../engine/format/json.ts';
import { FLOW_TOOL } from '../../engine/format/tool-names.ts';
import type { RunView } from '../../engine/run/view.ts';
import type { Answers, Named, Question } from '../../webview/protocol/ask.ts';
import type { RunModes } from '../models/modes.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { RunHub } from '../runs/hub.ts';
import { rootOf } from '../runs/roots.ts';
import { type RunRef, refKey } from '../runs/run-ref.ts';
import { fileOf, type LanguageClient } from '../text/language-client.ts';
import type { Draft as LanguageDraft } from '../text/language-protocol.ts';
import { vscodeTools } from '../tools/vscode-tools.ts';
import type { FlowStarts } from './starts.ts';

/** No more agents are listed, and no more flows. */
const MOST_AGENTS = 200;
const MOST_FLOWS = 200;
/** Characters of what a tool says of itself. */
const MOST_ABOUT = 120;
const AGENTS = '**/.github/agents/*.agent.md';

interface Parts {
  hub: RunHub;
  modes: RunModes;
  settings: ModelSettings;
  starts: FlowStarts;
  client: LanguageClient;
}

type Draft = Extract<Question, { about: 'draft' }>;
type Completion = Extract<Question, { about: 'completion' }>;

/** Answers what forms ask about beside the document. */
export class FormAnswers {
  readonly #parts: Parts;
  /** The finished run that was looked at last: its view does not change any more. */
  #seen: { key: string; view: RunView } | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `shown`: the id of the run that the editor shows. */
  async answer(document: vscode.TextDocument, shown: string | undefined, question: Question): Promise<Answers[keyof Answers]> {
    switch (question.about) {
      case 'draft':
        return this.#draft(document, shown, question);
      case 'completion':
        return this.#completion(document, question);
      case 'cron':
        return (await import('./forms.lazy.ts')).readCron(question);
      case 'models':
        return this.#models(document);
      case 'starts':
        return this.#parts.starts.list();
      case 'agents':
        return agents();
      case 'tools':
        return tools(document, question.lists);
      default:
        return question satisfies never;
    }
  }

  #completion(document: vscode.TextDocument, { offset, ...question }: Completion): Promise<Answers['completion']> {
    return this.#parts.client.ask('completeDraft', { file: fileOf(document), draft: draftOf(question), offset });
  }

  async #draft(document: vscode.TextDocument, shown: string | undefined, question: Draft): Promise<Answers['draft']> {
    const { client, hub, settings } = this.#parts;
    const draft = draftOf(question);
    const { problems, place } = await client.ask('checkDraft', { file: fileOf(document), draft });
    const ref = hub.last(document.uri, shown);
    if (!ref) return { problems, preview: { none: 'Run the flow once to see here what this comes out as.' } };
    const { previewDraft } = await import('./forms.lazy.ts');
    const view = await this.#viewOf(ref);
    const whole = (value: Parameters<typeof hub.whole>[1]) => hub.whole(ref, value);
    return { problems, preview: await previewDraft(draft.expression, place, { view, whole, known: settings.known() }) };
  }

  async #viewOf(ref: RunRef): Promise<RunView> {
    const key = refKey(ref);
    if (this.#seen?.key === key) return this.#seen.view;
    const view = await this.#parts.hub.view(ref);
    if (view.finishedAt !== undefined) this.#seen = { key, view };
    return view;
  }

  async #models({ uri }: vscode.TextDocument): Promise<Named[]> {
    const { modes, settings } = this.#parts;
    const aliases = Object.entries(settings.aliases).map(([name, model]) => ({ name, about: model }));
    const { models } = await modes.choice(uri);
    return [...aliases, ...models.map((name) => ({ name, about: '' }))];
  }
}

function draftOf({ node, path: at, value, expression }: Omit<Draft, 'about'>): LanguageDraft {
  return { node, path: at, value, expression };
}

/** The custom agents of the workspace, by the names that flows call them, and those that ship with Belay. */
async function agents(): Promise<Named[]> {
  const found = await vscode.workspace.findFiles(AGENTS, '**/node_modules/**', MOST_AGENTS);
  const named = await Promise.all(
    found.map(async (uri) => ({
      name: uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/\.agent\.md$/, ''),
      about: descriptionIn(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri))),
    })),
  );
  const own = new Set(named.map(({ name }) => name));
  const shipped = BUILT_IN_AGENTS.filter((name) => !own.has(name)).map((name) => ({
    name,
    about: descriptionIn(builtInAgent(name) ?? ''),
  }));
  return [...named, ...shipped].sort((a, b) => a.name.localeCompare(b.name));
}

/** What can be called without asking any server: Belay's own, those of VS Code, and the other flows of the root. */
async function tools(document: vscode.TextDocument, lists: boolean): Promise<Named[]> {
  const { toolsOf } = await import('./forms.lazy.ts');
  const ofCode = await vscodeTools.list(undefined, { scope: { flow: '' }, signal: new AbortController().signal });
  const root = rootOf(document.uri);
  const found = await vscode.workspace.findFiles('**/*.flow.json', '**/{node_modules,.belay}/**', MOST_FLOWS);
  const flows = found
    .filter((uri) => uri.toString() !== document.uri.toString())
    .map(({ fsPath }) => path.relative(root, fsPath).split(path.sep).join('/'))
    .filter((it) => !it.startsWith('../'))
    .sort();
  return [
    ...toolsOf(document.getText(), lists),
    ...ofCode.tools.map(({ name, description }) => ({ name, about: description.split('\n', 1)[0]?.slice(0, MOST_ABOUT) ?? '' })),
    ...flows.map((it) => ({ name: FLOW_TOOL + it, about: 'flow' })),
  ];
}

/** The `description` of the front matter, in one line. */
function descriptionIn(text: string): string {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  const written = /^description:[ \t]*(.+)$/m.exec(front)?.[1]?.trim() ?? '';
  const value = written.startsWith('"') ? payloadOf(written) : written.replace(/^'(.*)'$/, '$1');
  return typeof value === 'string' ? value : written;
}
