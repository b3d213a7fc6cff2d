/** Models for hosts without settings (CLI, CI): OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, BELAY_MODEL. */

import type { Connection } from './connection.ts';
import type { ModelSettings } from './registry.ts';

const OPENAI_BASE_URL = 'https://api.openai.com/v1';
const ANTHROPIC_BASE_URL = 'https://api.anthropic.com/v1';

export interface EnvironmentModels {
  settings: ModelSettings;
  /** Whether there is anything to ask. */
  configured: boolean;
  /** To be hidden in everything that is written down. */
  keys: string[];
}

/**
 * The connection `openai` is there when it has a key, or an address of its own (which may need none); `anthropic` when it has a key.
 * Each key goes to its address only. `BELAY_MODEL` is `connection/model`, or a model's name for the first of them; without it a flow
 * has to name its models.
 */
export function modelsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): EnvironmentModels {
  const openAiKey = environment.OPENAI_API_KEY?.trim() || undefined;
  const openAiUrl = environment.OPENAI_BASE_URL?.trim() || undefined;
  const anthropicKey = environment.ANTHROPIC_API_KEY?.trim() || undefined;
  const connections: Connection[] = [];
  if (openAiKey !== undefined || openAiUrl !== undefined) {
    connections.push({ id: 'openai', baseUrl: openAiUrl ?? OPENAI_BASE_URL, key: async () => openAiKey });
  }
  if (anthropicKey !== undefined) {
    const baseUrl = (environment.ANTHROPIC_BASE_URL?.trim() || undefined) ?? ANTHROPIC_BASE_URL;
    connections.push({ id: 'anthropic', baseUrl, dialect: 'anthropic', key: async () => anthropicKey });
  }
  const named = environment.BELAY_MODEL?.trim() || undefined;
  const isFull = connections.some(({ id }) => named?.startsWith(`${id}/`));
  const model = named === undefined || isFull ? named : `${connections[0]?.id ?? 'openai'}/${named}`;
  return {
    settings: { connections: async () => connections, aliases: () => ({}), defaultModel: () => model },
    configured: connections.length > 0,
    keys: [openAiKey, anthropicKey].filter((key) => key !== undefined),
  };
}
