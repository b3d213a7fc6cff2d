import { estimatedTokens } from '../messages.ts';
import type { ModelCapabilities, ModelEvent, ModelRequest, Models } from '../ports.ts';

/** A model that can do everything. */
export const ABLE: ModelCapabilities = {
  tools: true,
  parallelTools: true,
  forcedTool: true,
  structuredOutput: 'native',
  vision: true,
  systemRole: true,
  usage: 'reported',
  temperature: true,
  interactiveOnly: false,
};

/** Models that answer as the test says. */
export function fakeModels(
  stream: (request: ModelRequest) => AsyncGenerator<ModelEvent>,
  more: Partial<Pick<Models, 'resolve'>> & { capabilities?: Partial<ModelCapabilities> } = {},
): Models {
  return {
    resolve: more.resolve ?? (async (name) => name ?? 'test/model'),
    listModels: async () => [],
    capabilities: async () => ({ ...ABLE, ...more.capabilities }),
    stream,
    countTokens: async (request) => ({ tokens: estimatedTokens(request), source: 'estimated' }),
  };
}
