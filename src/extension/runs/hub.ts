import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import type { Flow } from '../../engine/format/model.ts';
import type { Log } from '../../engine/ports.ts';
import type { Decided, RunHandle, Runs, StartRequest } from '../../engine/run/api.ts';
import type { SignalReply } from '../../engine/run/events.ts';
import { TIMED_OUT } from '../../engine/run/history.ts';
import { waitsForPeopleOnly } from '../../engine/run/rest.ts';
import type { Retention } from '../../engine/run/retention.ts';
import type { RunView } from '../../engine/run/view.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { Pin } from '../../providers/pins/pins.ts';
import { loadRuntime } from '../lazy.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { ServerPrompts } from '../tools/server-prompts.ts';
import { vscodeTools } from '../tools/vscode-tools.ts';
import { Interrupted } from './interrupted.ts';
import { type Question, questionsOf, type RunItem } from './questions.ts';
import { type Root, RunRoots, rootOf } from './roots.ts';
import { type RunRef, refKey } from './run-ref.ts';
import { followRun, type RunSource } from './source.ts';
import { type SubFlowLine, subFlowsOf } from './sub-flow-source.ts';

/** How soon the first run of a folder is noticed (ms). */
const LOOK_EVERY = 2000;

type StartOptions = Pick<StartRequest, 'inputs' | 'inputsTrust' | 'mode' | 'model' | 'rerunOf' | 'from' | 'only' | 'to' | 'dry'>;

/** The runs of a flow's root, and what is pinned for the flow. */
export interface Around {
  runs: Runs;
  flowPath: string;
  pins: Readonly<Record<string, Pin>>;
  pin(node: string, pin: Pin): Promise<void>;
  /** False: it was not pinned. */
  unpin(node: string): Promise<boolean>;
  /** A file by its path relative to the flow, as it stands on the disk. */
  readFile(path: string): Promise<string | undefined>;
}

/** What running needs of the user's settings. */
type HubSettings = Pick<ModelSettings, 'forRegistry' | 'secret' | 'known' | 'learn'>;

/**
 * The runs of this window's folders: those it owns, and those of other processes that it only watches. Loads the engine when there
 * is something to run or to show. Journals are the truth; this class keeps nothing that is not derived from them.
 */
export class RunHub implements vscode.Disposable {
  readonly #settings: HubSettings;
  readonly #log: Log;
  readonly #version: string;
  readonly #roots: RunRoots;
  readonly #handles = new Map<string, RunHandle>();
  readonly onDidChange: vscode.Event<void>;
  readonly #stopped = new vscode.EventEmitter<{ ref: RunRef; error: unknown }>();
  /** A run of this window cannot go on: its journal cannot be written, or a defect was met. */
  readonly onDidStop = this.#stopped.event;
  readonly #isTrusted: () => boolean;
  readonly #servers: Pick<ServerPrompts, 'of'> | undefined;
  /** What ends what was started for runs. */
  readonly #endings: (() => void)[] = [];
  readonly #interrupted: Interrupted;

  constructor(
    settings: HubSettings,
    log: Log,
    version: string,
    isTrusted: () => boolean = () => vscode.workspace.isTrusted,
    servers?: Pick<ServerPrompts, 'of'>,
  ) {
    this.#servers = servers;
    this.#settings = settings;
    this.#log = log;
    this.#version = version;
    this.#isTrusted = isTrusted;
    this.#roots = new RunRoots((path) => this.#open(path), log);
    this.onDidChange = this.#roots.onDidChange;
    const isUnderWay = async (ref: RunRef): Promise<boolean> => {
      const root = await this.#roots.get(ref.root);
      return !waitsForPeopleOnly((await root.service.open(ref.id)).events);
    };
    this.#interrupted = new Interrupted(
      { runs: () => this.runs(), owns: (root, id) => this.owns(root, id), resume: (ref) => this.resume(ref), isUnderWay },
      log,
    );
    this.onDidChange(() => void this.#interrupted.resumeReleased());
  }

  /**
   * Notices the first run of a folder that had none, started elsewhere. By asking now and then: VS Code's watchers leave `.belay/local`
   * out, and folders that have runs are watched by their store. The end of a process that has a run that this one waits for shows nowhere
   * else either.
   */
  watch(): vscode.Disposable {
    const look = async (): Promise<void> => {
      await this.look();
      if (this.#interrupted.waits) for (const root of this.#roots.ready) await this.#roots.refresh(root);
    };
    const timer = setInterval(() => void look().catch((error: unknown) => this.#log.warn('Looking for runs', error)), LOOK_EVERY);
    return new vscode.Disposable(() => clearInterval(timer));
  }

  dispose(): void {
    void this.park();
    for (const end of this.#endings) end();
    this.#roots.dispose();
    this.#stopped.dispose();
  }

  /** Lets go of every run in good order: what waits for a person is parked, what is under way goes on when the window is opened again. */
  async park(): Promise<void> {
    await Promise.allSettled([...this.#handles.values()].map((handle) => handle.park()));
  }

  /** Remembers where the runs of these flows are, as they need not be in the workspace folder itself. */
  noticeFlows(flows: readonly vscode.Uri[]): void {
    this.#roots.noticeFlows(flows);
  }

  /** Looks at runs on disk, in every workspace folder that has some. One that cannot be read does not hide the others. */
  look(): Promise<void> {
    return this.#roots.look();
  }

  runs(): RunItem[] {
    return this.#roots.ready
      .flatMap(({ path: root, summaries }) => summaries.map((run) => ({ root, run })))
      .sort((a, b) => b.run.createdAt - a.run.createdAt);
  }

  questions(): Question[] {
    return this.#roots.ready.flatMap(({ path: root, summaries }) =>
      summaries.filter(({ local }) => local).flatMap((run) => questionsOf(root, run)),
    );
  }

  owns(root: string, runId: string): boolean {
    return this.#handles.has(refKey({ root, id: runId }));
  }

  /** Starts a run of a flow that has been saved. Throws `BelayError` (FLOW_INVALID, INPUT_INVALID, …). */
  async start(flow: vscode.Uri, text: string, options: StartOptions): Promise<RunRef> {
    this.#demandTrust();
    const root = await this.#roots.get(rootOf(flow));
    const folder = path.dirname(flow.fsPath);
    const flowPath = pathIn(root, flow);
    const handle = await root.service.start({
      ...options,
      flowPath,
      flowText: text,
      pinned: await root.pins.of(flowPath),
      readFile: readerOf(folder),
    });
    return this.#adopt(root, handle);
  }

  /** Goes on with the flow as it now is. Throws what `Runs.move` throws. */
  async move(ref: RunRef, flow: vscode.Uri, text: string, by: string): Promise<void> {
    this.#demandTrust();
    const root = await this.#roots.get(ref.root);
    const changed = { flowText: text, readFile: readerOf(path.dirname(flow.fsPath)) };
    this.#adopt(root, await root.service.move(ref.id, changed, by));
  }

  /** Takes over a run nobody owns and goes on with it. Throws RUN_OWNED where somebody does. */
  async resume(ref: RunRef): Promise<void> {
    this.#demandTrust();
    if (this.#handles.has(refKey(ref))) return;
    const root = await this.#roots.get(ref.root);
    this.#adopt(root, await root.service.resume(ref.id));
  }

  /** Goes on with the runs this editor was in the middle of when it was closed or killed, also with those that are let go of later. */
  resumeInterrupted(): Promise<RunRef[]> {
    return this.#interrupted.resumeAll();
  }

  /** How a run stands now. */
  async view(ref: RunRef): Promise<RunView> {
    const { service } = await this.#roots.get(ref.root);
    return service.handle(ref.id)?.view() ?? (await service.open(ref.id)).view;
  }

  /** The flow by which a run of this workspace goes, as it was frozen. */
  async flowText(ref: RunRef): Promise<string> {
    if (!this.#roots.has(ref.root) && !vscode.workspace.getWorkspaceFolder(vscode.Uri.file(ref.root))) {
      throw new BelayError('RUN_UNKNOWN', 'That run is not one of this workspace.', {
        hint: 'Open it from the Runs view.',
        kind: 'notFound',
      });
    }
    return (await (await this.#roots.get(ref.root)).service.open(ref.id)).flowText;
  }

  /** A value of a run with its large parts, which stand beside the journal. */
  async whole(ref: RunRef, value: Json): Promise<Json> {
    const root = await this.#roots.get(ref.root);
    return root.service.whole(ref.id, value);
  }

  async cancel(ref: RunRef, by: string): Promise<void> {
    const root = await this.#roots.get(ref.root);
    await root.service.cancel(ref.id, by);
  }

  /**
   * Answers a question. The first answer wins, wherever it was given: `earlier` says who was first. A run that nobody owns is
   * released by taking it over. Throws `WORKSPACE_UNTRUSTED`: a yes makes a run go on, wherever it is.
   */
  async decide(ref: RunRef, key: string, reply: SignalReply): Promise<Decided> {
    this.#demandTrust();
    const root = await this.#roots.get(ref.root);
    const result = await root.service.decide(ref.id, key, reply);
    // Where its time was up while nobody had the run, going on is what makes that count.
    if (!result.accepted && result.earlier?.decision !== TIMED_OUT) return result;
    const record = this.#handles.has(refKey(ref)) ? undefined : await root.service.open(ref.id);
    if (record && !record.owner && record.local) {
      await this.resume(ref).catch((error: unknown) => this.#log.info(`Run ${ref.id} goes on elsewhere`, error));
    }
    return result;
  }

  async remove(ref: RunRef): Promise<void> {
    const root = await this.#roots.get(ref.root);
    await root.service.remove(ref.id);
    await this.#roots.refresh(root);
  }

  /** Whether runs of this window are under way. */
  get isBusy(): boolean {
    return this.#handles.size > 0;
  }

  /** Removes what exceeds the limits, in every folder; `evenToday`: also where that was done within a day. Returns how many runs that were. */
  async tidy(limits: Retention, evenToday: boolean): Promise<number> {
    let count = 0;
    for (const root of this.#roots.ready) {
      const removed = await root.service.tidy({ limits, evenToday });
      count += removed.length;
      if (removed.length > 0) await this.#roots.refresh(root);
    }
    return count;
  }

  async keep(ref: RunRef, kept: boolean): Promise<void> {
    const root = await this.#roots.get(ref.root);
    await root.service.keep(ref.id, kept);
    await this.#roots.refresh(root);
  }

  /** Whether there are older finished runs than those listed. */
  get hasOlder(): boolean {
    return this.#roots.hasOlder;
  }

  showOlder(): Promise<void> {
    return this.#roots.showOlder();
  }

  refresh(): Promise<void> {
    return this.#roots.refreshAll();
  }

  flowUri(ref: RunRef): vscode.Uri | undefined {
    const run = this.#roots.ofPath(ref.root)?.summaries.find(({ id }) => id === ref.id);
    return run && vscode.Uri.file(path.join(ref.root, run.flow));
  }

  /** The newest run of a flow that is not finished, of this machine's: one that came with a repository is shown where it is picked. */
  async current(flow: vscode.Uri): Promise<RunRef | undefined> {
    if (flow.scheme !== 'file') return undefined;
    this.noticeFlows([flow]);
    await this.look();
    const found = this.runs().find(
      ({ root, run }) => run.local && run.finishedAt === undefined && path.join(root, run.flow) === flow.fsPath,
    );
    return found && { root: found.root, id: found.run.id };
  }

  /** A run of the flow whose results can be used: the one named, else the newest that was made on this machine. */
  last(flow: vscode.Uri, id?: string): RunRef | undefined {
    const runs = this.runs().filter(({ root, run }) => path.join(root, run.flow) === flow.fsPath && !run.dry);
    const found = runs.find(({ run }) => run.id === id) ?? runs.find(({ run }) => run.local);
    return found && { root: found.root, id: found.run.id };
  }

  /** The runs of a flow, the newest first. */
  runsOf(flow: vscode.Uri): RunItem[] {
    return this.runs().filter(({ root, run }) => path.join(root, run.flow) === flow.fsPath);
  }

  /** What a run was started with, as far as the flow still takes it. */
  async inputsOf(ref: RunRef, flow: Flow): Promise<Record<string, Json>> {
    const { service } = await this.#roots.get(ref.root);
    const { view } = await service.open(ref.id);
    return (await loadRuntime()).reusedInputs(flow.inputs ?? {}, await service.whole(ref.id, view.inputs));
  }

  async around(flow: vscode.Uri): Promise<Around> {
    const root = await this.#roots.get(rootOf(flow));
    const flowPath = pathIn(root, flow);
    return {
      runs: root.service,
      flowPath,
      pins: await root.pins.of(flowPath),
      pin: (node, pin) => root.pins.set(flowPath, node, pin),
      readFile: async (name) => readBeside(root.path, path.dirname(flow.fsPath), name),
      unpin: async (node) => (await root.pins.remove(flowPath, node)).length > 0,
    };
  }

  /** The sub-flows that have begun in a run, whoever owns it. */
  async subFlows(ref: RunRef): Promise<SubFlowLine[]> {
    const root = await this.#roots.get(ref.root);
    return subFlowsOf(root.service.handle(ref.id)?.view() ?? (await root.service.open(ref.id)).view);
  }

  /** A run to show: followed event by event where this window owns it, and by its journal where it does not. */
  async source(ref: RunRef): Promise<RunSource> {
    const root = await this.#roots.get(ref.root);
    return followRun(root.service, ref.root, ref.id, this.onDidChange);
  }

  #adopt(root: Root, handle: RunHandle): RunRef {
    const ref = { root: root.path, id: handle.id };
    const key = refKey(ref);
    if (this.#handles.get(key) === handle) return ref;
    this.#handles.set(key, handle);
    const over = (): void => {
      if (this.#handles.get(key) === handle) this.#handles.delete(key);
      void this.#roots.refresh(root);
    };
    handle.done.then(over, (error: unknown) => {
      over();
      this.#stopped.fire({ ref, error });
    });
    void this.#roots.refresh(root);
    return ref;
  }

  #demandTrust(): void {
    if (this.#isTrusted()) return;
    throw new BelayError('WORKSPACE_UNTRUSTED', 'Runs are started, gone on with and answered only in a workspace you trust.', {
      hint: 'Trust it first ("Workspaces: Manage Workspace Trust").',
      kind: 'permission',
    });
  }

  async #open(rootPath: string): Promise<Pick<Root, 'service' | 'pins'>> {
    const runtime = await loadRuntime();
    await this.#settings.learn();
    const service = await runtime.createRuns(rootPath, {
      models: this.#settings.forRegistry(),
      secret: (name) => this.#settings.secret(name),
      known: () => this.#settings.known(),
      tools: vscodeTools,
      log: this.#log,
      version: this.#version,
      servers: this.#servers?.of(rootPath),
      onDispose: (listener) => void this.#endings.push(listener),
    });
    return { service, pins: runtime.createPins(rootPath, () => this.#settings.known()) };
  }
}

/** Text of a file beside a flow, as the user sees it now: an open document first. */
function readerOf(folder: string): (relative: string) => Promise<string | undefined> {
  return async (relative) => {
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === path.join(folder, relative));
    if (open) return open.getText();
    const uri = vscode.Uri.file(path.join(folder, relative));
    const bytes = await vscode.workspace.fs.readFile(uri).then(
      (content) => content,
      () => undefined,
    );
    return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  };
}

function pathIn(root: Root, flow: vscode.Uri): string {
  return path.relative(root.path, flow.fsPath).split(path.sep).join('/');
}
