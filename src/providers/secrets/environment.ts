/** Secrets for hosts without a store of their own (CLI, CI): from environment variables meant for it. */
import { growingRedactor } from '../../engine/policy/redact.ts';
import type { Secrets } from '../../engine/ports.ts';

/** `secrets.NAME` in a flow is the variable `BELAY_SECRET_NAME`. Other variables are out of a flow's reach: it may not be one's own. */
const SECRET_PREFIX = 'BELAY_SECRET_';

/**
 * @param environment Read once; what is not there now never will be.
 * `learn` adds one that comes to be known later.
 *
 * @param more Values that no flow may refer to, but that are hidden in everything written down: the keys of models.
 */
export function createEnvironmentSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  more: readonly string[] = [],
): Secrets & { learn(secret: string): void } {
  const secrets = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(SECRET_PREFIX) && value) secrets.set(name.slice(SECRET_PREFIX.length), value);
  }
  const known = [...secrets.values(), ...more];
  const redact = growingRedactor(() => known);
  return {
    async get(name) {
      return secrets.get(name);
    },
    redact,
    learn(secret) {
      if (secret !== '' && !known.includes(secret)) known.push(secret);
    },
  };
}
