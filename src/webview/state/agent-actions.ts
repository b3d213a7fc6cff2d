/** What an agent did, turn by turn, from the steps that its node recorded. */
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import type { AttemptView, NodeView, SignalView } from '../../engine/run/view.ts';

export interface AgentAction {
  /** Its step: unique in the node. */
  step: string;
  /** `files/read`, `agent/NAME`, `handoff/NAME`. */
  tool: string;
  args: Json;
  /** Its result, as far as it has ended. */
  result?: Json;
  /** Why it failed: it threw, or the tool said so itself. */
  failed: boolean;
  running: boolean;
  /** A person is asked, or has said no: then it was never begun. */
  gate?: 'open' | 'refused';
  attempt: AttemptView;
}

export interface AgentTurn {
  /** `turn3`, or in an agent that was asked `turn1.call2.turn1`. */
  key: string;
  agent: string;
  number: number;
  /** Agents around this one. */
  depth: number;
  /** What the model wrote besides what it wanted to be done. */
  said: string;
  running: boolean;
  /** A history that was too long was summarized before it. */
  summarized: boolean;
  actions: AgentAction[];
}

/**
 * Empty for nodes that are no agent's. A step that was tried again counts with its last attempt.
 *
 * @param signals of the run: an action that was not allowed has left no step, but a question.
 */
export function agentTurns({ node, attempts }: NodeView, signals: readonly SignalView[] = []): AgentTurn[] {
  const turns = new Map<string, AgentTurn>();
  const gates = signals.flatMap((signal) => (signal.node === node ? gateAction(signal) : []));
  for (const { attempt, gate } of inOrder(lastOf(attempts), gates)) {
    const name = attempt.step.slice(node.length + 1).replace(/^round\d+\//, (round) => round.replace('/', '.'));
    const [, key] = /^((?:round\d+\.)?(?:turn\d+\.call\d+\.)*turn\d+)\./.exec(`${name}.`) ?? [];
    if (key === undefined) continue;
    const { args } = attempt;
    const about = args !== undefined && isJsonObject(args) ? args : {};
    const turn = turns.get(key) ?? newTurn(key);
    turns.set(key, turn);
    if (turn.agent === '' && typeof about.agent === 'string') turn.agent = about.agent;
    if (/\.summary2?$/.test(name)) turn.summarized = true;
    else if (typeof about.tool === 'string')
      turn.actions.push({ ...actionOf(attempt, about.tool, about.arguments ?? {}), ...(gate && { gate, failed: gate === 'refused' }) });
    else if (typeof about.turn === 'number') {
      turn.running = attempt.finishedAt === undefined;
      turn.said = saidIn(attempt.output);
    }
  }
  return [...turns.values()];
}

/** What it is doing now, for the card: the last action that has no end yet, else the turn. */
export function currentAction(view: NodeView): string | undefined {
  const turns = agentTurns(view);
  const turn = turns.at(-1);
  if (!turn) return undefined;
  const action = turns.flatMap(({ actions }) => actions).findLast(({ running }) => running);
  return `turn ${turn.number} · ${action?.tool ?? (turn.depth > 0 ? turn.agent : 'thinking')}`;
}

interface Told {
  attempt: AttemptView;
  gate?: 'open' | 'refused';
}

/** A question about an action that has not been begun, as if it were a step. */
function gateAction({ key, request, reply, requestedAt, over }: SignalView): Told[] {
  if (request.kind !== 'gate' || reply?.decision === 'approved' || over) return [];
  const [step = ''] = key.split('/gate/');
  const { effect, args } = request;
  const attempt: AttemptView = { step, attempt: 1, effect, args, startedAt: requestedAt, ...(reply && { finishedAt: reply.at }) };
  return [{ attempt, gate: reply ? 'refused' : 'open' }];
}

function inOrder(attempts: readonly AttemptView[], gates: readonly Told[]): Told[] {
  if (gates.length === 0) return attempts.map((attempt) => ({ attempt }));
  return [...attempts.map((attempt) => ({ attempt })), ...gates].sort((a, b) => a.attempt.startedAt - b.attempt.startedAt);
}

function newTurn(key: string): AgentTurn {
  const number = Number(/turn(\d+)$/.exec(key)?.[1] ?? 0);
  return { key, agent: '', number, depth: key.split('.call').length - 1, said: '', running: false, summarized: false, actions: [] };
}

function lastOf(attempts: readonly AttemptView[]): AttemptView[] {
  return [...new Map(attempts.map((attempt) => [attempt.step, attempt])).values()];
}

function actionOf(attempt: AttemptView, tool: string, args: Json): AgentAction {
  const { step, output, error, finishedAt } = attempt;
  const saysFailed = output !== undefined && isJsonObject(output) && output.failed === true;
  return {
    step,
    tool,
    args,
    failed: error !== undefined || saysFailed,
    running: finishedAt === undefined,
    attempt,
    ...(output === undefined || output === null ? {} : { result: resultOf(output) }),
  };
}

/** Data where there is any, else the text. */
function resultOf(output: Json): Json {
  if (!isJsonObject(output)) return output;
  if (output.structured !== undefined) return output.structured;
  const parts = Array.isArray(output.content) ? output.content : [];
  const texts = parts.flatMap((part) => (isJsonObject(part) && typeof part.text === 'string' ? [part.text] : []));
  return texts.length > 0 ? texts.join('\n') : output;
}

function saidIn(output: Json | undefined): string {
  if (output === undefined || !isJsonObject(output) || typeof output.text !== 'string') return '';
  // In words only, what it says is what it does: that is shown as such.
  return output.plain === true ? '' : output.text.trim();
}
