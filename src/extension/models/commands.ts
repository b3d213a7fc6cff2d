import * as vscode from 'vscode';
import { faultText } from '../faults.ts';
import { type ConnectionSetting, type ModelSettings, OPENAI } from './settings.ts';

/** Models that a connection offers: what the service lists, else what the settings name. */
export type ListModels = (connection: ConnectionSetting) => Promise<string[]>;

/** `Belay: Set API Key`: which service, its key, and the model to use from now on. Returns the chosen model, if any. */
export async function setApiKey(settings: ModelSettings, listModels: ListModels): Promise<string | undefined> {
  const connection = await pickConnection(settings);
  if (!connection) return undefined;
  const host = new URL(connection.baseUrl).host;
  const key = await vscode.window.showInputBox({
    title: `API key for ${connection.id}`,
    prompt: `Stored in VS Code's secret storage and sent to ${host} only. Leave empty for a server that needs no key.`,
    password: true,
    ignoreFocusOut: true,
  });
  if (key === undefined) return undefined;
  await settings.setKey(connection, key.trim() === '' ? undefined : key.trim());
  if (connection.id === OPENAI.id && key.trim() === '') return undefined;
  const model = await pickModel(connection, listModels);
  if (model) await settings.setDefaultModel(model);
  return model;
}

export async function removeApiKey(settings: ModelSettings): Promise<void> {
  const withKey: ConnectionSetting[] = [];
  for (const connection of settings.connections()) if (await settings.key(connection)) withKey.push(connection);
  if (withKey.length === 0) {
    void vscode.window.showInformationMessage('Belay holds no API key.');
    return;
  }
  const picked = await vscode.window.showQuickPick(
    withKey.map((connection) => ({ label: connection.id, description: connection.baseUrl, connection })),
    { title: 'Remove the API key of' },
  );
  if (picked) await settings.setKey(picked.connection, undefined);
}

/** `Belay: Set Secret`: a value that flows refer to as `secrets.NAME` and that is written down nowhere. */
export async function setSecret(settings: ModelSettings): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: 'Name of the secret',
    prompt: 'Flows refer to it as secrets.NAME',
    ignoreFocusOut: true,
    validateInput: (text) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? undefined : 'Letters, digits and underscores'),
  });
  if (!name) return;
  const value = await vscode.window.showInputBox({
    title: `Value of secrets.${name}`,
    prompt: "Stored in VS Code's secret storage. Leave empty to remove it.",
    password: true,
    ignoreFocusOut: true,
  });
  if (value !== undefined) await settings.setSecret(name, value === '' ? undefined : value);
}

async function pickConnection(settings: ModelSettings): Promise<ConnectionSetting | undefined> {
  const items: (vscode.QuickPickItem & { connection?: ConnectionSetting })[] = settings.connections().map((connection) => ({
    label: connection.id === OPENAI.id ? 'OpenAI' : connection.id,
    description: connection.baseUrl,
    connection,
  }));
  items.push(
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(add) Another service…', detail: 'Any OpenAI-compatible address: Ollama, LM Studio, vLLM, OpenRouter, LiteLLM, …' },
  );
  const picked = await vscode.window.showQuickPick(items, { title: 'Which model service?', ignoreFocusOut: true });
  if (!picked) return undefined;
  if (picked.connection) return picked.connection;
  const baseUrl = await vscode.window.showInputBox({
    title: 'Address of the service',
    prompt: 'The base URL up to and including /v1',
    placeHolder: 'http://127.0.0.1:11434/v1',
    ignoreFocusOut: true,
    validateInput: (text) => (/^https?:\/\//.test(text) && URL.canParse(text) ? undefined : 'A URL that starts with http:// or https://'),
  });
  if (!baseUrl) return undefined;
  const id = await vscode.window.showInputBox({
    title: 'A short name for it',
    value: suggestedId(baseUrl),
    ignoreFocusOut: true,
    validateInput: (text) => (/^[a-z][a-z0-9-]*$/.test(text) ? undefined : 'Lower-case letters, digits and dashes'),
  });
  if (!id) return undefined;
  const connection: ConnectionSetting = { id, baseUrl: baseUrl.replace(/\/+$/, '') };
  await settings.addConnection(connection);
  return connection;
}

function suggestedId(baseUrl: string): string {
  const { hostname } = new URL(baseUrl);
  if (hostname === '127.0.0.1' || hostname === 'localhost') return 'local';
  return (
    hostname
      .replace(/^api\./, '')
      .split('.')[0]
      ?.toLowerCase()
      .replace(/[^a-z0-9-]/g, '') || 'service'
  );
}

async function pickModel(connection: ConnectionSetting, listModels: ListModels): Promise<string | undefined> {
  let names: string[];
  try {
    names = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: `Asking ${connection.id} for its models…` },
      () => listModels(connection),
    );
  } catch (error) {
    void vscode.window.showWarningMessage(
      `${connection.id} did not list its models: ${faultText(error)} The key is stored; type a model's name.`,
    );
    names = [];
  }
  if (names.length === 0) {
    const typed = await vscode.window.showInputBox({
      title: 'Model to use by default',
      prompt: `As ${connection.id} names it`,
      ignoreFocusOut: true,
    });
    return typed ? `${connection.id}/${typed}` : undefined;
  }
  return vscode.window.showQuickPick(names, { title: 'Model to use by default', ignoreFocusOut: true });
}
