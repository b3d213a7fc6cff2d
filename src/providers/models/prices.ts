/** What models cost, from a list that comes with Belay: loaded at the first question. What is not on it is unknown, and never nothing. */
import type { Usage } from '../../engine/run/events.ts';

/** US dollars for a million tokens. */
export interface Price {
  input: number;
  output: number;
}

type Prices = typeof import('@pydantic/genai-prices');
let loaded: Promise<Prices> | undefined;

function load(): Promise<Prices> {
  loaded ??= import('@pydantic/genai-prices');
  return loaded;
}

/** Of a service at home: a gateway asks its own prices, and a machine of one's own none that a list could know. */
const SERVICES: readonly [host: RegExp, provider: string][] = [
  [/^api\.openai\.com$/, 'openai'],
  [/^api\.anthropic\.com$/, 'anthropic'],
  [/\.(openai|cognitiveservices|services\.ai)\.azure\.com$/, 'azure'],
  [/^openrouter\.ai$/, 'openrouter'],
  [/^api\.(deepseek|mistral|groq|x)\.(com|ai)$/, ''],
];

function providerOf(baseUrl: string): { providerId?: string; providerApiUrl?: string } | undefined {
  if (!URL.canParse(baseUrl)) return undefined;
  const { hostname } = new URL(baseUrl);
  const found = SERVICES.find(([host]) => host.test(hostname));
  if (!found) return undefined;
  return found[1] === '' ? { providerApiUrl: baseUrl } : { providerId: found[1] };
}

/** Undefined: unknown. */
export async function priceOf(baseUrl: string, model: string): Promise<Price | undefined> {
  const provider = providerOf(baseUrl);
  if (!provider) return undefined;
  const { calcPrice } = await load();
  // By the thousand, so that no tier for long inputs is reached.
  const found = attempt(() => calcPrice({ input_tokens: 1000, output_tokens: 1000 }, model, provider));
  return found ? { input: perMillion(found.input_price), output: perMillion(found.output_price) } : undefined;
}

/** @param price of a thousand tokens. Rounded: the list is decimal, and numbers are not. */
function perMillion(price: number): number {
  return Number((price * 1000).toPrecision(8));
}

/** US dollars; undefined: unknown. */
export async function costOf(baseUrl: string, model: string, usage: Usage): Promise<number | undefined> {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  const provider = providerOf(baseUrl);
  if (!provider || inputTokens === undefined || outputTokens === undefined) return undefined;
  const { calcPrice } = await load();
  // Input counts include the cache, here as there.
  const counts = {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(cacheReadTokens === undefined ? {} : { cache_read_tokens: cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cache_write_tokens: cacheWriteTokens }),
  };
  return attempt(() => calcPrice(counts, model, provider))?.total_price;
}

/** The list knows models of services it has prices for, and throws for counts that a model cannot have. */
function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask() ?? undefined;
  } catch {
    return undefined;
  }
}
