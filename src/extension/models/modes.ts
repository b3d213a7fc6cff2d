import * as vscode from 'vscode';
import type { RunMode } from '../../engine/run/events.ts';
import type { ModeChoice } from '../../webview/protocol/messages.ts';
import type { ModelSettings } from './settings.ts';

/** What the mode of a run is called wherever people see it. */
export const MODE_LABEL: { readonly [M in RunMode]: string } = {
  live: 'Live model',
  recorded: 'Recorded replies',
  record: 'Live model, recording',
  recordMissing: 'Recorded replies, missing ones live',
  byHand: 'Answered by hand',
};

interface Remembered {
  mode: RunMode;
  model?: string;
}

/**
 * How the runs of a flow get their model replies. Chosen by the user and remembered for the flow; until then: live where a model is
 * configured, else recorded where there is a recording. It never changes because a key appeared after it was chosen.
 */
export class RunModes implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #settings: ModelSettings;
  readonly #hasRecording: (flow: vscode.Uri) => Promise<boolean>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #settingsListener: vscode.Disposable;

  constructor(memory: vscode.Memento, settings: ModelSettings, hasRecording: (flow: vscode.Uri) => Promise<boolean>) {
    this.#memory = memory;
    this.#settings = settings;
    this.#hasRecording = hasRecording;
    this.#settingsListener = settings.onDidChange(() => this.#changed.fire());
  }

  dispose(): void {
    this.#changed.dispose();
    this.#settingsListener.dispose();
  }

  /** @param atHand a model that answers though nobody configured it here, such as that of the chat: it is asked before a person is. */
  async choice(flow: vscode.Uri, atHand?: string): Promise<ModeChoice> {
    const recorded = await this.#hasRecording(flow);
    const models = await this.#models();
    const remembered = this.#memory.get<Remembered>(memoryKey(flow));
    const model = remembered?.model ?? this.#settings.defaultModel ?? models[0] ?? atHand;
    const mode = remembered?.mode ?? (models.length > 0 ? 'live' : recorded ? 'recorded' : atHand === undefined ? 'byHand' : 'live');
    return { mode, recorded, models, ...(model ? { model } : {}) };
  }

  async set(flow: vscode.Uri, choice: Remembered): Promise<void> {
    await this.#memory.update(memoryKey(flow), choice);
    this.#changed.fire();
  }

  /** Lets the user choose. Undefined: dismissed. `configure`: asks for a service first and gives the model. */
  async pick(flow: vscode.Uri, configure: () => Promise<string | undefined>): Promise<Remembered | undefined> {
    await this.#settings.vscodeModels();
    const { mode, model, models, recorded } = await this.choice(flow);
    type Item = vscode.QuickPickItem & { choice?: Remembered };
    const mark = (chosen: boolean) => (chosen ? '$(check) ' : '');
    const items: Item[] = models.map((name) => ({
      label: `${mark(mode === 'live' && model === name)}${name}`,
      description: MODE_LABEL.live,
      choice: { mode: 'live', model: name },
    }));
    items.push({ label: '$(key) Another model…', detail: 'Set an API key or the address of a local server', alwaysShow: true });
    items.push({ label: '', kind: vscode.QuickPickItemKind.Separator });
    if (recorded) {
      items.push({
        label: `${mark(mode === 'recorded')}$(history) ${MODE_LABEL.recorded}`,
        detail: 'Replays what a model once said. Needs no account; a prompt that was edited is not in the recording.',
        choice: { mode: 'recorded' },
      });
    }
    if (model) {
      items.push({
        label: `${mark(mode === 'record')}$(record) ${MODE_LABEL.record}`,
        detail: `Asks ${model} and keeps the replies beside the flow, for review and for tests.`,
        choice: { mode: 'record', model },
      });
      items.push({
        label: `${mark(mode === 'recordMissing')}$(record-small) ${MODE_LABEL.recordMissing}`,
        detail: `Replays what is recorded; asks ${model} for the rest and records it.`,
        choice: { mode: 'recordMissing', model },
      });
    }
    items.push({
      label: `${mark(mode === 'byHand')}$(edit) ${MODE_LABEL.byHand}`,
      detail: 'You are shown each prompt and write the reply yourself.',
      choice: { mode: 'byHand' },
    });
    const picked = await vscode.window.showQuickPick(items, { title: 'Where do model replies come from?', matchOnDetail: true });
    if (!picked) return undefined;
    let choice = picked.choice;
    if (!choice) {
      const configured = await configure();
      if (!configured) return undefined;
      choice = { mode: 'live', model: configured };
    }
    await this.set(flow, choice);
    return choice;
  }

  /** Names that can be chosen without asking any server. */
  async #models(): Promise<string[]> {
    const names = new Set<string>();
    const usable = await this.#settings.usable();
    const ids = new Set([...usable.map(({ id }) => id), ...this.#settings.hosted.keys()]);
    const known = [this.#settings.defaultModel, ...Object.values(this.#settings.aliases)];
    for (const name of known) if (name && ids.has(name.split('/')[0] ?? '')) names.add(name);
    for (const model of this.#settings.knownVscodeModels()) names.add(model);
    for (const { id, models } of usable) for (const model of models ?? []) names.add(`${id}/${model}`);
    return [...names];
  }
}

function memoryKey(flow: vscode.Uri): string {
  return `mode:${flow.toString()}`;
}
