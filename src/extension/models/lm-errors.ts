/** Failures of VS Code's language models, which say what they are by their name only. */
import type { ErrorKind } from '../../engine/format/model.ts';
import { kindOf } from '../../providers/models/model-errors.ts';

const BY_NAME: { readonly [name: string]: ErrorKind } = {
  ChatRateLimited: 'rateLimit',
  ChatQuotaExceeded: 'quota',
  NoPermissions: 'permission',
  Blocked: 'permission',
  NotFound: 'modelNotFound',
  Canceled: 'cancelled',
};

/** The error itself may stand in `cause`; `code` is a name too. */
export function lmErrorKind(error: unknown): ErrorKind {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth += 1) {
    const { name, code, cause } = at as { name?: unknown; code?: unknown; cause?: unknown };
    for (const word of [code, name]) if (typeof word === 'string' && Object.hasOwn(BY_NAME, word)) return BY_NAME[word] ?? 'unknown';
    at = cause;
  }
  return kindOf({ message: error instanceof Error ? error.message : String(error), cause: error });
}
