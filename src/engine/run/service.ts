/** Runs for both hosts: start, go on, answer, cancel, look at, clean up. */

import { BelayError } from '../errors.ts';
import { folderOf, seenFrom } from '../format/file-paths.ts';
import { locateNode, nodeIds } from '../format/graph.ts';
import type { Json } from '../format/json.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import type { Flow } from '../format/model.ts';
import { redactJson } from '../policy/redact.ts';
import type { Disposable, EnginePorts, RunJournal } from '../ports.ts';
import type { Cancelled, Decided, OpenRun, RunHandle, Runs, StartRequest } from './api.ts';
import { decodeBundle, encodeBundle, reachedFiles, refuseFaults, runnableFlow } from './bundle.ts';
import { concurrencyOf, type QueuedRun, Turns } from './concurrency.ts';
import type { NewRunEvent, Owner, RunEvent, RunHeader, SignalReply } from './events.ts';
import type { Executors } from './flow-run.ts';
import { FollowedRun } from './followed-run.ts';
import type { Given } from './given.ts';
import { topNode } from './given.ts';
import { bundleOf, headerFor, headerOf, isFinished, isMoved, runFinished } from './header.ts';
import { timedOutReply } from './history.ts';
import { completeInputs } from './inputs.ts';
import { LocalHandle, signalUnknown } from './local-handle.ts';
import { type FlowVersion, refuseContradiction } from './move.ts';
import { revived } from './object-ref.ts';
import { checkReply } from './replies.ts';
import { planRerun, stillGiven } from './rerun.ts';
import type { PruneRequest, Retention } from './retention.ts';
import { DEFAULT_RETENTION, isTidyingDue, needsSizes, oldRuns } from './retention.ts';
import { Values } from './values.ts';
import type { RunSummary } from './view.ts';
import { emptyView, openSignals, reduceView, summaryOf } from './view.ts';

export type { Decided, OpenRun, RunHandle, StartRequest } from './api.ts';

export interface RunServiceOptions {
  ports: EnginePorts;
  catalog: NodeCatalog;
  executors: Executors;
  hostKind: Owner['kind'];
  /** Of Belay, for the journal. */
  version: string;
}

interface Cancellation {
  by: string;
  reason?: string;
}

/** What a run is carried on with. */
interface Going {
  flow: Flow;
  files: Record<string, string>;
  given: Given;
  cancel?: Cancellation;
  /** It has to wait for its turn. */
  turn?: QueuedRun;
  /** Where it differs from the recorded one, because the run was moved to another version. */
  header?: RunHeader;
  /** It goes on with another version of its flow from now on. */
  moved?: { bundle: string; by: string };
}

const MOST_ID_TRIES = 5;

export class RunService implements Runs {
  readonly #options: RunServiceOptions;
  readonly #ports: EnginePorts;
  readonly #turns: Turns;
  readonly #handles = new Map<string, LocalHandle>();
  /** Asked for and not yet there: whoever asks again meanwhile gets the same, and is not told that this very process has the run. */
  readonly #resuming = new Map<string, Promise<RunHandle>>();

  constructor(options: RunServiceOptions) {
    this.#options = options;
    this.#ports = options.ports;
    const { runs, clock } = options.ports;
    this.#turns = new Turns({ runs, clock, list: () => this.list({ finished: 0 }) });
  }

  async start(request: StartRequest): Promise<RunHandle> {
    const { catalog, executors, hostKind, version } = this.#options;
    const flow = runnableFlow(request.flowText, catalog, executors);
    const inputs = await completeInputs(flow.inputs ?? {}, request.inputs);
    // `fix/publish` is a node of the sub-flow at "fix".
    const unknown = (request.approved ?? []).filter((name) => !locateNode(flow, name.split('/')[0] ?? ''));
    if (unknown.length > 0) {
      throw new BelayError('NODE_UNKNOWN', `The flow has no node ${unknown.map((id) => `"${id}"`).join(', ')} to approve.`, {
        hint: `Its nodes are: ${nodeIds(flow).join(', ')}.`,
        kind: 'badRequest',
      });
    }
    const files = await this.#filesOf(flow, request);
    const rerun = await planRerun(request, flow, {
      catalog,
      files,
      runs: this.#ports.runs,
      whole: (id, value) => this.whole(id, value),
    });
    const given = redactJson(rerun.given, (text) => this.#ports.secrets.redact(text)) as Given;
    const frozen = encodeBundle({ flow: request.flowText, files, given });
    const bundle = await this.#ports.runs.putObject(frozen);
    const header: Omit<RunHeader, 'id'> = {
      flow: request.flowPath,
      title: flow.title ?? request.flowPath,
      bundle,
      inputs: redactJson(inputs, (text) => this.#ports.secrets.redact(text)) as RunHeader['inputs'],
      ...(request.inputsTrust === undefined ? {} : { inputsTrust: request.inputsTrust }),
      ...rerun.header,
      // Of a dry run it says nothing; what is asked of a person has no place in one.
      mode: request.dry ? 'live' : request.mode,
      ...(request.model === undefined ? {} : { model: request.model }),
      startedBy: hostKind,
      ...(request.approved === undefined || request.approved.length === 0 ? {} : { approved: [...request.approved] }),
      belay: version,
    };
    // A dry run takes nobody's place.
    const limit = request.dry ? undefined : concurrencyOf(flow);
    if (!limit) return this.#carry(await this.#create(frozen, header), { flow, files, given });
    const { handle, inTheWay } = await this.#turns.begin(request.flowPath, limit, async ({ queued, inTheWay }, ...events) => {
      const journal = await this.#create(frozen, header, ...events);
      const turn = queued ? { turn: { id: journal.runId, flow: request.flowPath, maxRuns: limit.maxRuns } } : {};
      return { handle: this.#carry(journal, { flow, files, given, ...turn }), inTheWay };
    });
    if (limit.policy === 'cancelPrevious') for (const { id } of inTheWay) this.#makeWay(id, handle.id);
    return handle;
  }

  /** All files the flow reaches, checked together with it. */
  async #filesOf(
    flow: Flow,
    { flowPath, flowText, readFile }: Pick<StartRequest, 'flowPath' | 'flowText' | 'readFile'>,
  ): Promise<Record<string, string>> {
    const { catalog, executors } = this.#options;
    const files = await reachedFiles(flow, {
      catalog,
      executors,
      readFile: async (reached) => {
        const path = seenFrom(folderOf(flowPath), reached);
        // Hosts read where a flow points to; that it points to a place inside the workspace is seen to here, for all of them.
        await this.#ports.files.resolve(path, folderOf(flowPath));
        return readFile(path);
      },
    });
    refuseFaults(flowText, catalog, (path) => files[path]);
    return files;
  }

  /** Asks a run to end because a newer one has been started; that one waits until it has. */
  #makeWay(runId: string, newer: string): void {
    this.cancel(runId, `run ${newer}`, 'A newer run of this flow was started, and it cancels the previous ones.').catch(
      (error: unknown) => {
        this.#ports.log.warn('A run could not be cancelled for a newer one', { run: runId, newer, error: String(error) });
      },
    );
  }

  resume(runId: string): Promise<RunHandle> {
    const asked = this.#resuming.get(runId);
    if (asked !== undefined) return asked;
    const resuming = this.#resume(runId, undefined).finally(() => this.#resuming.delete(runId));
    this.#resuming.set(runId, resuming);
    return resuming;
  }

  async move(runId: string, changed: Pick<StartRequest, 'flowText' | 'readFile'>, by: string): Promise<RunHandle> {
    const { catalog, executors } = this.#options;
    const own = this.#handles.get(runId);
    const events = own?.events() ?? (await this.#ports.runs.read(runId)).events;
    if (isFinished(events)) throw runFinished(runId);
    const flow = runnableFlow(changed.flowText, catalog, executors);
    const header = await headerFor(flow, headerOf(runId, events));
    if (header.to !== undefined) topNode(flow, header.to);
    const files = await this.#filesOf(flow, { ...changed, flowPath: header.flow });
    const before = decodeBundle(await this.#ports.runs.getObject(bundleOf(runId, events)));
    const given = await stillGiven(before.given ?? {}, events, flow, { catalog, files, only: header.only });
    const frozen = encodeBundle({ flow: changed.flowText, files, given });
    const bundle = await this.#ports.runs.putObject(frozen);
    if (bundle === bundleOf(runId, events)) return this.resume(runId);
    await this.#refuseMove(runId, events, { flow, files });
    if (own) await own.park();
    const handle = await this.#goOn(runId, events, { flow, files, given, header, moved: { bundle, by } });
    // Somebody who deleted an older run in between may have taken it for unused.
    await this.#ports.runs.putObject(frozen);
    return handle;
  }

  async #refuseMove(runId: string, events: readonly RunEvent[], after: FlowVersion): Promise<void> {
    const { catalog, executors } = this.#options;
    const bundle = decodeBundle(await this.#ports.runs.getObject(bundleOf(runId, events)));
    const before = { flow: runnableFlow(bundle.flow, catalog, executors), files: bundle.files };
    refuseContradiction(events, before, after, { catalog, executors });
  }

  handle(runId: string): RunHandle | undefined {
    return this.#handles.get(runId);
  }

  async decide(runId: string, key: string, reply: SignalReply): Promise<Decided> {
    const own = this.#handles.get(runId);
    if (own) return own.decide(key, reply);
    const { events } = await this.#ports.runs.read(runId);
    const view = viewOf(events);
    const signal = view.signals.find((candidate) => candidate.key === key);
    if (!signal) throw signalUnknown(runId, key);
    if (signal.reply) return { accepted: false, earlier: signal.reply };
    if (view.finishedAt !== undefined || view.nodes[signal.node]?.finishedAt !== undefined) return { accepted: false, earlier: undefined };
    // Nobody had the run when its time was up: that counts as if somebody had.
    const { until } = signal;
    if (until !== undefined && until <= this.#ports.clock.now()) return { accepted: false, earlier: timedOutReply(until) };
    await checkReply(signal.request, reply);
    const result = await this.#ports.runs.publish(runId, { type: 'reply', key, reply });
    if (result.published) return { accepted: true };
    return { accepted: false, earlier: result.earlier.type === 'reply' ? result.earlier.reply : undefined };
  }

  async cancel(runId: string, by: string, reason?: string): Promise<Cancelled> {
    const cancellation: Cancellation = { by, ...(reason === undefined ? {} : { reason }) };
    const own = this.#handles.get(runId);
    if (own) {
      own.cancel(by, reason);
      return 'asked';
    }
    const { events, owner } = await this.#ports.runs.read(runId);
    if (isFinished(events)) return 'finished';
    if (owner) {
      await this.#ports.runs.publish(runId, { type: 'cancel', key: 'cancel', ...cancellation });
      return 'asked';
    }
    const handle = await this.#resume(runId, cancellation);
    await handle.done;
    return 'cancelled';
  }

  async whole(runId: string, value: Json): Promise<Json> {
    const values = new Values({
      redact: (text) => text,
      store: () => {
        throw new Error('A run that is looked at is not written');
      },
      load: (name) => this.#ports.runs.readObject(runId, name),
    });
    return values.whole(revived(value));
  }

  async list(options?: { finished?: number }): Promise<RunSummary[]> {
    const summaries = await this.#ports.runs.list(options);
    return summaries.map((summary) => {
      const own = this.#handles.get(summary.id);
      if (!own) return summary;
      const { owner, kept } = summary;
      return { ...summaryOf(own.view(), true), ...(owner ? { owner } : {}), ...(kept ? { kept } : {}) };
    });
  }

  async open(runId: string): Promise<OpenRun> {
    const record = await this.#ports.runs.read(runId);
    const own = this.#handles.get(runId);
    const events = [...(own?.events() ?? record.events)];
    const { flow } = decodeBundle(await this.#ports.runs.getObject(bundleOf(runId, events)));
    return new FollowedRun(this.#ports, { id: runId, events, flowText: flow, owner: record.owner, local: record.local });
  }

  async remove(runId: string): Promise<void> {
    await this.#ports.runs.remove(runId);
    await this.#collect();
  }

  async prune(request: PruneRequest): Promise<string[]> {
    const { clock, runs } = this.#ports;
    const all = await this.list();
    const sizes = needsSizes(request) ? await runs.sizes(all.filter(isOver).map(({ id }) => id)) : new Map<string, number>();
    const removed: string[] = [];
    for (const { id } of oldRuns(all, request, clock.now(), (runId) => sizes.get(runId) ?? 0)) {
      if (await runs.removeOld(id)) removed.push(id);
    }
    if (removed.length > 0) await this.#collect();
    return removed;
  }

  async tidy({ limits, evenToday = false }: { limits?: Retention; evenToday?: boolean } = {}): Promise<string[]> {
    const { clock, runs, log } = this.#ports;
    const last = await runs.lastTidied();
    const remembered = limits ?? last?.limits;
    if (!evenToday && last && !isTidyingDue(last, remembered, clock.now())) return [];
    await runs.noteTidied({ at: clock.now(), ...(remembered ? { limits: remembered } : {}) });
    const due = remembered ?? DEFAULT_RETENTION;
    const removed = await this.prune(due);
    if (removed.length > 0) {
      log.info(`${removed.length} old ${removed.length === 1 ? 'run was' : 'runs were'} removed`, { limits: due, removed });
    }
    return removed;
  }

  keep(runId: string, kept: boolean): Promise<void> {
    return this.#ports.runs.keep(runId, kept);
  }

  /** The runs are gone already, and what is left is tried again next time: no reason to fail. */
  async #collect(): Promise<void> {
    await this.#ports.runs.collect().catch((error: unknown) => {
      this.#ports.log.warn('Frozen flows that no run uses any more are still on the disk', { error: String(error) });
    });
  }

  onDidChange(listener: (runId: string) => void): Disposable {
    return this.#ports.runs.watch(listener);
  }

  async #resume(runId: string, cancel: Cancellation | undefined): Promise<RunHandle> {
    const own = this.#handles.get(runId);
    if (own) return own;
    const { catalog, executors } = this.#options;
    // Looked at before it is taken: a run that cannot go on is not touched.
    const { events } = await this.#ports.runs.read(runId);
    if (isFinished(events)) throw runFinished(runId);
    const header = headerOf(runId, events);
    const name = bundleOf(runId, events);
    const { flow: text, files, given = {} } = decodeBundle(await this.#ports.runs.getObject(name));
    const flow = runnableFlow(text, catalog, executors);
    const moved = isMoved(events) ? { header: await headerFor(flow, header) } : {};
    return this.#goOn(runId, events, { flow, files, given, ...moved, ...(cancel ? { cancel } : {}) });
  }

  async #goOn(runId: string, events: readonly RunEvent[], going: Going): Promise<RunHandle> {
    const { flow, cancel } = going;
    const limit = concurrencyOf(flow);
    if (!limit || cancel) return this.#carry(await this.#acquire(runId, going), going);
    const view = viewOf(events);
    // Whoever waits for a person has kept its place, and who is to be cancelled needs none.
    if (view.dry || (!view.queued && openSignals(view).length > 0)) return this.#carry(await this.#acquire(runId, going), going);
    const run: QueuedRun = { id: runId, flow: view.flow, maxRuns: limit.maxRuns };
    return this.#turns.again(run, view.queued === true, async (queued, ...more) =>
      this.#carry(await this.#acquire(runId, going, ...more), { ...going, ...(queued ? { turn: run } : {}) }),
    );
  }

  async #acquire(runId: string, { flow, files, moved }: Going, ...more: NewRunEvent[]): Promise<RunJournal> {
    const journal = await this.#ports.runs.acquire(runId, ...more);
    if (isFinished(journal.recorded)) {
      await journal.release('finished');
      throw runFinished(runId);
    }
    if (!moved) return journal;
    try {
      // Nobody else writes it any more: what was recorded since the run was looked at counts too.
      await this.#refuseMove(runId, journal.recorded, { flow, files });
      return journal;
    } catch (error) {
      await journal.release('parked');
      throw error;
    }
  }

  #carry(journal: RunJournal, { flow, files, given, header, cancel, turn, moved }: Going): LocalHandle {
    const { catalog, executors } = this.#options;
    const handle = new LocalHandle({
      journal,
      header: header ?? headerOf(journal.runId, journal.recorded),
      flow,
      ...(moved ? { moved } : {}),
      files: new Map(Object.entries(files)),
      given,
      ports: this.#ports,
      catalog,
      executors,
      ...(cancel ? { cancel } : {}),
      ...(turn ? { turn: (admit, stop) => this.#turns.wait(turn, admit, stop) } : {}),
    });
    this.#handles.set(handle.id, handle);
    const forget = (): void => void this.#handles.delete(handle.id);
    handle.done.then(forget, forget);
    return handle;
  }

  async #create(frozen: string, header: Omit<RunHeader, 'id'>, ...more: NewRunEvent[]): Promise<RunJournal> {
    for (let tries = 1; ; tries += 1) {
      try {
        const journal = await this.#ports.runs.create({ ...header, id: this.#newId() }, ...more);
        // Somebody who deleted an older run in between may have taken it for unused.
        await this.#ports.runs.putObject(frozen);
        return journal;
      } catch (error) {
        if (!(error instanceof BelayError && error.code === 'RUN_EXISTS') || tries >= MOST_ID_TRIES) throw error;
      }
    }
  }

  /** Sorts by time: `20261122-134501-k3f9x2`, in UTC. */
  #newId(): string {
    const { clock } = this.#ports;
    const [day = '', time = ''] = new Date(clock.now()).toISOString().split('T');
    const chance = Math.floor(clock.random() * 36 ** 6)
      .toString(36)
      .padStart(6, '0');
    return `${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${chance}`;
  }
}

function viewOf(events: readonly RunEvent[]): ReturnType<typeof emptyView> {
  return events.reduce(reduceView, emptyView());
}

function isOver({ finishedAt }: RunSummary): boolean {
  return finishedAt !== undefined;
}
