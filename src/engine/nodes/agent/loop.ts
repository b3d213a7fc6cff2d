/**
 * The command execution loop: the model proposes, what it proposes is checked against policy and done, and it is told what came of it,
 * until it is done or a limit is reached. Every call of a model, of a tool and every summary is a step with a name of its own, so a run
 * that is resumed goes through the same turns and does nothing twice.
 */
import type { Agent } from '../../agents/agent-file.ts';
import { BelayError } from '../../errors.ts';
import type { Json, JsonObject } from '../../format/json.ts';
import { AGENT_TOOL } from '../../format/tool-names.ts';
import { imagesOf, textOf } from '../../messages.ts';
import { callTool } from '../../tools/call.ts';
import type { NodeContext } from '../executor.ts';
import { type Reply, replyTo } from '../prompt/reply.ts';
import { compacted, isFull, RECORDED_WINDOW } from './compaction.ts';
import { type Action, asCalls, type Entry, inWords } from './history.ts';
import { MOST_DEPTH, MOST_HAND_OFFS, MOST_UNCLEAR, Repetitions, type StepBudget, shortened } from './limits.ts';
import { proposalOf } from './proposal.ts';
import { systemPrompt } from './system-prompt.ts';
import { type Doable, type Toolbox, toolboxOf } from './toolbox.ts';

/** What the loops of one node share: the agent that was asked, and those that it asks. */
export interface AgentRun {
  context: NodeContext;
  /** Model (or alias) of the node, which goes before those of agents. */
  model: string | undefined;
  /** Tools of the node; undefined: all that the agents' files list. */
  allowed: readonly string[] | undefined;
  budget: StepBudget;
  /** How many flows have been run as tools. */
  passes: number;
}

export interface Done {
  value: Json;
  /** Who answered. */
  agent: string;
}

/** Judges an answer; a problem is told to the agent, who answers again. */
export type Judge = (value: Json) => Promise<{ ok: true; value: Json } | { ok: false; problem: string }>;

/** How often an answer that was not accepted is asked for again. */
const MOST_REPAIRS = 2;

export interface Task {
  agent: Agent;
  text: string;
  /** Begins the names of its steps: empty for the agent that the node names. */
  prefix: string;
  /** How many agents stand around it. */
  depth: number;
  /** Said to the agent about the form of its answer. */
  form: string | undefined;
  judge: Judge;
}

export class AgentLoop {
  readonly #run: AgentRun;
  readonly #task: Task;
  #agent: Agent;
  #box: Toolbox | undefined;
  #entries: Entry[];
  readonly #repetitions = new Repetitions();
  #handOffs = 0;
  #window: number | undefined;

  constructor(run: AgentRun, task: Task) {
    this.#run = run;
    this.#task = task;
    this.#agent = task.agent;
    this.#entries = [{ is: 'told', text: task.text }];
  }

  /** Throws `AGENT_…`, `MODEL_…`, and what ends a node in any case. */
  async done(): Promise<Done> {
    let unclear = 0;
    let repairs = 0;
    for (let turn = 1; ; turn += 1) {
      const reply = await this.#ask(turn);
      const proposal = proposalOf(reply, turn);
      if (proposal.is === 'actions') {
        this.#entries.push({ is: 'model', text: reply.text, actions: proposal.actions, ...(reply.message && { message: reply.message }) });
        const malformed = await this.#act(turn, proposal.actions);
        unclear = malformed ? unclear + 1 : 0;
        if (unclear > MOST_UNCLEAR) throw this.#tooUnclear('its calls stay malformed');
        continue;
      }
      this.#entries.push({ is: 'model', text: reply.text, actions: [] });
      if (proposal.is === 'unclear') {
        unclear += 1;
        if (unclear > MOST_UNCLEAR) throw this.#tooUnclear(proposal.problem);
        this.#tell(`That cannot be used: ${proposal.problem}. Reply again, as you were told.`);
        continue;
      }
      const judged = await this.#task.judge(proposal.value);
      if (judged.ok) return { value: judged.value, agent: this.#agent.name };
      repairs += 1;
      if (repairs > MOST_REPAIRS) throw answerInvalid(this.#agent.name, judged.problem);
      this.#tell(`That answer cannot be used:\n${judged.problem}\nAnswer again, corrected.`);
    }
  }

  #tell(text: string): void {
    this.#entries.push({ is: 'told', text });
  }

  async #ask(turn: number): Promise<Reply> {
    const { context, budget } = this.#run;
    const step = `${this.#task.prefix}turn${turn}`;
    const box = await this.#toolbox(`${step}.tools`);
    if (isFull(asCalls(this.#system(box), this.#entries), box.offers, this.#window)) await this.#compact(`${step}.summary`);
    budget.use(this.#agent.name);
    const last = budget.left === 0;
    if (last) this.#tell('This is your last turn: no tool is left to you. Give your answer now.');
    const ask = (name: string): Promise<Reply> => replyTo(this.#question(turn, box, last), name, context);
    let reply: Reply;
    try {
      reply = await ask(`${step}.model`);
    } catch (error) {
      // Nobody knew how much the model takes; now it has said so.
      if (!(error instanceof BelayError) || error.kind !== 'contextLength' || error.code === 'MODEL_OUTPUT_CUT') throw error;
      if (context.signal.aborted || !(await this.#compact(`${step}.summary2`))) throw error;
      reply = await ask(`${step}.model2`);
    }
    const recording = context.mode() !== 'live';
    this.#window = recording ? RECORDED_WINDOW : (reply.contextWindow ?? this.#window);
    return reply;
  }

  #question(turn: number, box: Toolbox, last: boolean): Parameters<typeof replyTo>[0] {
    const { context, model } = this.#run;
    const system = this.#system(box);
    const offers = last ? [] : box.offers;
    const told = this.#entries.at(-1);
    return {
      messages: asCalls(system, this.#entries),
      plain: inWords(system, offers, this.#entries),
      ...(box.offers.length === 0 ? {} : { tools: box.offers }),
      ...(last ? { toolChoice: 'none' as const } : {}),
      ...(model === undefined ? {} : { model }),
      candidates: this.#agent.models,
      dispensableImages: true,
      template: templateOf(context),
      // Results stand with the steps that gave them, the rest with the turns before.
      args: {
        agent: this.#agent.name,
        turn,
        ...(model === undefined ? {} : { model }),
        ...(turn === 1 ? { system } : {}),
        ...(told?.is === 'told' ? { told: told.text } : {}),
      },
    };
  }

  #system(box: Toolbox): string {
    return systemPrompt(this.#agent, box, this.#task.form);
  }

  async #toolbox(step: string): Promise<Toolbox> {
    const { context, allowed } = this.#run;
    if (this.#box) return this.#box;
    const asks = this.#task.depth < MOST_DEPTH;
    this.#box = await toolboxOf(this.#agent, { allowed, step, asks, handsOff: this.#handOffs < MOST_HAND_OFFS }, context);
    for (const { name, why } of this.#box.unavailable) {
      context.ports.log.warn('A tool of an agent is not available', { node: context.node, agent: this.#agent.name, tool: name, why });
    }
    return this.#box;
  }

  /** False: there was nothing to make shorter. */
  async #compact(step: string): Promise<boolean> {
    const { context, model } = this.#run;
    const shorter = await compacted(this.#entries, async (prompt) => {
      const { text } = await replyTo(
        {
          messages: [{ role: 'user', content: prompt }],
          ...(model === undefined ? {} : { model }),
          candidates: this.#agent.models,
          template: templateOf(context),
          args: { agent: this.#agent.name, summary: prompt },
        },
        step,
        context,
      );
      return text;
    });
    if (shorter === undefined) return false;
    this.#entries = shorter;
    return true;
  }

  /** Does them one after the other. True: not one of them could be made sense of. */
  async #act(turn: number, actions: readonly Action[]): Promise<boolean> {
    let understood = 0;
    let next: Answer['next'];
    const { doables } = await this.#toolbox('');
    for (const [at, action] of actions.entries()) {
      const doable = doables.get(action.offer);
      if (action.problem !== undefined) this.#result(action, `${action.problem}. Call it again with correct JSON.`, true);
      else if (doable === undefined)
        this.#result(action, `there is no tool "${action.offer}". There are: ${[...doables.keys()].join(', ') || 'none'}.`, true);
      else {
        understood += 1;
        if (next) this.#result(action, 'the work was handed over before this; it was not done.', true);
        else next = await this.#do(doable, action, turn, `${this.#task.prefix}turn${turn}.call${at + 1}`);
      }
    }
    if (next) this.#handOver(next.agent, next.told);
    return understood === 0;
  }

  async #do(doable: Doable, action: Action, turn: number, step: string): Promise<Answer['next']> {
    const key = this.#repetitions.begin(nameOf(doable), action.args, this.#agent.name);
    this.#run.budget.use(this.#agent.name);
    const done = await this.#tried(doable, action, turn, step);
    const repeated = this.#repetitions.end(key, done.text) ? `\n\n${Repetitions.NOTE}` : '';
    this.#entries.push({ is: 'result', action, text: done.text + repeated, images: done.images ?? [], failed: done.failed ?? false });
    return done.next;
  }

  /** What fails is an answer too: the model may find another way. */
  async #tried(doable: Doable, action: Action, turn: number, step: string): Promise<Answer> {
    try {
      return await this.#perform(doable, action, turn, step);
    } catch (error) {
      if (!isForTheModel(error, this.#run.context)) throw error;
      return { text: shortened(`${error.message} ${error.hint}`), failed: true };
    }
  }

  async #perform(doable: Doable, { args }: Action, turn: number, step: string): Promise<Answer> {
    const { context } = this.#run;
    const about: JsonObject = { agent: this.#agent.name, turn };
    switch (doable.is) {
      case 'tool': {
        const pass = doable.tool.source === 'flow' ? this.#run.passes++ : 0;
        const title = `${context.title}: ${doable.tool.name}`;
        const call = { tool: doable.tool, args, step, title, trust: 'untrusted' as const, about, own: true as const, pass };
        const { content, failed } = await callTool(call, context);
        const text = shortened(textOf({ content }));
        return { text: text === '' ? '[it answered nothing]' : text, images: imagesOf({ content }), ...(failed ? { failed } : {}) };
      }
      case 'ask': {
        const { agent } = doable;
        const task = textArgument(args, 'task');
        await this.#note(step, `${AGENT_TOOL}${agent.name}`, args, about);
        const inner = new AgentLoop(this.#run, {
          agent,
          text: task,
          prefix: `${step}.`,
          depth: this.#task.depth + 1,
          form: undefined,
          judge: async (value) => ({ ok: true, value }),
        });
        const { value } = await inner.done();
        return { text: shortened(typeof value === 'string' ? value : JSON.stringify(value)) };
      }
      case 'handOff': {
        const { agent, told } = doable;
        const message = textArgument(args, 'message');
        await this.#note(step, `handoff/${agent.name}`, args, about);
        return { text: `${agent.title} has taken over.`, next: { agent, told: [told, message] } };
      }
      default:
        return doable satisfies never;
    }
  }

  /** Part of the record, though nothing leaves the run by it. */
  async #note(step: string, tool: string, args: JsonObject, about: JsonObject): Promise<void> {
    await this.#run.context.step(step, { effect: 'none', own: true, args: { tool, arguments: args, ...about } }, async () => null);
  }

  #handOver(agent: Agent, told: readonly (string | undefined)[]): void {
    this.#handOffs += 1;
    this.#agent = agent;
    this.#box = undefined;
    this.#tell([`You have taken over from another agent.`, ...told.filter((it) => it !== undefined)].join('\n\n'));
  }

  #result(action: Action, text: string, failed: boolean): void {
    this.#entries.push({ is: 'result', action, text, images: [], failed });
  }

  #tooUnclear(problem: string): BelayError {
    return new BelayError(
      'AGENT_UNCLEAR',
      `The agent "${this.#agent.name}" does not say what it wants in a form that can be used: ${problem}.`,
      {
        hint: 'Use a model that calls tools reliably.',
        kind: 'invalidOutput',
      },
    );
  }
}

interface Answer {
  text: string;
  images?: ReturnType<typeof imagesOf>;
  failed?: true;
  /** Who goes on when all actions of the turn are done, and with which words. */
  next?: { agent: Agent; told: readonly (string | undefined)[] };
}

/** What ends the node, however an agent might go on from there. */
const ENDS = new Set([
  'BUDGET_EXCEEDED',
  'STEP_ABORTED',
  'RUN_RESTORE',
  'RUN_CANCELLED',
  'AGENT_STEPS',
  'AGENT_REPEATS',
  'DECISION_UNKNOWN',
]);

function isForTheModel(error: unknown, context: NodeContext): error is BelayError {
  if (context.signal.aborted || !(error instanceof BelayError)) return false;
  return !ENDS.has(error.code) && error.kind !== 'cancelled';
}

function nameOf(doable: Doable): string {
  return doable.is === 'tool' ? doable.tool.name : `${doable.is}/${doable.agent.name}`;
}

function textArgument(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new BelayError('TOOL_ARGUMENTS', `"${name}" has to be a text.`, { hint: 'Call it again with it.', kind: 'badRequest' });
}

function templateOf({ source }: NodeContext): string {
  return typeof source.task === 'string' ? source.task : '';
}

function answerInvalid(agent: string, problem: string): BelayError {
  return new BelayError(
    'MODEL_OUTPUT_INVALID',
    `The answer of the agent "${agent}" does not match the output schema: ${problem.slice(0, 300)}.`,
    {
      hint: 'Make the task say what is wanted, or loosen the output schema.',
      kind: 'invalidOutput',
      details: { problem },
    },
  );
}
