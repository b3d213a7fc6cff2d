/** Where an agent is stopped. */
import { BelayError } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
import { hashJson, sha256 } from '../../policy/hash.ts';

/** Calls of models and tools, where the node does not say. */
export const DEFAULT_STEPS = 50;
/** Agents inside of one another: the one that the node names, one that it asks, and one that this one asks. */
export const MOST_DEPTH = 3;
/** Of one task. */
export const MOST_HAND_OFFS = 5;
/** Replies in a row that make no sense. */
export const MOST_UNCLEAR = 3;

/** Calls of models and tools that are left, for all agents of a node together. */
export class StepBudget {
  readonly #all: number;
  #left: number;

  constructor(steps: number) {
    this.#all = steps;
    this.#left = steps;
  }

  get left(): number {
    return this.#left;
  }

  /** Throws `AGENT_STEPS`. */
  use(agent: string): void {
    if (this.#left === 0) {
      throw new BelayError('AGENT_STEPS', `The agent "${agent}" was not done after ${this.#all} calls of models and tools.`, {
        hint: 'Give it a smaller task, or raise "maxSteps" of the node.',
        kind: 'quota',
        details: { steps: this.#all },
      });
    }
    this.#left -= 1;
  }
}

/** The same result of the same action so often is noticed. */
const NOTICED = 3;

/** Notices that an agent does the same thing over and over, and nothing comes of it that was not known. */
export class Repetitions {
  static readonly NOTE =
    `You have now done exactly this ${NOTICED} times, with the same result. Do something else, or give your answer; if you do it once more, you are stopped.`;
  readonly #seen = new Map<string, { result: string; times: number }>();

  /** Throws `AGENT_REPEATS` where the agent was told and does it again. */
  begin(tool: string, args: JsonObject, agent: string): string {
    const key = hashJson({ tool, args });
    if ((this.#seen.get(key)?.times ?? 0) < NOTICED) return key;
    throw new BelayError(
      'AGENT_REPEATS',
      `The agent "${agent}" keeps doing the same: ${tool}, with the same arguments and the same result.`,
      {
        hint: 'Say in the task what to do instead, or use another model.',
        kind: 'invalidOutput',
        details: { tool, arguments: args },
      },
    );
  }

  /** True: it is time to say so. */
  end(key: string, result: string): boolean {
    const hash = sha256(result);
    const before = this.#seen.get(key);
    const times = before?.result === hash ? before.times + 1 : 1;
    this.#seen.set(key, { result: hash, times });
    return times === NOTICED;
  }
}

/** Characters of a result that a model is shown; the whole of it is in the journal. */
const SHOWN = 20_000;

/** The beginning and the end, with a mark between. */
export function shortened(text: string, longest = SHOWN): string {
  if (text.length <= longest) return text;
  const half = Math.floor(longest / 2);
  return `${text.slice(0, half)}\n[… ${text.length - 2 * half} characters left out …]\n${text.slice(-half)}`;
}
