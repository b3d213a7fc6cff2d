import * as vscode from 'vscode';
import { BUILT_IN_AGENTS, builtInAgent } from '../../engine/agents/built-in.ts';
import { payloadOf } from '../../engine/format/json.ts';
import type { RunView } from '../../engine/run/view.ts';
import type { Answers, Named, Question } from '../../webview/protocol/ask.ts';
import { rootOfDocument } from '../documents.ts';
import type { RunModes } from '../models/modes.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { RunHub } from '../runs/hub.ts';
import { type RunRef, refKey } from '../runs/run-ref.ts';
import type { FlowStarts } from './starts.ts';

/** No more agents are listed. */
const MOST_AGENTS = 200;
const AGENTS = '**/.github/agents/*.agent.md';

interface Parts {
  hub: RunHub;
  modes: RunModes;
  settings: ModelSettings;
  starts: FlowStarts;
}

type Draft = Extract<Question, { about: 'draft' }>;

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
        return (await import('./forms.lazy.ts')).completeDraft(question, fileOf(document));
      case 'cron':
        return (await import('./forms.lazy.ts')).readCron(question);
      case 'models':
        return this.#models(document);
      case 'starts':
        return this.#parts.starts.list();
      case 'agents':
        return agents();
      case 'tools':
        return (await import('./forms.lazy.ts')).toolsOf(document.getText(), question.lists);
      default:
        return question satisfies never;
    }
  }

  async #draft(document: vscode.TextDocument, shown: string | undefined, draft: Draft): Promise<Answers['draft']> {
    const forms = await import('./forms.lazy.ts');
    const { hub, settings } = this.#parts;
    const file = fileOf(document);
    const problems = forms.draftProblems(draft, file);
    const ref = hub.last(document.uri, shown);
    if (!ref) return { problems, preview: { none: 'Run the flow once to see here what this comes out as.' } };
    const view = await this.#viewOf(ref);
    const whole = (value: Parameters<typeof hub.whole>[1]) => hub.whole(ref, value);
    return { problems, preview: await forms.previewDraft(draft, { ...file, view, whole, known: settings.known() }) };
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

function fileOf(document: vscode.TextDocument): { text: string; file: string; root: string } {
  return { text: document.getText(), file: document.uri.fsPath, root: rootOfDocument(document) };
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

/** The `description` of the front matter, in one line. */
function descriptionIn(text: string): string {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  const written = /^description:[ \t]*(.+)$/m.exec(front)?.[1]?.trim() ?? '';
  const value = written.startsWith('"') ? payloadOf(written) : written.replace(/^'(.*)'$/, '$1');
  return typeof value === 'string' ? value : written;
}
