/** Flows and inputs as people name them in a chat. Pure. */
import { isJsonObject, type Json, payloadOf } from '../../engine/format/json.ts';
import type { Flow } from '../../engine/format/model.ts';

export interface NamedFlow {
  /** Relative to the workspace, with forward slashes. */
  path: string;
  title: string | undefined;
}

/** `NAME input=value other="two words"` in its parts. A value reaches to the next `word=`. */
export function readRequest(prompt: string): { name: string; given: Record<string, string> } {
  const first = /(?:^|\s)[A-Za-z_]\w*=/.exec(prompt);
  const name = (first ? prompt.slice(0, first.index) : prompt).trim();
  const given: Record<string, string> = {};
  const rest = first ? prompt.slice(first.index) : '';
  for (const [, key = '', value = ''] of rest.matchAll(/([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|(?:(?!\s+[A-Za-z_]\w*=)[\s\S])*)/g)) {
    const quoted = value.startsWith('"') ? payloadOf(value) : undefined;
    given[key] = typeof quoted === 'string' ? quoted : value.trim();
  }
  return { name, given };
}

/** Text as it was typed → what the input wants. What is not JSON stays text: the run says what is wrong with it. */
export function valuesOf(inputs: Flow['inputs'], given: Readonly<Record<string, string>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      const schema = inputs !== undefined && Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      const type = isJsonObject(schema) ? schema.type : undefined;
      return [name, type === undefined || type === 'string' ? text : (payloadOf(text) ?? text)];
    }),
  );
}

/** The flows that a name may mean, the best meant first: by its path, the name of its file, its title; whole, or a part of it. */
export function flowsNamed<F extends NamedFlow>(flows: readonly F[], name: string): F[] {
  const wanted = bare(name);
  const file = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const ways: ((flow: F) => boolean)[] = [
    ({ path }) => bare(path) === wanted,
    ({ path, title }) => bare(file(path)) === wanted || title?.toLowerCase() === wanted,
    ({ path, title }) => bare(path).includes(wanted) || (title?.toLowerCase().includes(wanted) ?? false),
  ];
  for (const isMeant of ways) {
    const found = flows.filter(isMeant);
    if (found.length > 0) return found;
  }
  return [];
}

function bare(path: string): string {
  return path
    .trim()
    .toLowerCase()
    .replace(/^\.?\//, '')
    .replace(/\.flow(\.json)?$/, '');
}

/** A title as the name of a file, without `.flow.json`. */
export function fileNameOf(title: string): string {
  const name = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50);
  return name === '' ? 'new-flow' : name;
}
