/** Calls of flows by MCP clients: each is a run like any other. Knows no protocol: the server translates. */
import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { BelayError, toErrorData } from '../../engine/errors.ts';
import type { Json, JsonObject } from '../../engine/format/json.ts';
import type { RunHandle } from '../../engine/run/api.ts';
import { DECISIONS, type RunMode, type RunOutcome } from '../../engine/run/events.ts';
import { openSignals, type SignalView } from '../../engine/run/view.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { Workspace } from '../context.ts';
import { askerOf } from '../find-run.ts';
import { subFlowsOf, titlesOf } from '../flow-file.ts';
import { chooseReplies, modelNeeds } from '../mode.ts';
import { titleOf } from '../progress/progress.ts';
import { describeQuestion, questionInShort } from '../questions.ts';
import { waysToAnswer } from '../report.ts';
import { Terminal } from '../terminal.ts';
import type { FlowTool } from './flow-tools.ts';

/** What comes of a call: an answer, or a question that has to be answered before it goes on. */
export type CallStep =
  | { type: 'done'; text: string; data: JsonObject; failed: boolean }
  | { type: 'question'; token: string; message: string; decisions: readonly string[] };

export interface CallContext {
  /** The client's cancellation: the run is cancelled. */
  signal: AbortSignal;
  /** Whether its user can be asked. */
  canAsk: boolean;
  /** Who the client says it is. */
  by: string;
  onProgress(count: number, message: string): void;
}

interface Call {
  token: string;
  tool: FlowTool;
  handle: RunHandle;
  /** The question that was put to the client's user. */
  asked: SignalView | undefined;
  progress: number;
  /** Parks the run where the client does not come back with an answer. */
  left: NodeJS.Timeout | undefined;
}

/** How long a client may take to come back with an answer before the run is parked, in ms. */
const COMES_BACK = 900_000;

/** Where a question is written without colours, whatever the process writes to. */
const plain = new Terminal({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });

export class FlowCalls {
  readonly #workspace: Workspace;
  readonly #options: { mode?: RunMode; model?: string };
  readonly #calls = new Map<string, Call>();

  constructor(workspace: Workspace, options: { mode?: RunMode; model?: string }) {
    this.#workspace = workspace;
    this.#options = options;
  }

  /** Starts a run. What a client sends came from a model, mostly: it is untrusted. Throws what `Runs.start` throws. */
  async start(tool: FlowTool, inputs: Record<string, Json>, context: CallContext): Promise<CallStep> {
    const { runs, root } = this.#workspace;
    const replies = await this.#replies(tool);
    const handle = await runs.start({
      flowPath: tool.path,
      flowText: tool.text,
      inputs,
      inputsTrust: 'untrusted',
      ...replies,
      readFile: async (path) => readBeside(root, tool.folder, path),
    });
    const call: Call = { token: randomBytes(24).toString('base64url'), tool, handle, asked: undefined, progress: 0, left: undefined };
    this.#calls.set(call.token, call);
    return this.#follow(call, context);
  }

  /** Goes on with a call that had put a question. `undefined`: its user did not want to decide. Throws `MCP_CALL_UNKNOWN`. */
  async goOn(token: string, answer: { decision: string; reason?: string } | undefined, context: CallContext): Promise<CallStep> {
    const call = this.#calls.get(token);
    const asked = call?.asked;
    if (!call || !asked) {
      throw new BelayError('MCP_CALL_UNKNOWN', 'This answer belongs to no call that waits for one.', {
        hint: 'Look at the run with `belay runs`; if it waits, `belay approve` or `belay reject` answer it.',
        kind: 'notFound',
      });
    }
    clearTimeout(call.left);
    call.asked = undefined;
    if (!answer || !DECISIONS[asked.request.kind].includes(answer.decision)) return this.#park(call);
    const reason = answer.reason?.trim();
    await this.#workspace.runs.decide(call.handle.id, asked.key, {
      decision: answer.decision,
      by: context.by,
      at: Date.now(),
      ...(reason ? { reason } : {}),
    });
    return this.#follow(call, context);
  }

  /** Lets go of every run: they wait, or go on when they are resumed. */
  async park(): Promise<void> {
    await Promise.allSettled([...this.#calls.values()].map(({ handle }) => handle.park()));
  }

  async #replies({ flow, folder, path }: FlowTool): Promise<{ mode: RunMode; model?: string }> {
    const { models, cassettes, root } = this.#workspace;
    return chooseReplies({
      needs: modelNeeds(flow, subFlowsOf(root, folder)),
      wanted: { mode: this.#options.mode, model: this.#options.model },
      configured: this.#workspace.modelsConfigured,
      resolveModel: (name) => models.resolve(name ?? flow.model),
      listModels: async () => (await models.listModels()).map(({ id }) => id),
      recorded: () => cassettes.exists(path),
    });
  }

  /** To the end of the run, or to a question that its client's user can be asked. */
  async #follow(call: Call, context: CallContext): Promise<CallStep> {
    const { handle, tool } = call;
    const titles = titlesOf(tool.flow);
    const say = (message: string): void => {
      call.progress += 1;
      context.onProgress(call.progress, message);
    };
    const events = handle.onEvent((event) => {
      if (event.type === 'node.started') say(`${titleOf(titles, event.node)} has started`);
      if (event.type === 'node.finished')
        say(`${titleOf(titles, event.node)}: ${event.error === undefined ? event.outlet : event.error.message}`);
    });
    const onAbort = (): void => handle.cancel(context.by, 'the client cancelled the call');
    context.signal.addEventListener('abort', onAbort, { once: true });
    if (context.signal.aborted) onAbort();
    let stop = (): void => undefined;
    try {
      const waits = new Promise<'waits'>((resolve) => {
        const idle = handle.onIdle(({ signals }) => {
          if (signals > 0) resolve('waits');
        });
        stop = () => idle.dispose();
      });
      const outcome = await Promise.race([handle.done, waits]);
      if (outcome !== 'waits') return await this.#end(call, outcome);
      const question = context.canAsk ? openSignals(handle.view()).find(({ request }) => ASKED.has(request.kind)) : undefined;
      if (!question) return await this.#park(call);
      call.asked = question;
      call.left = setTimeout(() => void this.#park(call).catch(() => undefined), COMES_BACK);
      call.left.unref();
      const message = describeQuestion({ terminal: plain, titles }, question)
        .replaceAll(/^─+$\n?/gm, '')
        .trim();
      return { type: 'question', token: call.token, message, decisions: DECISIONS[question.request.kind] };
    } finally {
      stop();
      events.dispose();
      context.signal.removeEventListener('abort', onAbort);
    }
  }

  async #park(call: Call): Promise<CallStep> {
    await call.handle.park();
    return this.#end(call, await call.handle.done);
  }

  async #end(call: Call, outcome: RunOutcome | 'parked'): Promise<CallStep> {
    this.#calls.delete(call.token);
    clearTimeout(call.left);
    const { id } = call.handle;
    const view = call.handle.view();
    const data = { run: id, status: outcome };
    switch (outcome) {
      case 'succeeded': {
        const outputs = view.outputs === undefined || view.outputs === null ? {} : await this.#workspace.runs.whole(id, view.outputs);
        return { type: 'done', text: JSON.stringify(outputs, undefined, 2), data: { ...data, outputs }, failed: false };
      }
      case 'parked': {
        const open = openSignals(view);
        const waiting = open.map((signal) => `${askerOf(signal)}: ${questionInShort(signal.request)}`);
        const ways = open.flatMap((signal) => waysToAnswer(id, signal, '').map((way) => way.trim()));
        const how = open.length === 0 ? `belay resume ${id}` : ways.join('\n');
        const text = `The run ${id} waits to be answered:\n${waiting.join('\n')}\n\nIn the folder ${this.#workspace.root}, answer it in VS Code or with:\n${how}`;
        return { type: 'done', text, data: { ...data, waiting }, failed: false };
      }
      case 'failed':
      case 'rejected':
      case 'cancelled': {
        const error = view.error;
        const text = error ? `${error.code}: ${error.message}\n${error.hint}` : (view.reason ?? `The run was ${outcome}.`);
        return { type: 'done', text: `The run ${id} ${outcome === 'failed' ? 'failed' : `was ${outcome}`}. ${text}`, data, failed: true };
      }
      default:
        return outcome satisfies never;
    }
  }
}

/** What can be asked by a choice; replies, signals and recordings need more than that. */
const ASKED = new Set<SignalView['request']['kind']>(['approval', 'gate', 'consent', 'inDoubt', 'budget']);

/** A fault as what a client shows. */
export function faultStep(error: unknown): CallStep {
  const { code, message, hint } = toErrorData(error);
  return { type: 'done', text: `${code}: ${message}\n${hint}`, data: { run: '', status: 'failed' }, failed: true };
}
