import * as vscode from 'vscode';
import type { ModelProvider } from '../../engine/ports.ts';
import type { Connection, Dialect } from '../../providers/models/connection.ts';
import type { ConnectionLimits } from '../../providers/models/connection-gate.ts';
import type { ModelSettings as RegistrySettings } from '../../providers/models/registry.ts';

export interface ConnectionSetting {
  id: string;
  baseUrl: string;
  dialect?: Dialect;
  keyHeader?: string;
  models?: string[];
  headers?: Record<string, string>;
  limits?: ConnectionLimits;
}

/** OpenAI itself needs no entry in the settings: it is there as soon as a key for it is. */
export const OPENAI: ConnectionSetting = { id: 'openai', baseUrl: 'https://api.openai.com/v1' };

/**
 * What the user configured about models: connections and aliases from *user* settings (a workspace cannot redirect a key),
 * keys from SecretStorage, each bound to the origin it was entered for.
 */
export class ModelSettings implements vscode.Disposable {
  readonly #secrets: vscode.SecretStorage;
  /** Providers of the editor itself, by the name of their connection. */
  readonly hosted: ReadonlyMap<string, ModelProvider>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #disposables: vscode.Disposable[];
  readonly #known = new Set<string>();
  #vscodeModels: string[] | undefined;

  constructor(secrets: vscode.SecretStorage, hosted: ReadonlyMap<string, ModelProvider> = new Map()) {
    this.#secrets = secrets;
    this.hosted = hosted;
    this.#disposables = [
      this.#changed,
      secrets.onDidChange(() => this.#changed.fire()),
      vscode.lm.onDidChangeChatModels(() => {
        if (this.#vscodeModels !== undefined) void this.vscodeModels();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('belay')) this.#changed.fire();
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  get aliases(): Record<string, string> {
    return userValue<Record<string, string>>('modelAliases') ?? {};
  }

  get defaultModel(): string | undefined {
    return userValue<string>('defaultModel') || undefined;
  }

  async setDefaultModel(model: string): Promise<void> {
    await vscode.workspace.getConfiguration('belay').update('defaultModel', model, vscode.ConfigurationTarget.Global);
  }

  /** Connections of the settings. Entries without an id or a usable address are left out. */
  configured(): ConnectionSetting[] {
    return (userValue<unknown[]>('connections') ?? []).filter(isConnection);
  }

  /** Connections of the settings, and OpenAI. Entries without an id or a usable address are left out. */
  connections(): ConnectionSetting[] {
    const configured = this.configured();
    return configured.some(({ id }) => id === OPENAI.id) ? configured : [...configured, OPENAI];
  }

  /** `undefined`: the alias stands for what it always does. */
  async setAlias(name: string, model: string | undefined): Promise<void> {
    const { [name]: _, ...others } = this.aliases;
    const aliases = model === undefined ? others : { ...others, [name]: model };
    await vscode.workspace.getConfiguration('belay').update('modelAliases', aliases, vscode.ConfigurationTarget.Global);
  }

  /** With its key, unless another connection has the same origin. */
  async removeConnection(id: string): Promise<void> {
    const gone = this.connections().find((it) => it.id === id);
    const others = (userValue<unknown[]>('connections') ?? []).filter((entry) => !isConnection(entry) || entry.id !== id);
    await vscode.workspace.getConfiguration('belay').update('connections', others, vscode.ConfigurationTarget.Global);
    const rest = this.connections().filter((it) => it.id !== id);
    if (gone && !rest.some((it) => secretName(it) === secretName(gone))) await this.setKey(gone, undefined);
  }

  async addConnection(connection: ConnectionSetting): Promise<void> {
    const others = (userValue<unknown[]>('connections') ?? []).filter((entry) => !isConnection(entry) || entry.id !== connection.id);
    await vscode.workspace.getConfiguration('belay').update('connections', [...others, connection], vscode.ConfigurationTarget.Global);
  }

  /** Connections that can be used now: those with a key, and those of the settings that need none. */
  async usable(): Promise<ConnectionSetting[]> {
    const usable: ConnectionSetting[] = [];
    for (const connection of this.connections()) {
      if (connection.id !== OPENAI.id || (await this.key(connection))) usable.push(connection);
    }
    return usable;
  }

  /** Full names of the models of the editor itself. */
  async vscodeModels(): Promise<string[]> {
    const lists = await Promise.all([...this.hosted.values()].map((provider) => provider.listModels()));
    const models = lists.flat().map(({ id }) => id);
    const before = this.#vscodeModels;
    this.#vscodeModels = models;
    if (before !== undefined && before.join() !== models.join()) this.#changed.fire();
    return models;
  }

  /** Those of them that are known without waiting; whoever wants to know more is told by `onDidChange`. */
  knownVscodeModels(): readonly string[] {
    if (this.#vscodeModels === undefined) {
      this.#vscodeModels = [];
      void this.vscodeModels();
    }
    return this.#vscodeModels;
  }

  async key(connection: ConnectionSetting): Promise<string | undefined> {
    const key = await this.#secrets.get(secretName(connection));
    if (key) this.#known.add(key);
    return key;
  }

  async setKey(connection: ConnectionSetting, key: string | undefined): Promise<void> {
    await this.#set(secretName(connection), key);
  }

  /** A secret of the user's own, which flows may refer to as `secrets.NAME`. */
  async secret(name: string): Promise<string | undefined> {
    const value = await this.#secrets.get(`secret:${name}`);
    if (value) this.#known.add(value);
    return value;
  }

  async setSecret(name: string, value: string | undefined): Promise<void> {
    await this.#set(`secret:${name}`, value);
  }

  async #set(name: string, value: string | undefined): Promise<void> {
    if (value === undefined) return await this.#secrets.delete(name);
    this.#known.add(value);
    await this.#secrets.store(name, value);
  }

  /** The names under which flows may refer to secrets that are stored. */
  async secretNames(): Promise<string[]> {
    const prefix = 'secret:';
    return (await this.#secrets.keys())
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  /** Gets to know every secret that is stored: a program can print one that this window has not yet handed out. */
  async learn(): Promise<void> {
    for (const name of await this.#secrets.keys()) {
      const value = await this.#secrets.get(name);
      if (value) this.#known.add(value);
    }
  }

  /** A value that is a secret though it is kept elsewhere. */
  hide(secret: string): void {
    if (secret !== '') this.#known.add(secret);
  }

  /** Every secret handed out or learnt so far: what has to be redacted from all that is written down. */
  known(): Iterable<string> {
    return this.#known;
  }

  /** A connection as the engine's providers want it: with its key at hand. */
  withKey(connection: ConnectionSetting): Connection {
    return { ...connection, key: () => this.key(connection) };
  }

  /** The same settings as the engine's model registry asks for them. */
  forRegistry(): RegistrySettings {
    return {
      connections: async () => (await this.usable()).map((connection) => this.withKey(connection)),
      aliases: () => this.aliases,
      defaultModel: () => this.defaultModel,
      hosted: this.hosted,
    };
  }
}

function secretName(connection: ConnectionSetting): string {
  return `key:${new URL(connection.baseUrl).origin}`;
}

/** The user's value only: a folder that was cloned must not choose where prompts and keys go. */
function userValue<T>(name: string): T | undefined {
  const found = vscode.workspace.getConfiguration('belay').inspect<T>(name);
  return found?.globalValue ?? found?.defaultValue;
}

function isConnection(value: unknown): value is ConnectionSetting {
  if (typeof value !== 'object' || value === null) return false;
  const { id, baseUrl } = value as Record<string, unknown>;
  return typeof id === 'string' && id !== '' && typeof baseUrl === 'string' && /^https?:\/\//.test(baseUrl) && URL.canParse(baseUrl);
}
