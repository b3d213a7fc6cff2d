/** What the hosts (editor, CLI, tests) ask of runs. Implemented by `RunService` in service.ts. */
import type { Json } from '../format/json.ts';
import type { Disposable } from '../ports.ts';
import type { LiveEvent, Owner, RunEvent, RunMode, RunOutcome, SignalReply, Trust } from './events.ts';
import type { PruneRequest, Retention } from './retention.ts';
import type { RunSummary, RunView } from './view.ts';

/** What a person wants a node to have given. */
export interface PinnedResult {
  outlet: string;
  output: Json;
  /** Trusted only what a person typed, or what was trusted where it was made. */
  trust: Trust;
}

export interface StartRequest {
  /** The flow file, relative to the journal root, with forward slashes. */
  flowPath: string;
  flowText: string;
  inputs: Record<string, Json>;
  /** `untrusted` where any of them was not typed by a person. Default: trusted. */
  inputsTrust?: Trust;
  mode: RunMode;
  /** `connection/model` for prompts that name none. */
  model?: string;
  /** Ids of nodes whose gates and approvals are answered beforehand; but no irreversible step that uses untrusted values. */
  approved?: readonly string[];
  /** An earlier run of this flow, whose results are taken as `from`, `only` and `dry` say; without them this one is only said to repeat it. */
  rerunOf?: string;
  /** A node, or one in its body: it and what follows are run, everything else keeps its result of `rerunOf`. Approvals are asked for anew. */
  from?: string;
  /** A node, or one in its body: it is run alone, on results of `rerunOf` and pinned ones. */
  only?: string;
  /** A node, or one in its body: the run ends with it, and begins nothing that it does not need. Without effect beside `only`. */
  to?: string;
  /** Results that stand in for running a node, by id. */
  pinned?: Readonly<Record<string, PinnedResult>>;
  /** Nothing is done; what would be done is recorded. Where there is a result of `rerunOf` it stands for the one that is not made. */
  dry?: boolean;
  /** Text of a file the flow reaches, by its path relative to the flow; undefined where there is none. */
  readFile(path: string): Promise<string | undefined>;
}

/** Why nothing moves: `signals` questions wait for people, and the next timer (epoch ms), if one is set. */
export interface Idle {
  signals: number;
  timer?: number;
}

/** A run this process owns. */
export interface RunHandle {
  readonly id: string;
  /** The run as it now stands. Changes with the run: copy what has to stay. */
  view(): RunView;
  /** Every event recorded so far. */
  events(): readonly RunEvent[];
  /** Events as they are recorded, and what is only shown while it happens. Recorded ones have `seq`. */
  onEvent(listener: (event: RunEvent | LiveEvent) => void): Disposable;
  /** Told when nothing can move but signals and timers; at once, if it is so already. */
  onIdle(listener: (idle: Idle) => void): Disposable;
  /** How it ended, or that it was let go unfinished. Rejects only where the journal cannot be written (`JOURNAL_WRITE`) or a defect is met. */
  readonly done: Promise<RunOutcome | 'parked'>;
  cancel(by: string, reason?: string): void;
  /** Lets go at the next safe point. What is under way is aborted, and repeats or is in doubt when the run is resumed. */
  park(): Promise<void>;
}

/** `accepted: false`: somebody was first (`earlier`), or the question is not open any more. */
export type Decided = { accepted: true } | { accepted: false; earlier: SignalReply | undefined };

/** What came of a wish to cancel: its owner was told, nobody had it and it is cancelled, or it had ended before. */
export type Cancelled = 'asked' | 'cancelled' | 'finished';

/** A run as its journal tells it, to look at. */
export interface OpenRun {
  readonly id: string;
  readonly events: readonly RunEvent[];
  readonly view: RunView;
  /** The flow as it was frozen when the run started, or when it was moved to another version. */
  readonly flowText: string;
  /** The living owner; undefined: nobody has it. */
  readonly owner: Owner | undefined;
  /** False for journals of another machine: shown, never resumed. */
  readonly local: boolean;
  /** What is recorded from now on, by whomever; `events` and `view` have it already. */
  onEvents(listener: (events: readonly RunEvent[]) => void): Disposable;
}

export interface Runs {
  /** Throws `FLOW_INVALID` (details: the problems), `INPUT_INVALID`, `FILE_MISSING`, `FILE_OUTSIDE`; for parts of a flow those of rerun.ts. */
  start(request: StartRequest): Promise<RunHandle>;
  /** Takes over a run nobody owns. Throws `RUN_OWNED`, `RUN_UNKNOWN`, `RUN_FOREIGN`, `RUN_FINISHED`, `JOURNAL_…`. */
  resume(runId: string): Promise<RunHandle>;
  /**
   * Goes on with the flow as it now is, instead of the version the run was started with (or moved to before). Takes the run over like
   * `resume`; one that this process has is let go first. What was approved beforehand is asked for. Throws what `start` throws of the
   * flow, `GIVEN_REFUSED` and `GIVEN_INVALID` of results it was given, and `MOVE_CONFLICT` (details: the nodes) where what is recorded
   * could not have happened in it.
   */
  move(runId: string, changed: Pick<StartRequest, 'flowText' | 'readFile'>, by: string): Promise<RunHandle>;
  /** The run, if this process owns it. */
  handle(runId: string): RunHandle | undefined;
  /** Answers a question, wherever the run is. Throws `REPLY_INVALID`, `SIGNAL_UNKNOWN`. */
  decide(runId: string, key: string, reply: SignalReply): Promise<Decided>;
  /** Asks the owner to cancel; a run nobody owns is taken over and cancelled. Says what came of it. */
  cancel(runId: string, by: string, reason?: string): Promise<Cancelled>;
  /** A value of an event with the large parts of it, which stand beside the journal. Throws `OBJECT_UNKNOWN`, `OBJECT_CORRUPT`. */
  whole(runId: string, value: Json): Promise<Json>;
  /** Newest first. `finished`: of the finished runs, only so many of the newest. */
  list(options?: { finished?: number }): Promise<RunSummary[]>;
  open(runId: string): Promise<OpenRun>;
  /** Removes a run that nobody owns, and what was frozen for it alone. */
  remove(runId: string): Promise<void>;
  /** Returns the ids of the removed runs. Those that somebody owns stay. */
  prune(request: PruneRequest): Promise<string[]>;
  /**
   * Removes old runs and says in the log what it removed. Returns their ids. Once a day for a root is enough, so within a day of the
   * last time nothing is done, unless the limits are others or `evenToday` is set. The limits given are remembered for hosts that
   * have none of their own; without any so far: `DEFAULT_RETENTION`.
   */
  tidy(options?: { limits?: Retention; evenToday?: boolean }): Promise<string[]>;
  /** Marks a run that is not to be removed as an old one. Throws `RUN_UNKNOWN`. */
  keep(runId: string, kept: boolean): Promise<void>;
  /** Something changed in the runs of this root, whoever did it. */
  onDidChange(listener: (runId: string) => void): Disposable;
}
