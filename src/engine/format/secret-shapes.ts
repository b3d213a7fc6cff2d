/** What keys of well-known services look like. Few and strict: a false alarm in a document is worse than a miss. */

export interface SecretShape {
  /** Whose key it is, for messages. */
  name: string;
  /** Global; matches the whole key. Linear: bounded repetitions of character classes only. */
  pattern: RegExp;
}

const shape = (name: string, pattern: string): SecretShape => ({ name, pattern: new RegExp(`(?<![A-Za-z0-9_-])${pattern}`, 'g') });

export const SECRET_SHAPES: readonly SecretShape[] = [
  shape('Anthropic', 'sk-ant-[A-Za-z0-9_-]{20,200}'),
  shape('OpenAI', 'sk-(?:proj-|svcacct-|admin-)?(?!ant-)(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{20,200}'),
  shape('GitHub', '(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})'),
  shape('GitLab', 'glpat-[A-Za-z0-9_-]{20,100}'),
  shape('AWS', '(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])'),
  shape('Google', 'AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])'),
  shape('Slack', 'xox[abeoprs]-[A-Za-z0-9-]{10,250}'),
  shape('Stripe', '[rs]k_live_[A-Za-z0-9]{16,200}'),
  shape('npm', 'npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])'),
  shape('Hugging Face', 'hf_[A-Za-z0-9]{30,60}'),
  shape('SendGrid', 'SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}'),
  { name: 'private', pattern: /-----BEGIN (?:[A-Z]{2,12} ){0,2}PRIVATE KEY-----/g },
];

export interface SecretFound {
  name: string;
  offset: number;
  length: number;
}

/** What looks like a key in a text, in the order of the text. Placeholders of manuals (`sk-xxxxxxxx…`) are none. */
export function findSecrets(text: string): SecretFound[] {
  const found = SECRET_SHAPES.flatMap(({ name, pattern }) =>
    [...text.matchAll(pattern)]
      .filter((match) => name === 'private' || new Set(match[0].slice(-16)).size > 4)
      .map((match) => ({ name, offset: match.index, length: match[0].length })),
  );
  return found.sort((a, b) => a.offset - b.offset);
}
