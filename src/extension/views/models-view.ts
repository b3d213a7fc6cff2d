import * as vscode from 'vscode';
import type { ErrorData } from '../../engine/errors.ts';
import type { ModelCapabilities, ModelInfo } from '../../engine/ports.ts';
import type { Price } from '../../providers/models/prices.ts';
import { asFault } from '../faults.ts';
import { loadRuntime } from '../lazy.ts';
import type { ConnectionSetting, ModelSettings } from '../models/settings.ts';
import { VSCODE } from '../models/vscode-models.ts';

/** Names that flows may use instead of a vendor's; the user's own follow. */
export const ALIASES = ['fast', 'smart', 'local'] as const;

export type ModelItem =
  | { kind: 'connection'; id: string }
  | { kind: 'model'; connection: string; info: ModelInfo; price: Price | undefined }
  | { kind: 'names' }
  /** `undefined`: the default model. */
  | { kind: 'name'; name: string | undefined }
  | { kind: 'note'; text: string };

type Health =
  | { is: 'unknown' }
  | { is: 'checking' }
  | { is: 'works'; models: { info: ModelInfo; price: Price | undefined }[] }
  | { is: 'failed'; error: ErrorData };

/** The model services that are configured, whether they work, what their models can do and cost, and what flows call them. */
export class ModelsView implements vscode.TreeDataProvider<ModelItem>, vscode.Disposable {
  readonly #settings: ModelSettings;
  readonly #view: vscode.TreeView<ModelItem>;
  readonly #changed = new vscode.EventEmitter<ModelItem | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listeners: vscode.Disposable[];
  readonly #health = new Map<string, Health>();

  constructor(settings: ModelSettings) {
    this.#settings = settings;
    this.#view = vscode.window.createTreeView('belay.models', { treeDataProvider: this, showCollapseAll: true });
    this.#listeners = [
      // A key or an address that changed: what was found out before says nothing any more.
      settings.onDidChange(() => {
        for (const [id, health] of this.#health) if (health.is === 'failed') this.#health.delete(id);
        this.#changed.fire(undefined);
      }),
      vscode.lm.onDidChangeChatModels(() => {
        this.#health.delete(VSCODE);
        this.#changed.fire(undefined);
      }),
    ];
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  /** Connections that can be used, those of the editor included. */
  async connections(): Promise<string[]> {
    const [usable, ofEditor] = await Promise.all([this.#settings.usable(), this.#settings.vscodeModels()]);
    return [...usable.map(({ id }) => id), ...(ofEditor.length > 0 ? [VSCODE] : [])];
  }

  /** Asks the service; what comes of it stands in the view. Undefined: it works. */
  async check(id: string): Promise<ErrorData | undefined> {
    this.#health.set(id, { is: 'checking' });
    this.#changed.fire(undefined);
    const health = await this.#ask(id);
    this.#health.set(id, health);
    this.#changed.fire(undefined);
    return health.is === 'failed' ? health.error : undefined;
  }

  /** Full names of all models that are offered, for choosing one. */
  async models(): Promise<{ id: string; description: string }[]> {
    const ids = await this.connections();
    const all = await Promise.all(
      ids.map(async (id) => {
        const health = this.#health.get(id);
        if (health?.is === 'works') return health.models;
        await this.check(id);
        const now = this.#health.get(id);
        return now?.is === 'works' ? now.models : [];
      }),
    );
    return all.flat().map(({ info, price }) => ({
      id: info.id,
      description: [abilities(info.capabilities), cost(price)].filter((it) => it !== '').join(' · '),
    }));
  }

  async #ask(id: string): Promise<Health> {
    try {
      const runtime = await loadRuntime();
      const registry = runtime.createModelRegistry(this.#settings.forRegistry());
      const checked = await registry.check(id);
      if (!checked.ok) throw checked.error;
      const address = this.#settings.connections().find((it) => it.id === id)?.baseUrl;
      const infos = await registry.listOf(id).catch(() => []);
      const models = await Promise.all(
        infos.map(async (info) => ({
          info,
          price: address === undefined ? undefined : await runtime.priceOf(address, info.id.slice(id.length + 1)),
        })),
      );
      return { is: 'works', models };
    } catch (error) {
      return { is: 'failed', error: asFault(error) };
    }
  }

  async getChildren(item?: ModelItem): Promise<ModelItem[]> {
    if (!item) {
      const connections = await this.connections();
      if (connections.length === 0) return [];
      return [{ kind: 'names' }, ...connections.map((id): ModelItem => ({ kind: 'connection', id }))];
    }
    if (item.kind === 'names') {
      const names = new Set<string>([...ALIASES, ...Object.keys(this.#settings.aliases)]);
      return [undefined, ...names].map((name) => ({ kind: 'name', name }));
    }
    if (item.kind !== 'connection') return [];
    if ((this.#health.get(item.id)?.is ?? 'unknown') === 'unknown') await this.check(item.id);
    const health = this.#health.get(item.id);
    if (health?.is === 'failed') return [{ kind: 'note', text: `${health.error.message} ${health.error.hint}` }];
    if (health?.is !== 'works') return [];
    if (health.models.length === 0) return [{ kind: 'note', text: 'It lists no models. Name them in the settings.' }];
    return health.models.map(({ info, price }) => ({ kind: 'model', connection: item.id, info, price }));
  }

  getTreeItem(item: ModelItem): vscode.TreeItem {
    switch (item.kind) {
      case 'names':
        return namesItem();
      case 'name':
        return this.#nameItem(item.name);
      case 'connection':
        return this.#connectionItem(item.id);
      case 'model':
        return this.#modelItem(item);
      case 'note':
        return noteItem(item.text);
      default:
        return item satisfies never;
    }
  }

  #nameItem(name: string | undefined): vscode.TreeItem {
    const item = new vscode.TreeItem(name ?? 'default');
    const value = name === undefined ? this.#settings.defaultModel : this.#settings.aliases[name];
    item.id = `name/${name ?? ''}`;
    item.description = value ?? (name === undefined || name === 'local' ? 'not set' : 'the default model');
    item.iconPath = new vscode.ThemeIcon(name === undefined ? 'star-full' : 'tag');
    item.contextValue = name === undefined ? 'default' : value === undefined ? 'alias' : 'aliasSet';
    item.tooltip =
      name === undefined
        ? 'The model for prompts that name none.'
        : `What "${name}" stands for in flows${name === 'local' ? ': a model on this machine; it never falls back to the default' : ''}.`;
    item.command =
      name === undefined
        ? { command: 'belay.setDefaultModel', title: 'Choose…' }
        : { command: 'belay.setModelAlias', title: 'Choose…', arguments: [{ kind: 'name', name } satisfies ModelItem] };
    item.accessibilityInformation = { label: `${name ?? 'default'}: ${item.description}` };
    return item;
  }

  #connectionItem(id: string): vscode.TreeItem {
    const setting = this.#settings.connections().find((it) => it.id === id);
    const health = this.#health.get(id) ?? { is: 'unknown' };
    const { icon, color, word } = healthLook(health);
    const title = id === VSCODE ? "VS Code's models" : id;
    const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `connection/${id}`;
    item.description = [word, setting ? hostOf(setting) : ''].filter((it) => it !== '').join(' · ');
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.contextValue = id === VSCODE ? 'editorConnection' : 'connection';
    item.tooltip = [title, setting?.baseUrl, word, health.is === 'failed' ? `${health.error.message} ${health.error.hint}` : undefined]
      .filter((it) => it !== undefined && it !== '')
      .join('\n');
    item.accessibilityInformation = { label: `${title}, ${item.description}` };
    return item;
  }

  #modelItem({ info, price }: Extract<ModelItem, { kind: 'model' }>): vscode.TreeItem {
    const item = new vscode.TreeItem(info.name);
    const names = [
      ...(this.#settings.defaultModel === info.id ? ['default'] : []),
      ...Object.entries(this.#settings.aliases).flatMap(([name, model]) => (model === info.id ? [name] : [])),
    ];
    item.id = `model/${info.id}`;
    item.description = [...names, abilities(info.capabilities), cost(price)].filter((it) => it !== '').join(' · ');
    item.iconPath = new vscode.ThemeIcon(names.includes('default') ? 'star-full' : 'sparkle');
    item.contextValue = 'model';
    item.tooltip = new vscode.MarkdownString(
      describe(info, price)
        .map(([what, value]) => `**${what}:** ${value}  `)
        .join('\n'),
    );
    item.accessibilityInformation = { label: `${info.name}, ${item.description}` };
    return item;
  }
}

function namesItem(): vscode.TreeItem {
  const item = new vscode.TreeItem('Names used in flows', vscode.TreeItemCollapsibleState.Expanded);
  item.id = 'names';
  item.tooltip = 'Flows name these instead of a vendor, so that they run for everybody.';
  item.contextValue = 'names';
  return item;
}

function noteItem(text: string): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.iconPath = new vscode.ThemeIcon('info');
  item.tooltip = text;
  return item;
}

function healthLook(health: Health): { icon: string; color?: string; word: string } {
  switch (health.is) {
    case 'unknown':
      return { icon: 'plug', word: 'not checked' };
    case 'checking':
      return { icon: 'loading~spin', word: 'checking…' };
    case 'works':
      return { icon: 'pass', color: 'testing.iconPassed', word: 'works' };
    case 'failed':
      return { icon: 'error', color: 'list.errorForeground', word: failureWord(health.error) };
    default:
      return health satisfies never;
  }
}

/** What is wrong, in two words; the reason stands in the tooltip and below. */
function failureWord({ kind }: ErrorData): string {
  switch (kind) {
    case 'auth':
      return 'key rejected';
    case 'permission':
      return 'not permitted';
    case 'quota':
      return 'quota used up';
    case 'network':
    case 'timeout':
      return 'unreachable';
    case 'rateLimit':
    case 'overloaded':
      return 'busy';
    default:
      return 'does not work';
  }
}

function hostOf({ baseUrl }: ConnectionSetting): string {
  return new URL(baseUrl).host;
}

/** What is known only: what nobody says is left out. */
function abilities({ tools, vision, structuredOutput, contextWindow }: ModelCapabilities): string {
  return [
    tools === true ? 'tools' : '',
    vision === true ? 'images' : '',
    structuredOutput === 'native' ? 'JSON' : '',
    contextWindow === undefined ? '' : `${Math.round(contextWindow / 1000)}K`,
  ]
    .filter((it) => it !== '')
    .join(' · ');
}

function cost(price: Price | undefined): string {
  return price === undefined ? '' : `$${dollars(price.input)} / $${dollars(price.output)}`;
}

function dollars(amount: number): string {
  return amount >= 10 ? amount.toFixed(0) : amount.toFixed(2);
}

function describe({ id, capabilities: can }: ModelInfo, price: Price | undefined): [what: string, value: string][] {
  const said = (value: boolean | undefined): string => (value === undefined ? 'not known' : value ? 'yes' : 'no');
  return [
    ['Model', `\`${id}\``],
    ['Tools', said(can.tools)],
    ['Images as input', said(can.vision)],
    ['Structured output', can.structuredOutput === 'native' ? 'native, and checked' : 'asked for in words, and checked'],
    ['System message', can.systemRole ? 'yes' : 'put in front of the prompt'],
    ['Temperature', can.temperature ? 'yes' : 'no'],
    ['Tokens', can.usage === 'reported' ? 'counted by the service' : 'estimated'],
    ...(can.contextWindow === undefined ? [] : ([['Context', `${can.contextWindow.toLocaleString()} tokens`]] as [string, string][])),
    ['Price', price ? `$${dollars(price.input)} for a million tokens in, $${dollars(price.output)} out (list price)` : 'not known'],
  ];
}
