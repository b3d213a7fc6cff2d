/** Secrets, put in at the last moment: arguments, gates and the journal hold placeholders only. */
import { BelayError } from '../errors.ts';
import { secretPlaceholders, substituteSecrets } from '../format/resolve-secrets.ts';
import type { Secrets } from '../ports.ts';

/** The texts with the secrets they refer to. Throws `SECRET_MISSING`. */
export async function withSecrets(texts: Readonly<Record<string, string>>, secrets: Secrets): Promise<Record<string, string>> {
  const values = new Map<string, string>();
  for (const name of new Set(Object.values(texts).flatMap(secretPlaceholders))) {
    const value = await secrets.get(name);
    if (value === undefined) {
      throw new BelayError('SECRET_MISSING', `There is no secret "${name}".`, {
        hint: `Store it in the editor's secret storage, or in a terminal set BELAY_SECRET_${name}.`,
        kind: 'auth',
        details: { name },
      });
    }
    values.set(name, value);
  }
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, substituteSecrets(value, values)]));
}
