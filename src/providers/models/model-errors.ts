/** What services and networks report, in the words of the port: one place that knows their dialects. */
import { isJsonObject } from '../../engine/format/json.ts';
import type { ErrorKind } from '../../engine/format/model.ts';
import { textOf } from '../../engine/messages.ts';
import { ModelError } from '../../engine/model-error.ts';
import type { AssistantMessage } from '../../engine/ports.ts';
import { retryAfter } from '../http/failures.ts';

/** Characters of an unfinished reply that people are shown with an error. */
const SHOWN = 2000;

/** What can be told of a failure before it is classified. Bodies of every dialect are reduced to this. */
export interface Failure {
  message: string;
  /** Of the HTTP response; absent for failures in mid-stream and of the network. */
  status?: number;
  /** `error.code` and `error.type` of the body, where they are texts. */
  code?: string;
  type?: string;
  requestId?: string;
  retryAfterMs?: number;
  /** What to do next, where it is not what one does of most services. */
  hint?: string;
  cause: unknown;
}

const HINT: { readonly [K in ErrorKind]?: string } = {
  auth: 'Set another API key for this service ("Belay: Set API Key"; in a terminal OPENAI_API_KEY).',
  permission: 'Use a key that may use this model, or another model.',
  quota: 'Look at the billing of the account, or use another model.',
  rateLimit: 'Wait a little; a retry on the node does so by itself.',
  overloaded: 'Wait a little; a retry on the node does so by itself.',
  contextLength: 'Hand over less text, or use a model with a larger context.',
  contentFilter: 'Reword the prompt, or use another model.',
  badRequest: 'Correct the parameters of the node; the message says what the service did not accept.',
  modelNotFound: 'Correct the name of the model, or the address of the service.',
  network: 'Check that the service runs and its address is right; a retry on the node tries again by itself.',
  timeout: 'Try again; a retry on the node does so by itself.',
  cancelled: 'Run it again when it is wanted.',
};

type Body = { message?: unknown; code?: unknown; type?: unknown };

/** An error of the SDK (or anything else) reduced to what can be told of it. Recognised by shape: the class may come from another copy. */
export function failureOf(error: unknown): Failure {
  const it = (typeof error === 'object' && error !== null ? error : {}) as {
    status?: unknown;
    error?: Body & { error?: Body };
    code?: unknown;
    type?: unknown;
    requestID?: unknown;
    headers?: unknown;
  };
  const headers = it.headers instanceof Headers ? it.headers : undefined;
  // Anthropic wraps the body of an error once more.
  const body = isJsonObject(it.error?.error) ? it.error.error : it.error;
  const code = it.code ?? body?.code;
  const type = it.type ?? body?.type;
  // Some gateways put the status into the body, because in mid-stream there is no other place for it.
  const status = typeof it.status === 'number' ? it.status : typeof code === 'number' ? code : undefined;
  const wait = retryAfter(headers, Date.now());
  const ofBody = body?.message;
  const message = typeof ofBody === 'string' && ofBody !== '' ? ofBody : error instanceof Error ? error.message : String(error);
  const isNetwork = status === undefined && typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code);
  return {
    message,
    cause: error,
    ...(status === undefined ? {} : { status }),
    ...(typeof code === 'string' && !isNetwork ? { code } : {}),
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof it.requestID === 'string' ? { requestId: it.requestID } : {}),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

/** @param partial What had come of the reply. Already redacted, like the message. */
export function modelError(kind: ErrorKind, failure: Failure, partial?: AssistantMessage): ModelError {
  const { message, status, code, type, requestId, retryAfterMs, hint, cause } = failure;
  const text = partial === undefined ? '' : textOf(partial).slice(0, SHOWN);
  return new ModelError(kind, {
    message,
    hint: hint ?? HINT[kind] ?? 'Read the message; if the service is at fault, try again later.',
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(partial === undefined ? {} : { partial }),
    details: {
      ...(code === undefined ? {} : { code }),
      ...(type === undefined ? {} : { type }),
      ...(text === '' ? {} : { partial: text }),
    },
    cause,
  });
}

/**
 * By code and type first (in mid-stream there is nothing else, and a 429 may mean an empty account), then by status, then by the
 * words of the message. llama.cpp: `exceed_context_size_error`; Anthropic's dialect behind gateways: `overloaded_error`.
 */
export function kindOf({ status, code, type, message }: Failure): ErrorKind {
  const name = `${code ?? ''} ${type ?? ''}`.toLowerCase();
  if (/insufficient_quota|billing|payment|credit/.test(name)) return 'quota';
  if (/context_(length|size|window)|exceed_context|string_above_max_length/.test(name)) return 'contextLength';
  if (/content_(filter|policy)|responsibleai|moderation/.test(name)) return 'contentFilter';
  if (/invalid_api_key|authentication|unauthorized/.test(name)) return 'auth';
  if (/model_not_found|not_found_error/.test(name)) return 'modelNotFound';
  if (/permission|unsupported_country/.test(name)) return 'permission';
  if (/rate_limit|too_many_requests/.test(name)) return 'rateLimit';
  if (/timeout/.test(name) || (status !== undefined && kindOfStatus(status) === 'timeout')) return 'timeout';
  if ((status === undefined || status >= 429) && /overloaded|server_error|api_error|unavailable|internal/.test(name)) return 'overloaded';
  const byStatus = status === undefined ? undefined : kindOfStatus(status);
  if (byStatus === 'badRequest' || byStatus === undefined) {
    if (/context (length|size|window)|maximum context|too many tokens|prompt is too long/i.test(message)) return 'contextLength';
    if (/content (management policy|filter)/i.test(message)) return 'contentFilter';
    if (/overloaded|try again later/i.test(message)) return 'overloaded';
    if (/rate limit/i.test(message)) return 'rateLimit';
  }
  return byStatus ?? (/invalid_request/.test(name) ? 'badRequest' : 'unknown');
}

function kindOfStatus(status: number): ErrorKind | undefined {
  switch (status) {
    case 401:
      return 'auth';
    case 402:
      return 'quota';
    case 403:
      return 'permission';
    case 404:
      return 'modelNotFound';
    case 408:
    case 504:
    case 524:
      return 'timeout';
    case 413:
      return 'contextLength';
    case 429:
      return 'rateLimit';
    default:
      return status >= 500 ? 'overloaded' : status >= 400 ? 'badRequest' : undefined;
  }
}
