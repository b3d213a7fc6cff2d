/** All models of a host behind one port: connections, aliases and a default, as they stand at the moment of the call. */
import { BelayError } from '../../engine/errors.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import { charsToTokens, estimatedTokens, textOf, toolCallsOf } from '../../engine/messages.ts';
import { ModelError } from '../../engine/model-error.ts';
import type { ModelCallContext, ModelEvent, ModelInfo, ModelProvider, ModelRequest, Models } from '../../engine/ports.ts';
import type { Usage } from '../../engine/run/events.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { Connection } from './connection.ts';
import type { ConnectionGate } from './connection-gate.ts';
import { ConnectionGates } from './connection-gate.ts';
import { costOf } from './prices.ts';
import { createProvider } from './provider.ts';

export interface ModelSettings {
  /** Those that can be used now. */
  connections(): Promise<readonly Connection[]>;
  /** What `fast`, `smart`, … stand for: `connection/model`, or another alias. */
  aliases(): Readonly<Record<string, string>>;
  /** `connection/model` or an alias, for prompts that name none. */
  defaultModel(): string | undefined;
  /** Providers that the host has itself, by the name of their connection: not by an address, and with nothing to be kept waiting for. */
  hosted?: ReadonlyMap<string, ModelProvider>;
}

/**
 * Aliases that every flow may use: where the user gave them no meaning, they mean the default model. Not so `local`: who asks for a
 * local model does not want the text to leave the machine.
 */
const DEFAULTED = new Set(['fast', 'smart']);

/** `aliases` may lead to each other, but not in a circle and not far. */
const MOST_HOPS = 5;

export interface ModelRegistry extends Models {
  /** What one connection offers. Throws what the service answered, and `CONNECTION_UNKNOWN`. */
  listOf(connection: string, signal?: AbortSignal): Promise<ModelInfo[]>;
  /** Whether a connection works. Throws `CONNECTION_UNKNOWN`. */
  check(connection: string, signal?: AbortSignal): ReturnType<ModelProvider['check']>;
}

interface Service {
  provider: ModelProvider;
  /** Absent: the host's own. */
  connection?: Connection;
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
    const { id, baseUrl, dialect, keyHeader, models, headers } = connection;
    const fingerprint = JSON.stringify([baseUrl, dialect, keyHeader, models, headers]);
    const known = providers.get(id);
    if (known?.fingerprint === fingerprint) {
      known.latest = connection;
      return known.provider;
    }
    const entry: Kept = {
      fingerprint,
      latest: connection,
      provider: createProvider({ ...connection, key: () => entry.latest.key() }),
    };
    providers.set(id, entry);
    return entry.provider;
  }

  async function serviceOf(model: string): Promise<Service> {
    const id = model.split('/', 1)[0] ?? '';
    const hosted = settings.hosted?.get(id);
    if (hosted) return { provider: translated(hosted) };
    const connection = (await settings.connections()).find((it) => it.id === id);
    if (connection) return { provider: providerFor(connection), connection };
    throw new BelayError('CONNECTION_UNKNOWN', `There is no connection "${id}" for the model "${model}".`, {
      hint: 'Add it ("Belay: Add Model Connection"; in a terminal OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY), or use another model.',
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
      const id = model.split('/', 1)[0] ?? '';
      return settings.hosted?.has(id) || (await settings.connections()).some((it) => it.id === id) ? model : undefined;
    },

    async listModels(signal) {
      const providers = [...(await settings.connections()).map(providerFor), ...(settings.hosted?.values() ?? [])];
      const lists = await Promise.allSettled(providers.map((provider) => provider.listModels(signal)));
      signal?.throwIfAborted();
      // One service that cannot be reached does not hide the others.
      return lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
    },

    listOf: async (connection, signal) => (await serviceOf(`${connection}/`)).provider.listModels(signal),

    async *stream(request, context) {
      const { provider, connection } = await serviceOf(request.model);
      const events = connection ? inTurn(gates.of(connection), provider, request, context) : provider.stream(request, context);
      for await (const event of events) yield event.type === 'finish' ? await accounted(event, request, connection) : event;
    },

    async capabilities(model) {
      return (await serviceOf(model)).provider.capabilities(model);
    },

    async countTokens(request, signal) {
      const { provider } = await serviceOf(request.model);
      if (provider.countTokens) return { tokens: await provider.countTokens(request, signal), source: 'reported' };
      return { tokens: estimatedTokens(request), source: 'estimated' };
    },

    async check(connection, signal) {
      return (await serviceOf(`${connection}/`)).provider.check(signal);
    },
  };
}

/** The host's own providers may stand in another bundle, with another class of the same errors: known by their form, they become ours. */
function translated(provider: ModelProvider): ModelProvider {
  const ours = (error: unknown): unknown => {
    if (error instanceof BelayError || !(error instanceof Error) || !('kind' in error && 'hint' in error)) return error;
    const { message, hint, kind, details, partial, cause } = error as ModelError;
    return new ModelError(kind, {
      message,
      hint,
      ...(isJsonObject(details) ? { details } : {}),
      ...(partial === undefined ? {} : { partial }),
      cause,
    });
  };
  const asked = <T>(answer: Promise<T> | T): Promise<T> =>
    Promise.resolve(answer).catch((error) => {
      throw ours(error);
    });
  const { countTokens } = provider;
  return {
    listModels: (signal) => asked(provider.listModels(signal)),
    capabilities: (model) => asked(provider.capabilities(model)),
    async *stream(request, context) {
      try {
        yield* provider.stream(request, context);
      } catch (error) {
        throw ours(error);
      }
    },
    ...(countTokens ? { countTokens: (request, signal) => asked(countTokens.call(provider, request, signal)) } : {}),
    check: (signal) => asked(provider.check(signal)),
  };
}

type Finish = Extract<ModelEvent, { type: 'finish' }>;

/** With what it used up, guessed where the service does not count, and what that costs, where neither the service nor a gateway said so. */
async function accounted(finish: Finish, request: ModelRequest, connection: Connection | undefined): Promise<Finish> {
  const usage: Usage = finish.usage ?? {
    inputTokens: estimatedTokens(request),
    outputTokens: charsToTokens(
      textOf(finish.message).length + toolCallsOf(finish.message).reduce((sum, it) => sum + it.arguments.length, 0),
    ),
    source: 'estimated',
  };
  if (usage.cost !== undefined || !connection) return { ...finish, usage };
  const cost = await costOf(connection.baseUrl, request.model.slice(connection.id.length + 1), usage);
  return { ...finish, usage: cost === undefined ? usage : { ...usage, cost, costSource: 'estimated' } };
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
