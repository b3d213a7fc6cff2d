/** What MCP servers need of a person in the editor: a yes before they start, answers, and signing in. */
import * as vscode from 'vscode';
import type { Elicitation, ElicitationAnswer, Field } from '../../providers/mcp/elicitation.ts';
import type { McpHost, ServerRequest } from '../../providers/mcp/tools.ts';
import { loadRuntime } from '../lazy.ts';
import type { ModelSettings } from '../models/settings.ts';

const SIGN_IN = 'mcp:';

type Answer = string | number | boolean | string[];

export class ServerPrompts {
  readonly #context: Pick<vscode.ExtensionContext, 'secrets' | 'workspaceState'>;
  readonly #settings: Pick<ModelSettings, 'hide'>;
  readonly #log: vscode.LogOutputChannel;
  /** Questions come one after the other, whoever asks. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    context: Pick<vscode.ExtensionContext, 'secrets' | 'workspaceState'>,
    settings: Pick<ModelSettings, 'hide'>,
    log: vscode.LogOutputChannel,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#log = log;
  }

  /** The part of a host that knows people. */
  of(root: string): Pick<McpHost, 'allow' | 'howToAllow' | 'elicit' | 'oauth' | 'note'> {
    return {
      note: (message) => this.#log.warn(message),
      allow: (request) => this.#inTurn(() => this.#allow(root, request)),
      howToAllow: () => 'Run the flow again and allow it, if you trust it.',
      elicit: (question, signal) => this.#inTurn(() => ask(question, signal)),
      oauth: {
        open: (url, server) => this.#inTurn(() => signIn(url, server)),
        load: async (server) => this.#context.secrets.get(SIGN_IN + server),
        keep: async (server, value) => {
          await (value === undefined
            ? this.#context.secrets.delete(SIGN_IN + server)
            : this.#context.secrets.store(SIGN_IN + server, value));
        },
        learn: (secret) => this.#settings.hide(secret),
      },
    };
  }

  /** Asked once for each definition in this workspace, and never where the workspace is not trusted. */
  async #allow(root: string, { name, kind, what, from, hash }: ServerRequest): Promise<boolean> {
    if (!vscode.workspace.isTrusted) return false;
    const key = `mcp.allowed:${hash}:${root}`;
    if (this.#context.workspaceState.get(key) === true) return true;
    const does = kind === 'program' ? 'start a program on your machine' : 'connect to an address';
    const allow: vscode.MessageItem = { title: 'Allow' };
    const chosen = await vscode.window.showWarningMessage(
      `"${from}" wants to ${does}, as the MCP server "${name}".`,
      { modal: true, detail: `${what}\n\nAllow it only if you trust it. You are asked again when this changes.` },
      allow,
    );
    if (chosen !== allow) return false;
    await this.#context.workspaceState.update(key, true);
    return true;
  }

  #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(ask);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

async function signIn(url: URL, server: string): Promise<boolean> {
  const open: vscode.MessageItem = { title: 'Sign In' };
  const chosen = await vscode.window.showInformationMessage(
    `The MCP server "${server}" wants to know who you are.`,
    { modal: true, detail: `Its page is opened in your browser: ${url.origin}` },
    open,
  );
  return chosen === open && (await vscode.env.openExternal(vscode.Uri.parse(url.href, true)));
}

/** Field by field; leaving one without an answer leaves the whole. */
async function ask({ server, message, fields }: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer> {
  if (signal.aborted) return { action: 'cancel' };
  const cancelled = new vscode.CancellationTokenSource();
  const onAbort = (): void => cancelled.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer: vscode.MessageItem = { title: fields.length === 0 ? 'Yes' : 'Answer' };
    const decline: vscode.MessageItem = { title: 'Decline' };
    const text = `The MCP server "${server}" asks`;
    const chosen = await vscode.window.showInformationMessage(
      text,
      { modal: true, detail: `${message}\n\nGive it no passwords.` },
      answer,
      decline,
    );
    if (chosen !== answer) return { action: chosen === decline ? 'decline' : 'cancel' };
    const content: Record<string, Answer> = {};
    for (const [i, field] of fields.entries()) {
      const value = await askField(field, `${server} (${i + 1} of ${fields.length})`, cancelled.token);
      if (value === undefined) return { action: 'cancel' };
      if (value !== '' || field.required) content[field.name] = value;
    }
    return { action: 'accept', content };
  } finally {
    signal.removeEventListener('abort', onAbort);
    cancelled.dispose();
  }
}

async function askField(field: Field, title: string, token: vscode.CancellationToken): Promise<Answer | undefined> {
  const placeHolder = [field.title, field.description].filter((text) => text !== undefined).join(': ');
  const options = { title, placeHolder, ignoreFocusOut: true };
  if (field.kind === 'choices') {
    const initial = Array.isArray(field.initial) ? field.initial : [];
    const items = field.choices.map(({ label, value }) => ({ label, value, picked: initial.includes(value) }));
    return (await vscode.window.showQuickPick(items, { ...options, canPickMany: true }, token))?.map(({ value }) => value);
  }
  if (field.kind === 'choice' || field.kind === 'boolean') {
    const choices = field.kind === 'boolean' ? [true, false].map((value) => ({ label: value ? 'Yes' : 'No', value })) : field.choices;
    const items: { label: string; value: string | boolean; description?: string }[] = choices.map((it) =>
      it.value === field.initial ? { ...it, description: 'suggested' } : it,
    );
    if (!field.required) items.push({ label: 'Leave it out', value: '' });
    return (await vscode.window.showQuickPick(items, options, token))?.value;
  }
  const { readField } = await loadRuntime();
  const typed = await vscode.window.showInputBox(
    {
      ...options,
      prompt: `${placeHolder}${field.required ? '' : ' (may be empty)'}`,
      placeHolder: '',
      value: field.initial === undefined ? '' : String(field.initial),
      validateInput: async (text) => {
        if (text === '' && !field.required) return undefined;
        const read = await readField(field, text);
        return 'problem' in read ? read.problem : undefined;
      },
    },
    token,
  );
  if (typed === undefined || (typed === '' && !field.required)) return typed;
  const read = await readField(field, typed);
  return 'value' in read ? read.value : undefined;
}
