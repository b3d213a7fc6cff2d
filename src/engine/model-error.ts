import { BelayError } from './errors.ts';
import type { JsonObject } from './format/json.ts';
import type { ErrorKind } from './format/model.ts';
import type { AssistantMessage } from './ports.ts';

/** Codes of failed calls, by kind. */
const CODE: { readonly [K in ErrorKind]?: string } = {
  auth: 'MODEL_AUTH',
  permission: 'MODEL_PERMISSION',
  quota: 'MODEL_QUOTA',
  rateLimit: 'MODEL_RATE_LIMIT',
  overloaded: 'MODEL_OVERLOADED',
  contextLength: 'MODEL_CONTEXT_LENGTH',
  contentFilter: 'MODEL_CONTENT_FILTER',
  badRequest: 'MODEL_BAD_REQUEST',
  modelNotFound: 'MODEL_NOT_FOUND',
  network: 'MODEL_NETWORK',
  timeout: 'MODEL_TIMEOUT',
  cancelled: 'MODEL_CANCELLED',
};

export interface ModelFailure {
  /** Redacted, like all of it: it is written down. */
  message: string;
  hint: string;
  /** Of the HTTP response; absent for failures in mid-stream and of the network. */
  status?: number;
  /** The service's own number for the call. */
  requestId?: string;
  /** How long the service wants to be left alone, in ms. */
  retryAfterMs?: number;
  /** What had come of the reply. */
  partial?: AssistantMessage;
  /** More for people: the service's own code and type. */
  details?: JsonObject;
  cause: unknown;
}

/** How a call of a model fails. `rateLimit`, `overloaded`, `network` and `timeout` may be tried again, by the node. */
export class ModelError extends BelayError {
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly partial: AssistantMessage | undefined;

  constructor(kind: ErrorKind, failure: ModelFailure) {
    const { message, hint, status, requestId, retryAfterMs, partial, cause } = failure;
    const details: JsonObject = {
      ...failure.details,
      ...(status === undefined ? {} : { status }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
    super(CODE[kind] ?? 'MODEL_FAILED', message, {
      hint,
      kind,
      ...(Object.keys(details).length === 0 ? {} : { details }),
      cause,
    });
    this.name = 'ModelError';
    this.status = status;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
    this.partial = partial;
  }
}
