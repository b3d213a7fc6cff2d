/** Secrets for hosts without a store of their own (CLI, CI): from environment variables meant for it. */
import { redactor } from '../../engine/policy/redact.ts';
import type { Secrets } from '../../engine/ports.ts';

/** `secrets.NAME` in a flow is the variable `BELAY_SECRET_NAME`. Other variables are out of a flow's reach: it may not be one's own. */
const SECRET_PREFIX = 'BELAY_SECRET_';

/**
 * @param environment Read once; what is not there now never will be.
 * @param more Values that no flow may refer to, but that are hidden in everything written down: the keys of models.
 */
export function createEnvironmentSecrets(environment: Readonly<Record<string, string | undefined>>, more: readonly string[] = []): Secrets {
  const secrets = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(SECRET_PREFIX) && value) secrets.set(name.slice(SECRET_PREFIX.length), value);
  }
  const redact = redactor([...secrets.values(), ...more]);
  return {
    async get(name) {
      return secrets.get(name);
    },
    redact,
  };
}
