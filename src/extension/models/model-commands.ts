/** What people do with models: add a service, check it, say which model the names in flows stand for. */
import * as vscode from 'vscode';
import { withoutLinks } from '../faults.ts';
import { loadRuntime } from '../lazy.ts';
import type { ModelItem, ModelsView } from '../views/models-view.ts';
import { ALIASES } from '../views/models-view.ts';
import type { ConnectionSetting, ModelSettings } from './settings.ts';
import { VSCODE } from './vscode-models.ts';

type Preset = Awaited<ReturnType<typeof loadRuntime>>['PRESETS'][number];

const NAME = /^[a-z][a-z0-9-]*$/;

export class ModelCommands {
  readonly #settings: ModelSettings;
  readonly #view: ModelsView;

  constructor(settings: ModelSettings, view: ModelsView) {
    this.#settings = settings;
    this.#view = view;
  }

  /** From a preset: the parts of its address, a name, its key. Then it is checked. */
  async add(): Promise<void> {
    const { PRESETS, presetAddress } = await loadRuntime();
    type Item = vscode.QuickPickItem & { preset?: Preset };
    const items: Item[] = [
      { label: '$(search) Find Local Servers', detail: 'Ollama, LM Studio, llama.cpp and vLLM on their usual ports of this machine' },
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      ...PRESETS.map((preset) => ({ label: preset.name, detail: preset.about, preset })),
    ];
    const picked = await vscode.window.showQuickPick(items, { title: 'Add a model connection', matchOnDetail: true, ignoreFocusOut: true });
    if (!picked) return;
    if (!picked.preset) return this.findLocal();
    const { preset } = picked;
    const answers: Record<string, string> = {};
    for (const { name, title, example } of preset.asks ?? []) {
      const answer = await vscode.window.showInputBox({
        title,
        placeHolder: example,
        ignoreFocusOut: true,
        validateInput: (text) => problemOf(presetAddress(preset, { ...answers, [name]: text }), text, name === 'address'),
      });
      if (answer === undefined) return;
      answers[name] = answer;
    }
    const id = await this.#askName(preset.id === 'other' ? 'service' : preset.id);
    if (id === undefined) return;
    const { dialect, keyHeader, headers } = preset;
    await this.#connect(
      {
        id,
        baseUrl: presetAddress(preset, answers),
        ...(dialect ? { dialect } : {}),
        ...(keyHeader ? { keyHeader } : {}),
        ...(headers ? { headers: { ...headers } } : {}),
      },
      preset,
    );
  }

  /** Asks the usual ports of this machine, because somebody wants it; each server found is one click away. */
  async findLocal(): Promise<void> {
    const { findLocalServers } = await loadRuntime();
    const found = await vscode.window.withProgress(
      { location: { viewId: 'belay.models' }, title: 'Looking for local model servers…' },
      () => findLocalServers(),
    );
    const known = new Set(this.#settings.connections().map(({ baseUrl }) => baseUrl));
    const fresh = found.filter(({ baseUrl }) => !known.has(baseUrl));
    if (fresh.length === 0) {
      const text = found.length > 0 ? 'The model servers that run here are all configured.' : 'No model server answers on this machine.';
      const hint = found.length > 0 ? '' : ' Start Ollama, LM Studio, llama.cpp or vLLM, or add a connection by its address.';
      const add = 'Add Connection…';
      if ((await vscode.window.showInformationMessage(text + hint, add)) === add) await this.add();
      return;
    }
    const picked = await vscode.window.showQuickPick(
      fresh.map((server) => ({
        label: server.name,
        description: server.baseUrl,
        detail: server.models.length === 0 ? 'No models loaded' : server.models.slice(0, 5).join(', '),
        picked: true,
        server,
      })),
      { title: 'Model servers on this machine', canPickMany: true, ignoreFocusOut: true },
    );
    for (const { server } of picked ?? []) {
      await this.#settings.addConnection({ id: this.#freeName(server.id), baseUrl: server.baseUrl });
    }
    const [first] = picked ?? [];
    const model = first?.server.models[0];
    if (first && model !== undefined && this.#settings.aliases.local === undefined) {
      await this.#settings.setAlias('local', `${this.#nameAt(first.server.baseUrl)}/${model}`);
    }
    await this.checkAll();
  }

  async check(item: ModelItem): Promise<void> {
    if (item.kind === 'connection') await this.#view.check(item.id);
  }

  async checkAll(): Promise<void> {
    const ids = await this.#view.connections();
    await vscode.window.withProgress({ location: { viewId: 'belay.models' } }, () => Promise.all(ids.map((id) => this.#view.check(id))));
  }

  async remove(item: ModelItem): Promise<void> {
    if (item.kind !== 'connection' || item.id === VSCODE) return;
    const yes = 'Remove';
    const picked = await vscode.window.showWarningMessage(
      withoutLinks(`Remove the connection "${item.id}"?`),
      { modal: true, detail: 'Its API key is forgotten too. Flows that name its models fail until they name others.' },
      yes,
    );
    if (picked === yes) await this.#settings.removeConnection(item.id);
  }

  async setKey(item: ModelItem): Promise<void> {
    const connection = item.kind === 'connection' ? this.#settings.connections().find(({ id }) => id === item.id) : undefined;
    if (!connection || !(await this.#askKey(connection, false))) return;
    await this.#view.check(connection.id);
  }

  async setDefault(item?: ModelItem): Promise<void> {
    const model = item?.kind === 'model' ? item.info.id : await this.#pickModel('Model for prompts that name none');
    if (model !== undefined) await this.#settings.setDefaultModel(model);
  }

  /** From a name: which model. From a model: which name. */
  async setAlias(item?: ModelItem): Promise<void> {
    const name = item?.kind === 'name' && item.name !== undefined ? item.name : await this.#pickName();
    if (name === undefined) return;
    if (item?.kind === 'model') return this.#settings.setAlias(name, item.info.id);
    const isSet = this.#settings.aliases[name] !== undefined;
    const model = await this.#pickModel(`What "${name}" stands for`, isSet);
    if (model !== undefined) await this.#settings.setAlias(name, model === '' ? undefined : model);
  }

  async #connect(connection: ConnectionSetting, preset: Preset): Promise<void> {
    if (!(await this.#askKey(connection, preset.key === 'optional', preset.keyPage))) return;
    await this.#settings.addConnection(connection);
    const failed = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: `Checking ${connection.id}…` },
      () => this.#view.check(connection.id),
    );
    if (failed) {
      void vscode.window.showWarningMessage(
        withoutLinks(`${connection.id} was added, but it does not work yet: ${failed.message} ${failed.hint}`),
      );
      return;
    }
    if (this.#settings.defaultModel === undefined) await this.setDefault();
  }

  /** Stores what is typed. False: dismissed. */
  async #askKey(connection: ConnectionSetting, optional: boolean, keyPage?: string): Promise<boolean> {
    const { host } = new URL(connection.baseUrl);
    const key = await vscode.window.showInputBox({
      title: `API key for ${connection.id}`,
      prompt: `Stored in VS Code's secret storage and sent to ${host} only.${optional ? ' Leave empty if the server needs none.' : ''}`,
      placeHolder: keyPage ?? '',
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => (optional || text.trim() !== '' ? undefined : 'This service needs a key'),
    });
    if (key === undefined) return false;
    await this.#settings.setKey(connection, key.trim() === '' ? undefined : key.trim());
    return true;
  }

  async #askName(suggested: string): Promise<string | undefined> {
    return vscode.window.showInputBox({
      title: 'A short name for it',
      prompt: 'First part of the names of its models: NAME/MODEL',
      value: this.#freeName(suggested),
      ignoreFocusOut: true,
      validateInput: (text) =>
        !NAME.test(text)
          ? 'Lower-case letters, digits and dashes'
          : text === VSCODE
            ? `"${VSCODE}" are the models of VS Code itself`
            : undefined,
    });
  }

  #freeName(wanted: string): string {
    const taken = new Set(this.#settings.configured().map(({ id }) => id));
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted : `${wanted}-${number}`;
      if (!taken.has(name)) return name;
    }
  }

  #nameAt(baseUrl: string): string {
    return this.#settings.connections().find((it) => it.baseUrl === baseUrl)?.id ?? '';
  }

  async #pickName(): Promise<string | undefined> {
    const other = 'Another name…';
    const names = new Set<string>([...ALIASES, ...Object.keys(this.#settings.aliases)]);
    const items = [...names].map((label) => ({ label, description: this.#settings.aliases[label] ?? '' }));
    const picked = await vscode.window.showQuickPick([...items, { label: other, description: '' }], { title: 'Name used in flows' });
    if (picked?.label !== other) return picked?.label;
    return vscode.window.showInputBox({
      title: 'Name used in flows',
      validateInput: (text) => (NAME.test(text) ? undefined : 'Lower-case letters, digits and dashes'),
    });
  }

  /** Undefined: dismissed. Empty: none. */
  async #pickModel(title: string, mayBeNone = false): Promise<string | undefined> {
    const none = '$(close) Not set';
    const offered = vscode.window.withProgress({ location: { viewId: 'belay.models' } }, () => this.#view.models());
    const items = offered.then((models) => [
      ...(mayBeNone ? [{ label: none, description: '' }] : []),
      ...models.map(({ id, description }) => ({ label: id, description })),
    ]);
    const picked = await vscode.window.showQuickPick(items, {
      title,
      ignoreFocusOut: true,
      matchOnDescription: true,
      placeHolder: 'Models of all connections',
    });
    return picked === undefined ? undefined : picked.label === none ? '' : picked.label;
  }
}

function problemOf(address: string, text: string, isAddress: boolean): string | undefined {
  if (text.trim() === '') return 'Something has to stand here';
  if (isAddress && !/^https?:\/\//.test(text)) return 'A URL that starts with http:// or https://';
  return URL.canParse(address.replaceAll(/\{\w+\}/g, 'x')) ? undefined : 'This makes no address';
}
