/** All models of a host behind one port: connections, aliases and a default, as they stand at the moment of the call. */
import { BelayError } from '../../engine/errors.ts';
import { charsToTokens, estimatedTokens, textOf } from '../../engine/messages.ts';
import type { ModelCallContext, ModelEvent, ModelProvider, ModelRequest, Models } from '../../engine/ports.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { ConnectionGate } from './connection-gate.ts';
import { ConnectionGates } from './connection-gate.ts';
import type { Connection } from './openai-compatible.ts';
import { createOpenAiCompatible } from './openai-compatible.ts';

export interface ModelSettings {
  /** Those that can be used now. */
  connections(): Promise<readonly Connection[]>;
  /** What `fast`, `smart`, … stand for: `connection/model`, or another alias. */
  aliases(): Readonly<Record<string, string>>;
  /** `connection/model` or an alias, for prompts that name none. */
  defaultModel(): string | undefined;
}

/**
 * Aliases that every flow may use: where the user gave them no meaning, they mean the default model. Not so `local`: who asks for a
 * local model does not want the text to leave the machine.
 */
const DEFAULTED = new Set(['fast', 'smart']);

/** `aliases` may lead to each other, but not in a circle and not far. */
const MOST_HOPS = 5;

export interface ModelRegistry extends Models {
  /** Whether a connection works. Throws `CONNECTION_UNKNOWN`. */
  check(connection: string, signal?: AbortSignal): ReturnType<ModelProvider['check']>;
}

interface Kept {
  fingerprint: string;
  latest: Connection;
  provider: ModelProvider;
}

/** Of this process: all windows, roots and runs in it share what a service allows. */
const gatesHere = new ConnectionGates(systemClock);

/**
 * `stream` throws `CONNECTION_UNKNOWN` for models of connections that are not there (any more). Calls wait for their turn at the
 * gate of their connection.
 */
export function createModels(settings: ModelSettings, gates: ConnectionGates = gatesHere): ModelRegistry {
  /** A provider learns what its service refuses, so it is kept as long as its connection stays the same; the key is always the latest. */
  const providers = new Map<string, Kept>();

  function providerFor(connection: Connection): ModelProvider {
    const { id, baseUrl, models, headers } = connection;
    const fingerprint = JSON.stringify([baseUrl, models, headers]);
    const known = providers.get(id);
    if (known?.fingerprint === fingerprint) {
      known.latest = connection;
      return known.provider;
    }
    const entry: Kept = {
      fingerprint,
      latest: connection,
      provider: createOpenAiCompatible({ ...connection, key: () => entry.latest.key() }),
    };
    providers.set(id, entry);
    return entry.provider;
  }

  async function connectionOf(model: string): Promise<Connection> {
    const id = model.split('/', 1)[0] ?? '';
    const connection = (await settings.connections()).find((it) => it.id === id);
    if (connection) return connection;
    throw new BelayError('CONNECTION_UNKNOWN', `There is no connection "${id}" for the model "${model}".`, {
      hint: 'Configure it ("Belay: Set API Key"; in a terminal OPENAI_API_KEY, OPENAI_BASE_URL), or use another model.',
      kind: 'modelNotFound',
    });
  }

  function meaning(name: string | undefined): string | undefined {
    const aliases = settings.aliases();
    let at = name;
    for (let hop = 0; hop < MOST_HOPS; hop += 1) {
      if (at === undefined) at = settings.defaultModel();
      if (at === undefined || at.includes('/')) return at;
      if (Object.hasOwn(aliases, at)) at = aliases[at];
      else if (DEFAULTED.has(at)) at = undefined;
      else return undefined;
    }
    return undefined;
  }

  return {
    async resolve(name) {
      const model = meaning(name);
      if (model === undefined) return undefined;
      const id = model.split('/', 1)[0];
      return (await settings.connections()).some((it) => it.id === id) ? model : undefined;
    },

    async listModels(signal) {
      const connections = await settings.connections();
      const lists = await Promise.allSettled(connections.map((connection) => providerFor(connection).listModels(signal)));
      signal?.throwIfAborted();
      // One service that cannot be reached does not hide the others.
      return lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
    },

    async *stream(request, context) {
      const connection = await connectionOf(request.model);
      yield* inTurn(gates.of(connection), providerFor(connection), request, context);
    },

    async capabilities(model) {
      return providerFor(await connectionOf(model)).capabilities(model);
    },

    async countTokens(request, signal) {
      const provider = providerFor(await connectionOf(request.model));
      if (provider.countTokens) return { tokens: await provider.countTokens(request, signal), source: 'reported' };
      return { tokens: estimatedTokens(request), source: 'estimated' };
    },

    async check(connection, signal) {
      return providerFor(await connectionOf(`${connection}/`)).check(signal);
    },
  };
}

async function* inTurn(
  gate: ConnectionGate,
  provider: ModelProvider,
  request: ModelRequest,
  context: ModelCallContext,
): AsyncGenerator<ModelEvent> {
  const turn = await gate.enter(estimateOf(request), context.signal);
  try {
    for await (const event of provider.stream(request, context)) {
      if (event.type === 'start') turn.answered();
      if (event.type === 'finish') turn.used(countedTokens(event) ?? estimateOf(request) + charsToTokens(textOf(event.message).length));
      yield event;
    }
  } catch (error) {
    turn.failed(error);
    throw error;
  } finally {
    turn.leave();
  }
}

function estimateOf(request: ModelRequest): number {
  return estimatedTokens(request) + (request.maxOutputTokens ?? 0);
}

function countedTokens({ usage }: Extract<ModelEvent, { type: 'finish' }>): number | undefined {
  if (usage?.inputTokens === undefined && usage?.outputTokens === undefined) return undefined;
  return (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
}
