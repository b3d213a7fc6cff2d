/** How web services and the network fail, as `fetch` of Node and undici tell it: for models as for everything else that is asked over HTTP. */

export interface NetworkFailure {
  kind: 'network' | 'timeout';
  message: string;
  /** Nobody was reached: whatever was asked for has surely not happened. */
  unsent?: true;
}

/** Whether the service answered with a redirect, which is not followed: it would take the key to another origin. */
export function isRedirect(error: unknown): boolean {
  return causes(error).some((it) => it instanceof Error && /redirect/i.test(it.message));
}

/** A failure of the network: by the codes of Node, undici and OpenSSL in the chain of causes. Undefined: it is none. */
export function networkFailure(error: unknown, address: string): NetworkFailure | undefined {
  const chain = causes(error);
  const codes = chain.map((it) => (it as NodeJS.ErrnoException).code ?? '');
  const has = (pattern: RegExp) => codes.find((code) => pattern.test(code));
  if (has(/^(ETIMEDOUT|UND_ERR_\w*TIMEOUT)$/)) return { kind: 'timeout', message: `${address} did not answer in time.` };
  const code = has(/^(E[A-Z]+|UND_ERR_\w+|\w*CERT\w*|\w*SSL\w*|HPE_\w+)$/);
  if (code === 'ECONNREFUSED') return { kind: 'network', message: `Nothing answers at ${address}.`, unsent: true };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { kind: 'network', message: `The name of ${address} is not known.`, unsent: true };
  if (code !== undefined && /CERT|SSL/.test(code))
    return { kind: 'network', message: `The certificate of ${address} is not trusted (${code}).` };
  if (code !== undefined) return { kind: 'network', message: `The connection to ${address} failed (${code}).` };
  const messages = chain.map((it) => (it instanceof Error ? it.message : ''));
  if (messages.some((message) => /timed out/i.test(message))) return { kind: 'timeout', message: `${address} did not answer in time.` };
  if (
    messages.some((message) =>
      /^terminated$|premature close|other side closed|socket hang up|fetch failed|connection error|ended without/i.test(message),
    )
  ) {
    return { kind: 'network', message: `The connection to ${address} broke off.` };
  }
  return undefined;
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && chain.length < 8; at = (at as { cause?: unknown }).cause) chain.push(at);
  return chain;
}

/** `Retry-After` in seconds or as a date (RFC 9110), or `retry-after-ms`. In ms from now; undefined where there is none. */
export function retryAfter(headers: Headers | undefined, now: number): number | undefined {
  const exact = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const value = headers?.get('retry-after')?.trim();
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
