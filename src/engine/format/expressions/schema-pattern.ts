/** Patterns of JSON Schemas, matched in linear time wherever that can be: a schema meets texts of models, files and the web. */
import { RE2JS } from 're2js';

/** What ajv asks of a pattern. */
export interface SchemaPattern {
  test(text: string): boolean;
}

/** A pattern as ECMA-262 reads it. Throws `SyntaxError`. Backtracks only where it has to: with lookarounds and back references. */
export function schemaPattern(pattern: string, flags: string): SchemaPattern {
  const backtracking = new RegExp(pattern, flags);
  const linear = linearPattern(pattern);
  if (!linear) return backtracking;
  // By its text ajv knows a pattern again.
  return { test: (text) => linear.matcher(text).find(), toString: () => backtracking.toString() } as SchemaPattern;
}
/** Names it where ajv writes code into a file, which is not done here. */
schemaPattern.code = 'schemaPattern';

/** What `\s` means in ECMA-262, between the brackets of a class. */
const SPACE = String.raw`\t\n\x{0B}\f\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`;
const NO_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`;
/** An escape with what belongs to it, or one character. */
const TOKEN = /\\u\{[0-9A-Fa-f]+\}|\\u[0-9A-Fa-f]{4}|\\c[A-Za-z]|\\.|[\s\S]/gu;

/** The same pattern for RE2, whose `.`, `\s` and `[` mean something else. Undefined: it has no words for it. */
function linearPattern(pattern: string): RE2JS | undefined {
  let written = '';
  let inClass = false;
  // Empty classes, which only ECMA-262 has.
  if (/\[\^?\]/.test(pattern)) return undefined;
  for (const [token] of pattern.matchAll(TOKEN)) {
    if (token === '\\S' && inClass) return undefined;
    if (token === '\\s') written += inClass ? SPACE : `[${SPACE}]`;
    else if (token === '\\S') written += `[^${SPACE}]`;
    else if (token.startsWith('\\u')) {
      const code = Number.parseInt(token.replaceAll(/[^0-9A-Fa-f]/g, ''), 16);
      if (code >= 0xd800 && code <= 0xdfff) return undefined;
      written += `\\x{${code.toString(16)}}`;
    } else if (token.startsWith('\\c')) return undefined;
    else if (token === '\\0') written += '\\x{0}';
    else if (token === '\\b' && inClass) written += '\\x{8}';
    else if (token === '.' && !inClass) written += NO_LINE_END;
    else if (token === '[' && inClass) written += '\\[';
    else written += token;
    if (token === '[') inClass = true;
    else if (token === ']') inClass = false;
  }
  try {
    return RE2JS.compile(written);
  } catch {
    return undefined;
  }
}
