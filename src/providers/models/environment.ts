/** Models for hosts without settings (CLI, CI): OPENAI_API_KEY, OPENAI_BASE_URL, BELAY_MODEL. */

import type { Connection } from './openai-compatible.ts';
import type { ModelSettings } from './registry.ts';

const OPENAI_BASE_URL = 'https://api.openai.com/v1';

export interface EnvironmentModels {
  settings: ModelSettings;
  /** Whether there is anything to ask. */
  configured: boolean;
  /** To be hidden in everything that is written down. */
  keys: string[];
}

/**
 * The connection `openai` is there when it has a key, or an address of its own (which may need none). The key goes to that address
 * only. `BELAY_MODEL` is `connection/model`, or a model's name for that one connection; without it a flow has to name its models.
 */
export function modelsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): EnvironmentModels {
  const key = environment.OPENAI_API_KEY?.trim() || undefined;
  const baseUrl = environment.OPENAI_BASE_URL?.trim() || undefined;
  const named = environment.BELAY_MODEL?.trim() || undefined;
  const connections: Connection[] = [];
  if (key !== undefined || baseUrl !== undefined) {
    connections.push({ id: 'openai', baseUrl: baseUrl ?? OPENAI_BASE_URL, key: async () => key });
  }
  const model = named === undefined || named.startsWith('openai/') ? named : `openai/${named}`;
  return {
    settings: { connections: async () => connections, aliases: () => ({}), defaultModel: () => model },
    configured: connections.length > 0,
    keys: key === undefined ? [] : [key],
  };
}
