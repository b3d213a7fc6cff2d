import * as vscode from 'vscode';
import type { Json } from '../../engine/format/json.ts';
import { redactor } from '../../engine/policy/redact.ts';
import type { NodeView } from '../../engine/run/view.ts';
import { withoutLinks } from '../faults.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { RunHub } from '../runs/hub.ts';
import { duration, when } from '../views/words.ts';
import { fileOf, type LanguageClient, rangeOfSpan, uriOf } from './language-client.ts';
import type { LastResult, LastRuns } from './last-run.ts';

/** So much of a value is shown. */
const MOST_CHARACTERS = 800;
const MOST_LINES = 16;

/** What a thing is and, of a step, what came of it last. Words of flows, models and programs are text here: no links, no commands. */
export class FlowHovers implements vscode.HoverProvider {
  readonly #client: LanguageClient;
  readonly #runs: LastRuns;
  readonly #hub: RunHub;
  readonly #settings: ModelSettings;

  constructor(client: LanguageClient, runs: LastRuns, hub: RunHub, settings: ModelSettings) {
    this.#client = client;
    this.#runs = runs;
    this.#hub = hub;
    this.#settings = settings;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const found = await this.#client.ask('hover', { file: fileOf(document), offset: document.offsetAt(position) }, true);
    if (!found) return undefined;
    const range = rangeOfSpan(found.span);
    if ('is' in found) {
      const text = found.is === 'model' ? this.#modelText(found.name) : `The agent of ${found.name}.agent.md.`;
      return new vscode.Hover(new vscode.MarkdownString().appendText(text), range);
    }
    const about = new vscode.MarkdownString().appendCodeblock(found.code, 'typescript');
    for (const paragraph of found.paragraphs) about.appendText(plain(paragraph)).appendMarkdown('\n\n');
    if (found.excerpt) about.appendCodeblock(found.excerpt.text, found.excerpt.language);
    const flow = uriOf(found.flow) ?? document.uri;
    const last = found.node === undefined ? undefined : (await this.#runs.results(flow)).get(found.node);
    return new vscode.Hover(last ? [about, await this.#lastResult(last)] : [about], range);
  }

  #modelText(name: string): string {
    const model = this.#settings.aliases[name];
    if (model !== undefined) return plain(`The alias ${name} stands for ${model} (setting belay.modelAliases).`);
    return name.includes('/')
      ? plain(`The model ${name.slice(name.indexOf('/') + 1)} of the connection ${name.slice(0, name.indexOf('/'))}.`)
      : plain(`The alias ${name} is not in the setting belay.modelAliases.`);
  }

  async #lastResult({ node, ref, run }: LastResult): Promise<vscode.MarkdownString> {
    const text = new vscode.MarkdownString().appendText(
      `Last run (${when(run.run.createdAt)}): ${[node.state, ...costWords(node)].join(' · ')}`,
    );
    const value = node.error ? `${node.error.code}: ${node.error.message}` : node.output;
    if (value === undefined) return text;
    const whole = node.error ? value : await this.#hub.whole(ref, value).catch(() => undefined);
    if (whole === undefined) return text;
    return text.appendMarkdown('\n').appendCodeblock(redactor(this.#settings.known())(excerpt(whole)), 'json');
  }
}

/** Duration, attempts, tokens and cost, as far as they are known. */
export function costWords({ startedAt, finishedAt, attempts }: NodeView): string[] {
  const usages = attempts.flatMap(({ usage }) => usage ?? []);
  const sum = (of: (usage: (typeof usages)[number]) => number | undefined) => usages.reduce((total, usage) => total + (of(usage) ?? 0), 0);
  const tokens = sum(({ inputTokens = 0, outputTokens = 0 }) => inputTokens + outputTokens);
  const cost = sum((usage) => usage.cost);
  return [
    ...(startedAt === undefined || finishedAt === undefined ? [] : [duration(finishedAt - startedAt)]),
    ...(attempts.some(({ attempt }) => attempt > 1) ? [`${Math.max(...attempts.map(({ attempt }) => attempt))} attempts`] : []),
    ...(tokens > 0 ? [`${tokens} tokens`] : []),
    ...(cost > 0 ? [`$${cost.toFixed(4)}`] : []),
    ...(attempts.some(({ recorded }) => recorded) ? ['recorded'] : []),
  ];
}

function excerpt(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const lines = text.slice(0, MOST_CHARACTERS).split('\n').slice(0, MOST_LINES).join('\n');
  return lines.length < text.length ? `${lines}\n…` : lines;
}

/** Addresses in it become no links either. */
function plain(text: string): string {
  return withoutLinks(text).replaceAll('://', ':\u200b//');
}
