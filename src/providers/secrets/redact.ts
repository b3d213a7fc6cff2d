/** What stands where a secret stood. */
export const REDACTED = '•••';

/** Shorter values occur in ordinary text: replacing them would garble it and tell more than it hides. */
const SHORTEST = 4;

/** A function that replaces the given values in a text, also as JSON, URLs and Base64 spell them. Longest first: one may contain another. */
export function redactor(values: Iterable<string>): (text: string) => string {
  const spellings = new Set<string>();
  for (const value of values) {
    if (value.length < SHORTEST) continue;
    const escaped = JSON.stringify(value).slice(1, -1);
    for (const spelling of [value, escaped, encodeURIComponent(Buffer.from(value).toString()), Buffer.from(value).toString('base64')])
      spellings.add(spelling);
  }
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((redacted, spelling) => redacted.replaceAll(spelling, REDACTED), text);
}
