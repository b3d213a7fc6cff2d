/** Where replies come from: chosen once, said first, never switched silently. */
import { BelayError } from '../engine/errors.ts';
import type { Flow } from '../engine/format/model.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import type { RunMode } from '../engine/run/events.ts';

/** How modes are written on a command line. */
export const MODES: Readonly<Record<string, RunMode>> = { live: 'live', recorded: 'recorded', record: 'record', 'by-hand': 'byHand' };

export interface Replies {
  mode: RunMode;
  /** `connection/model`, where prompts go to one. */
  model?: string;
}

export interface ModeSources {
  asksModels: boolean;
  /** As `--mode` and `--model` say. */
  wanted: { mode: RunMode | undefined; model: string | undefined };
  /** The full name a model's name (undefined: the default) stands for; undefined: none. */
  resolveModel(name: string | undefined): Promise<string | undefined>;
  recorded(): Promise<boolean>;
}

/** Whether any node of the flow asks a model. */
export function asksModels(flow: Flow): boolean {
  return Object.values(flow.nodes).some((node) => catalog.get(node.type)?.category === 'Models');
}

/** Throws `MODE_NONE`, `MODEL_NONE`. */
export async function chooseReplies({ asksModels, wanted, resolveModel, recorded }: ModeSources): Promise<Replies> {
  const mode = wanted.mode;
  if (mode === 'recorded' || mode === 'byHand') return { mode };
  const model = await resolveModel(wanted.model);
  if (mode !== undefined || wanted.model !== undefined) {
    if (model === undefined && asksModels) throw noModel(wanted.model);
    return { mode: mode ?? 'live', ...(model === undefined ? {} : { model }) };
  }
  if (model !== undefined || !asksModels) return { mode: 'live', ...(model === undefined ? {} : { model }) };
  if (await recorded()) return { mode: 'recorded' };
  throw new BelayError('MODE_NONE', 'The flow asks a model, but no model is configured and nothing is recorded for it.', {
    hint: 'Set OPENAI_API_KEY (or BELAY_MODEL and BELAY_BASE_URL), or answer the prompts yourself with --mode by-hand.',
    kind: 'auth',
  });
}

/** What the mode means, as the first line of every run. */
export function describeReplies({ mode, model }: Replies, asked: boolean): string {
  if (!asked) return 'Mode: live (this flow asks no model)';
  switch (mode) {
    case 'live':
      return `Mode: live, prompts are answered by ${model ?? 'the models the flow names'}`;
    case 'record':
      return `Mode: record, prompts are answered by ${model ?? 'the models the flow names'} and the replies are recorded`;
    case 'recorded':
      return 'Mode: recorded, prompts are answered from recordings and not by a model';
    case 'byHand':
      return 'Mode: by hand, you answer the prompts';
    default:
      return mode satisfies never;
  }
}

function noModel(name: string | undefined): BelayError {
  const message = name === undefined ? 'No model is configured.' : `The model "${name}" is not configured.`;
  return new BelayError('MODEL_NONE', message, {
    hint: 'Set OPENAI_API_KEY (or BELAY_MODEL and BELAY_BASE_URL), or choose --mode recorded or --mode by-hand.',
    kind: 'auth',
  });
}
