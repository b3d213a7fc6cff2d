/**
 * Ids that a node may not have, though they match `NODE_ID`: they would not parse, or mean something else, in a template or a
 * condition (`steps.in.output`, `steps.size`), or would bite where an id is a key of an object.
 */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  'a word of conditions (CEL)': [
    'as',
    'break',
    'const',
    'continue',
    'else',
    'false',
    'for',
    'function',
    'if',
    'import',
    'in',
    'let',
    'loop',
    'namespace',
    'null',
    'package',
    'return',
    'true',
    'var',
    'void',
    'while',
    'all',
    'exists',
    'filter',
    'has',
    'map',
  ],
  'a word of templates (Liquid)': [
    'and',
    'blank',
    'cols',
    'contains',
    'empty',
    'first',
    'forloop',
    'last',
    'limit',
    'nil',
    'not',
    'offset',
    'or',
    'reversed',
    'size',
    'tablerowloop',
    'with',
  ],
  'the name of a root of references': ['index', 'inputs', 'item', 'previous', 'run', 'secrets', 'steps', 'trigger'],
  'a name that every JavaScript object has': [
    'constructor',
    'hasOwnProperty',
    'isPrototypeOf',
    'propertyIsEnumerable',
    'prototype',
    'then',
    'toJSON',
    'toLocaleString',
    'toString',
    'undefined',
    'valueOf',
  ],
};

const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries(RESERVED).flatMap(([reason, words]) => words.map((word) => [word, reason])),
);

/** Why this id cannot be used (`a word of templates (Liquid)`), or undefined if it can. */
export function reservedReason(id: string): string | undefined {
  return REASONS.get(id);
}

/** All reserved ids, sorted. */
export const RESERVED_IDS: readonly string[] = [...REASONS.keys()].sort();
