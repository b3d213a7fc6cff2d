import { isJsonObject } from '../../../engine/format/json.ts';
import type { ModelCapabilities } from '../../../engine/ports.ts';

/**
 * What some services say of a model in their list, each in its own words: OpenRouter (`supported_parameters`, `architecture`), LM Studio
 * and llama.cpp (`type`, `capabilities`), vLLM (`max_model_len`). What is not said is not known.
 */
export function capabilitiesOfEntry(entry: object): Partial<ModelCapabilities> {
  if (!isJsonObject(entry)) return {};
  const known: Partial<ModelCapabilities> = {};
  const parameters = texts(entry.supported_parameters);
  if (parameters) {
    known.tools = parameters.includes('tools');
    known.forcedTool = parameters.includes('tool_choice');
    known.temperature = parameters.includes('temperature');
    if (parameters.includes('structured_outputs') || parameters.includes('response_format')) known.structuredOutput = 'native';
  }
  const inputs = isJsonObject(entry.architecture) ? texts(entry.architecture.input_modalities) : undefined;
  if (inputs) known.vision = inputs.includes('image');
  const able = texts(entry.capabilities);
  if (able) {
    if (able.some((it) => /tool/.test(it))) known.tools = true;
    if (able.some((it) => /vision|multimodal|image/.test(it))) known.vision = true;
  }
  if (entry.type === 'vlm') known.vision = true;
  const window = [entry.context_length, entry.max_context_length, entry.max_model_len].find((it) => typeof it === 'number');
  if (typeof window === 'number') known.contextWindow = window;
  return known;
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((it) => typeof it === 'string') : undefined;
}
