import { expect, it } from 'vitest';
import { lmErrorKind } from './lm-errors.ts';

const named = (name: string, message = 'No.') => Object.assign(new Error(message), { name });

it.each<[what: string, error: unknown, kind: string]>([
  ['by its name', named('ChatRateLimited'), 'rateLimit'],
  ['by its name', named('ChatQuotaExceeded'), 'quota'],
  ['by its code', Object.assign(new Error('No.'), { code: 'NoPermissions' }), 'permission'],
  ['by its code', Object.assign(new Error('No.'), { code: 'NotFound' }), 'modelNotFound'],
  ['by its cause', Object.assign(new Error('No.', { cause: named('ChatQuotaExceeded') }), { code: 'Unknown' }), 'quota'],
  ['by its words', new Error('This exceeds the maximum context length'), 'contextLength'],
  ['not at all', new Error('Something odd'), 'unknown'],
  ['not at all', 'text', 'unknown'],
  ['by what every object has', named('constructor'), 'unknown'],
])('%s: %s is %s', (_what, error, kind) => {
  expect(lmErrorKind(error)).toBe(kind);
});
