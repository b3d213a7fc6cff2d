/** A run this process carries out. */
import { BelayError, toErrorData } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import type { Flow } from '../format/model.ts';
import { hashJson } from '../policy/hash.ts';
import { redactJson } from '../policy/redact.ts';
import type { Disposable, EnginePorts, RunCommand, RunJournal } from '../ports.ts';
import type { Decided, Idle, RunHandle } from './api.ts';
import { type Allowance, BudgetKeeper, budgetOf } from './budget.ts';
import { RunParked } from './context.ts';
import { DryContext, dryPorts } from './dry-run.ts';
import { withValues } from './event-values.ts';
import type { LiveEvent, NewRunEvent, RunEvent, RunHeader, RunOutcome, SignalReply } from './events.ts';
import { type Executors, type FlowRun, nodesOf } from './flow-run.ts';
import { FoldedView } from './folded-view.ts';
import type { Given } from './given.ts';
import { BEFOREHAND, TIMED_OUT } from './history.ts';
import { LocalContext } from './local-context.ts';
import { LocalRun } from './local-run.ts';
import { checkReply, problemWith } from './replies.ts';
import { runFlow } from './runner.ts';
import { Values } from './values.ts';
import type { RunView } from './view.ts';
import { summaryOf } from './view.ts';

export interface Carried {
  journal: RunJournal;
  header: RunHeader;
  flow: Flow;
  files: ReadonlyMap<string, string>;
  given: Given;
  ports: EnginePorts;
  catalog: NodeCatalog;
  executors: Executors;
  /** From here on it goes on with this version of its flow. */
  moved?: { bundle: string; by: string };
  /** Where the run has to wait for its turn: resolves when it has been admitted, rejects with the signal's reason. */
  turn?: (admit: () => Promise<void>, stop: AbortSignal) => Promise<void>;
  /** Asked for before the run could go on. */
  cancel?: { by: string; reason?: string };
}

/**
 * When the line of a run is written first (ms). Whoever wants that of a new one before reads the journal, and many runs are over by then;
 * that of a run that is gone on with says what was, and to make it anew takes the view of all that is recorded.
 */
const FIRST_LINE_MS = { new: 1000, goneOnWith: 50 } as const;

export class LocalHandle implements RunHandle {
  readonly id: string;
  readonly done: Promise<RunOutcome | 'parked'>;
  readonly #carried: Carried;
  readonly #run: LocalRun;
  readonly #values: Values;
  readonly #view = new FoldedView();
  #summarized = '';
  /** Until the first line is written. */
  #firstLine: NodeJS.Timeout | undefined;
  #status: RunView['status'] | undefined;
  /** A question is open: whether the run waits for its answer depends on everything else in it. */
  #asking = false;

  constructor(carried: Carried) {
    const { journal, ports } = carried;
    this.#carried = carried;
    this.id = journal.runId;
    const redact = (text: string): string => ports.secrets.redact(text);
    this.#values = new Values({
      redact,
      store: (text) => journal.store(text),
      load: (name) => ports.runs.readObject(journal.runId, name),
    });
    this.#run = new LocalRun({
      journal,
      values: this.#values,
      clock: ports.clock,
      log: ports.log,
      record: (event) => recordedEvent(event, this.#values, redact),
      arbitrate: (key, reply) => this.#arbitrate(key, reply),
    });
    this.#run.onEvent(({ type }) => {
      const matters = type.startsWith('signal.') || type.startsWith('run.');
      // Nothing else changes the line of a run in which nobody is asked.
      if (matters || (this.#asking && !type.startsWith('live.') && this.view().status !== this.#status)) this.#summarize();
    });
    if (carried.moved) this.#run.append({ type: 'run.moved', ...carried.moved });
    this.done = this.#carry();
    // Whoever is interested waits for `done`; nobody being interested is not a fault of its own.
    this.done.catch((error: unknown) => ports.log.error('A run cannot go on', { run: this.id, error: toErrorData(error) }));
  }

  view(): RunView {
    return this.#view.of(this.#run.events);
  }

  events(): readonly RunEvent[] {
    return this.#run.events;
  }

  onEvent(listener: (event: RunEvent | LiveEvent) => void): Disposable {
    return this.#run.onEvent(listener);
  }

  onIdle(listener: (idle: Idle) => void): Disposable {
    return this.#run.onIdle(listener);
  }

  cancel(by: string, reason?: string): void {
    this.#run.cancel(by, reason);
  }

  async park(): Promise<void> {
    this.#run.park();
    await this.done;
  }

  /** Answers an open question for this process. */
  async decide(key: string, reply: SignalReply): Promise<Decided> {
    const signal = this.#run.history.signals.get(key);
    if (!signal) throw signalUnknown(this.id, key);
    if (signal.reply) return { accepted: false, earlier: signal.reply };
    if (this.#run.history.isOver(signal.node) || this.view().finishedAt !== undefined) return { accepted: false, earlier: undefined };
    await checkReply(signal.request, reply);
    const counts = await this.#run.answer(key, reply);
    return counts === reply ? { accepted: true } : { accepted: false, earlier: counts };
  }

  async #carry(): Promise<RunOutcome | 'parked'> {
    const { journal, cancel } = this.#carried;
    let commands: Disposable | undefined;
    let outcome: RunOutcome | 'parked' | undefined;
    try {
      commands = journal.onCommand((command) => this.#obey(command));
      const [first] = journal.recorded;
      const isNew = first?.type === 'segment.opened' && first.owner.nonce === journal.owner.nonce;
      this.#firstLine = setTimeout(() => this.#summarize(), isNew ? FIRST_LINE_MS.new : FIRST_LINE_MS.goneOnWith);
      if (cancel) this.#run.cancel(cancel.by, cancel.reason);
      await this.#waitForTurn();
      journal.expectSyncs(this.#effects());
      const context = new LocalContext(this.#run);
      outcome = await runFlow(this.#carried.header.dry ? new DryContext(context, this.#run.clock) : context, this.#flowRun());
      await this.#run.sync();
      return outcome;
    } catch (error) {
      if (!(error instanceof RunParked)) throw error;
      outcome = 'parked';
      return outcome;
    } finally {
      commands?.dispose();
      if (this.#firstLine) this.#summarize();
      if (outcome === undefined || outcome === 'parked') await this.#windDown();
      await journal.release(outcome === undefined || outcome === 'parked' ? 'parked' : 'finished');
    }
  }

  /** Steps that are synced, each counted once. */
  #effects(): number {
    const { header, flow, catalog } = this.#carried;
    if (header.dry) return 0;
    return Object.values(flow.nodes).filter((node) => catalog.get(node.type)?.lowestEffect(node.with ?? {}) !== 'none').length;
  }

  /** A run that is cancelled before its turn goes on without one, to its end. */
  async #waitForTurn(): Promise<void> {
    const { turn } = this.#carried;
    if (!turn || this.#run.history.cancelRequested) return;
    const cancelled = new AbortController();
    const cancelling = this.#run.onEvent(({ type }) => {
      if (type === 'run.cancelRequested') cancelled.abort();
    });
    try {
      await turn(() => this.#admit(), AbortSignal.any([cancelled.signal, this.#run.parking.signal]));
    } catch (error) {
      this.#run.parking.signal.throwIfAborted();
      if (!cancelled.signal.aborted) throw error;
    } finally {
      cancelling.dispose();
    }
  }

  /** On disk, and in the line that others read, before anybody else may look for room. */
  async #admit(): Promise<void> {
    this.#run.append({ type: 'run.admitted' });
    await this.#run.sync();
    await this.#carried.journal.summarize({ ...summaryOf(this.view(), true), owner: this.#carried.journal.owner });
  }

  /** Nothing may be written any more when the journal has been let go. */
  async #windDown(): Promise<void> {
    this.#run.park();
    await this.#run.stopped();
  }

  #flowRun(): FlowRun {
    const { header, flow, files, given, ports, catalog, executors } = this.#carried;
    const { history } = this.#run;
    return {
      header,
      createdAt: history.createdAt,
      flow,
      nodes: nodesOf(this.#carried),
      flows: new Map(),
      depth: 0,
      started: { flow: header.flow, way: '' },
      values: this.#values,
      file: (path) => files.get(path),
      ports: header.dry ? dryPorts(ports) : ports,
      given: new Map(Object.entries(given)),
      catalog,
      executors,
      mode: () => ({ mode: history.mode, model: history.model }),
      setMode: (mode, model, by) => void this.#run.append({ type: 'run.mode', mode, by, ...(model === undefined ? {} : { model }) }),
      emit: (event) => this.#run.emit(event),
      asked: (key) => history.signals.has(key),
      agreedTo: (node) => this.#agreedTo(node),
      ...this.#allowance(),
    };
  }

  #allowance(): { allowance?: Allowance } {
    const run = this.#run;
    const budget = budgetOf(this.#carried.flow);
    // A dry run uses nothing up, and nobody waits in it.
    if (!budget || this.#carried.header.dry) return {};
    const keeper = new BudgetKeeper(budget, run.events, {
      history: run.history,
      now: () => run.clock.now(),
      ask: (key, request) => run.onBehalf(async () => void (await new LocalContext(run).signal(key, request))),
      waiting: (wait) => run.waiting(undefined, wait),
    });
    run.onEvent((event) => {
      if ('seq' in event) keeper.add(event);
    });
    return { allowance: keeper };
  }

  #agreedTo(node: string): ReadonlySet<string> {
    const hashes = new Set<string>();
    for (const { node: asker, request, reply } of this.#run.history.signals.values()) {
      if (reply?.decision !== 'approved') continue;
      if (request.kind === 'gate' && asker === node) hashes.add(request.argsHash);
      // What was agreed to before it was there has been seen by nobody.
      else if (request.kind === 'approval' && request.untrusted && reply.by === BEFOREHAND) continue;
      else if (request.kind === 'approval' && request.details !== undefined) hashes.add(hashJson(request.details as Json));
    }
    return hashes;
  }

  async #arbitrate(key: string, reply: SignalReply): Promise<SignalReply> {
    const result = await this.#carried.ports.runs.publish(this.id, { type: 'reply', key, reply });
    if (result.published) return reply;
    return result.earlier.type === 'reply' ? result.earlier.reply : reply;
  }

  #obey(command: RunCommand): void {
    if (command.type === 'cancel') {
      this.#run.cancel(command.by, command.reason);
      return;
    }
    const signal = this.#run.history.signals.get(command.key);
    const timedOut = signal?.until !== undefined && command.reply.decision === TIMED_OUT;
    const problem = signal && !timedOut ? problemWith(signal.request, command.reply) : undefined;
    if (problem === undefined) this.#run.deliver(command.key, command.reply);
    else this.#carried.ports.log.warn('An answer from outside does not fit its question', { run: this.id, key: command.key, problem });
  }

  /** The line of the run is written anew when something in it has changed. */
  #summarize(): void {
    clearTimeout(this.#firstLine);
    this.#firstLine = undefined;
    const view = this.view();
    this.#status = view.status;
    const summary = { ...summaryOf(view, true), owner: this.#carried.journal.owner };
    this.#asking = summary.waiting.length > 0;
    const line = JSON.stringify([summary.status, summary.mode, summary.waiting.map(({ key }) => key)]);
    if (line === this.#summarized) return;
    this.#summarized = line;
    this.#carried.journal
      .summarize(summary)
      .catch((error: unknown) =>
        this.#carried.ports.log.warn('The line of a run cannot be written', { run: this.id, error: String(error) }),
      );
  }
}

export function signalUnknown(runId: string, key: string): BelayError {
  return new BelayError('SIGNAL_UNKNOWN', `Run ${runId} has asked no question "${key}".`, {
    hint: 'Look at the run: it lists the questions that are open.',
    kind: 'notFound',
  });
}

/** What people are told and say. Ids, keys, hashes and types are never changed. */
const WORDS = ['error', 'request', 'reply', 'reason'] as const;

function recordedEvent(event: NewRunEvent, values: Values, redact: (text: string) => string): NewRunEvent {
  const clean: Record<string, unknown> = withValues(event, (value) => values.record(value));
  for (const key of WORDS) if (clean[key] !== undefined) clean[key] = redactJson(JSON.parse(JSON.stringify(clean[key])) as Json, redact);
  return clean as NewRunEvent;
}
