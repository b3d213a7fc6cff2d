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

/** What to do next where it is another than for services with a key and an address. */
export const LM_HINT: { readonly [K in ErrorKind]?: string } = {
  auth: 'Sign in to the extension that offers this model, or use another model.',
  permission: 'Allow it in VS Code ("Manage Language Model Access…" of the account), or use another model.',
  quota: 'Look at the plan of the account, or use another model.',
  modelNotFound: 'Choose a model that VS Code offers: the Models view lists them.',
  network: 'Check the connection; a retry on the node tries again by itself.',
};
