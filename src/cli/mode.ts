/** Where replies come from: chosen once, said first, never switched silently. */
import { BelayError } from '../engine/errors.ts';
import { scopesOf } from '../engine/format/graph.ts';
import type { Flow } from '../engine/format/model.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import type { RunMode } from '../engine/run/events.ts';

/** How modes are written on a command line. */
export const MODES: Readonly<Record<string, RunMode>> = {
  live: 'live',
  recorded: 'recorded',
  record: 'record',
  'record-missing': 'recordMissing',
  'by-hand': 'byHand',
};

export interface Replies {
  mode: RunMode;
  /** `connection/model`, where prompts go to one. */
  model?: string;
}

/** What a flow needs of models: none, only ones that it names itself, or also the one that is chosen for the run. */
export type ModelNeeds = 'none' | 'named' | 'chosen';

export interface ModeSources {
  needs: ModelNeeds;
  /** As `--mode` and `--model` say. */
  wanted: { mode: RunMode | undefined; model: string | undefined };
  /** Whether there is a service to ask. */
  configured: boolean;
  /** The full name a model's name (undefined: the default) stands for; undefined: none. */
  resolveModel(name: string | undefined): Promise<string | undefined>;
  /** Full names of what the services offer. */
  listModels(): Promise<string[]>;
  recorded(): Promise<boolean>;
}

/** @param readFlow a sub-flow by its path relative to the flow that names it, and how it reads its own. Without it they are taken to ask. */
export function modelNeeds(flow: Flow, readFlow?: ReadFlow): ModelNeeds {
  const nodes = scopesOf(flow).flatMap((scope) => Object.values(scope.nodes));
  const asking = nodes.filter((node) => catalog.get(node.type)?.category === 'Models');
  const named = flow.model !== undefined || asking.every((node) => node.with?.model !== undefined);
  const needs: ModelNeeds[] = [asking.length === 0 ? 'none' : named ? 'named' : 'chosen'];
  for (const { type, with: params } of nodes) {
    if (type !== 'flow' || typeof params?.flow !== 'string') continue;
    if (!readFlow) return 'chosen';
    const sub = readFlow(params.flow);
    if (sub) needs.push(modelNeeds(sub.flow, sub.readFlow));
  }
  return needs.includes('chosen') ? 'chosen' : needs.includes('named') ? 'named' : 'none';
}

/** Undefined: it is not there, or has been read before. */
export type ReadFlow = (path: string) => { flow: Flow; readFlow: ReadFlow } | undefined;

/** Throws `MODE_NONE`, `MODEL_NONE`. */
export async function chooseReplies(sources: ModeSources): Promise<Replies> {
  const { needs, wanted, configured } = sources;
  if (wanted.mode === 'recorded' || wanted.mode === 'byHand') return { mode: wanted.mode };
  const mode = wanted.mode ?? 'live';
  const named = await sources.resolveModel(wanted.model);
  if (wanted.model !== undefined && named === undefined) throw modelNone(`The model "${wanted.model}" is not configured.`, HINT_NONE);
  if (named !== undefined) return { mode, model: named };
  if (needs === 'none') return { mode };
  if (!configured) return await withoutService(sources);
  if (needs === 'named') return { mode };
  const offered = await sources.listModels();
  if (offered.length === 1) return { mode, model: offered[0] ?? '' };
  const some = offered.length === 0 ? '' : ` There are: ${offered.slice(0, 8).join(', ')}${offered.length > 8 ? ', …' : ''}.`;
  throw modelNone(`A model service is configured, but nothing says which model to ask.${some}`, HINT_WHICH);
}

async function withoutService({ wanted, recorded }: ModeSources): Promise<Replies> {
  if (wanted.mode !== undefined) throw modelNone('No model is configured.', HINT_NONE);
  if (await recorded()) return { mode: 'recorded' };
  throw new BelayError('MODE_NONE', 'The flow asks a model, but no model is configured and nothing is recorded for it.', {
    hint: 'Set OPENAI_API_KEY or OPENAI_BASE_URL, and BELAY_MODEL; or answer the prompts yourself with --mode by-hand.',
    kind: 'auth',
  });
}

const HINT_NONE = 'Set OPENAI_API_KEY or OPENAI_BASE_URL, and BELAY_MODEL; or choose --mode recorded or --mode by-hand.';
const HINT_WHICH = 'Set BELAY_MODEL or give --model; or choose --mode recorded or --mode by-hand.';

function modelNone(message: string, hint: string): BelayError {
  return new BelayError('MODEL_NONE', message, { hint, kind: 'auth' });
}

/** What the mode means, as the first line of every run. */
export function describeReplies({ mode, model }: Replies, needs: ModelNeeds): string {
  if (needs === 'none') return 'Mode: live (this flow asks no model)';
  switch (mode) {
    case 'live':
      return `Mode: live, prompts are answered by ${model ?? 'the models the flow names'}`;
    case 'record':
      return `Mode: record, prompts are answered by ${model ?? 'the models the flow names'} and the replies are recorded`;
    case 'recordMissing':
      return `Mode: record missing, prompts are answered from recordings, and those that are not there by ${model ?? 'the models the flow names'} and recorded`;
    case 'recorded':
      return 'Mode: recorded, prompts are answered from recordings and not by a model';
    case 'byHand':
      return 'Mode: by hand, you answer the prompts';
    default:
      return mode satisfies never;
  }
}
