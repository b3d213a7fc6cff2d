/** The word among `known` that somebody who wrote `word` most likely meant, if one is near enough. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.slice(0, MAX_LENGTH).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.floor((wanted.length + 1) / 3) + 1;
  let compared = 0;
  for (const candidate of known) {
    compared += 1;
    if (compared > MOST_COMPARED) break;
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Names nobody could have mistyped into another are not worth comparing letter by letter. */
const MAX_LENGTH = 64;
/** A suggestion is a courtesy: it may not make a huge document slow. */
const MOST_COMPARED = 2000;

/** Damerau–Levenshtein distance (optimal string alignment): swapped neighbours count as one slip. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** `"a", "b" or "c"`, for messages. At most `limit` of them. */
export function listed(words: readonly string[], limit = 12): string {
  const quoted = words.slice(0, limit).map((word) => JSON.stringify(word));
  if (words.length > limit) return `${quoted.join(', ')}, …`;
  return quoted.length < 2 ? (quoted[0] ?? '') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** The beginning of a long text, for messages. */
export function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
