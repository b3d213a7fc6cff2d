/**
 * Secrets in resolved parameters are placeholders: journals, hashes, previews and gates never hold a value. The executor puts
 * the values in at the last moment, in the fields whose hint says so.
 */

const OPEN = '⦃secret:';
const CLOSE = '⦄';
const PLACEHOLDER = /⦃secret:([A-Za-z_][A-Za-z0-9_]*)⦄/g;

/** A name that `secrets.NAME` may have. */
export const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What stands for a secret until it is used. Readable, so that previews make sense. */
export function secretPlaceholder(name: string): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** Whether a text holds something that would be taken for a placeholder. Data from outside must not. */
export function looksLikePlaceholder(text: string): boolean {
  return text.includes(OPEN);
}

/** The names of the secrets a resolved text refers to, each once, in the order of the text. */
export function secretPlaceholders(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''))];
}

/** The text with the values of its secrets. A placeholder whose value is not there stays: ask `secretPlaceholders` first. */
export function substituteSecrets(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string) => values.get(name) ?? placeholder);
}
