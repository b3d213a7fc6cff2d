/** From text to tree and plain data: limits first, then strict JSON. Nothing here knows what a flow is. */
import type { ParseError } from 'jsonc-parser';
import type { Json, JsonPath } from './json.ts';
import type { JsonNode, JsonTree } from './json-tree.ts';
import { BYTE_ORDER_MARK, dataOf, deeperThan, keyOf, lineIndex, PROTOTYPE_KEY, pathTo, plainTree, readTree } from './json-tree.ts';
import { ProblemList, problem } from './parse-problems.ts';
import { MAY_HAVE_SURROGATES, plainJson } from './plain-json.ts';
import type { Problem } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';

/** In UTF-16 code units of the text; so the bytes of a file may be somewhat more. */
export const MAX_TEXT = 5 * 1024 * 1024;
export const MAX_DEPTH = 100;

export type ReadJson = { ok: true; tree: JsonTree; value: Json; problems: ProblemList } | { ok: false; problems: Problem[] };

/** Never throws. Doubled and dangerous keys, lone surrogates and endless numbers are problems, but the value is given. */
export function readJson(text: string): ReadJson {
  const refuse = (code: ProblemCode, offset: number, length: number, message: string, hint?: string): ReadJson => ({
    ok: false,
    problems: [problem(code, lineIndex(text).place(offset, length), message, hint)],
  });
  if (text.length > MAX_TEXT) {
    const size = (text.length / 1024 / 1024).toFixed(1);
    return refuse(
      'FLOW_TOO_LARGE',
      0,
      0,
      `The file has ${size} million characters; a flow may have ${MAX_TEXT / 1024 / 1024} million at most.`,
    );
  }
  if (text.replace(BYTE_ORDER_MARK, '').trim() === '') return refuse('DOC_EMPTY', 0, 0, 'The file is empty.');
  const conflict = /^(?:<{7} .*|={7}|>{7} .*)$/m.exec(text);
  if (conflict) return refuse('DOC_CONFLICT', conflict.index, conflict[0].length, 'The file contains an unresolved merge conflict.');
  const deep = deeperThan(text, MAX_DEPTH);
  if (deep >= 0) return refuse('JSON_TOO_DEEP', deep, 1, `Objects and lists are nested more than ${MAX_DEPTH} deep.`);
  const plain = plainJson(text);
  if (plain !== undefined) {
    const tree = plainTree(text);
    return { ok: true, tree, value: plain, problems: new ProblemList(tree) };
  }
  const read = readTree(text);
  if (!read.ok) {
    const syntax = syntaxProblem(text, read.error);
    return refuse(syntax.code, syntax.offset, syntax.length, syntax.message, syntax.hint);
  }
  return checkTree(read.tree);
}

/** What `readJson` does to the tree of a text that is within the limits. */
export function checkTree(tree: JsonTree): Extract<ReadJson, { ok: true }> {
  const problems = new ProblemList(tree);
  if (tree.text.startsWith(BYTE_ORDER_MARK)) problems.add('JSON_BOM', { path: [] }, 'The file starts with a byte order mark.');
  checkNode(tree.root, { problems, surrogates: MAY_HAVE_SURROGATES.test(tree.text) });
  return { ok: true, tree, value: dataOf(tree.root), problems };
}

interface Check {
  problems: ProblemList;
  /** False if no string of the document can contain a lone surrogate: then none has to be searched. */
  surrogates: boolean;
}

/** Half of a surrogate pair: with the `u` flag whole pairs count as one character, so that only lone halves match. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Paths are made only where there is a problem: a document has thousands of values. */
function checkNode(node: JsonNode, check: Check): void {
  switch (node.type) {
    case 'object':
      checkObject(node, check);
      break;
    case 'array':
      for (const child of node.children ?? []) checkNode(child, check);
      break;
    case 'string':
      if (check.surrogates && LONE_SURROGATE.test(String(node.value))) {
        report('JSON_SURROGATE', node, check, 'This text contains half of a character pair.');
      }
      break;
    case 'number':
      if (!Number.isFinite(node.value)) report('JSON_NUMBER', node, check, 'This number is too large.');
      break;
    default:
      break;
  }
}

function checkObject(node: JsonNode, check: Check): void {
  const seen = new Set<string>();
  for (const property of node.children ?? []) {
    const [key, child] = property.children ?? [];
    const name = keyOf(property);
    if (!key || !child) continue;
    if (name === PROTOTYPE_KEY) report('JSON_PROTO_KEY', key, check, 'The key "__proto__" is not allowed.');
    else if (seen.has(name)) report('JSON_DUPLICATE_KEY', key, check, `The key ${JSON.stringify(name)} stands here a second time.`);
    else {
      if (check.surrogates && LONE_SURROGATE.test(name))
        report('JSON_SURROGATE', key, check, 'This key contains half of a character pair.');
      seen.add(name);
      checkNode(child, check);
    }
  }
}

function report(code: ProblemCode, node: JsonNode, { problems }: Check, message: string): void {
  const path = problems.full ? [] : pathTo(node);
  problems.addAt(code, node, { path, ...nodeOf(path) }, message);
}

/** The node a path leads into: that of the innermost `nodes`. */
function nodeOf(path: JsonPath): { node?: string } {
  let node: string | undefined;
  for (let index = 0; path[index] === 'nodes' && typeof path[index + 1] === 'string'; index += 3) {
    node = String(path[index + 1]);
    if (path[index + 2] !== 'with') break;
  }
  return node === undefined ? {} : { node };
}

interface Syntax {
  code: ProblemCode;
  offset: number;
  length: number;
  message: string;
  hint?: string;
}

/** jsonc-parser's codes (`ParseErrorCode` is a const enum, which isolated modules cannot import) in words. */
function syntaxProblem(text: string, error: ParseError): Syntax {
  const { offset } = error;
  const rest = text.slice(offset, offset + 40);
  const found = offset >= text.length ? 'the end of the file' : JSON.stringify(/^(?:[\w.+-]+|.)/su.exec(rest)?.[0] ?? '');
  const at = (message: string, hint?: string, code: ProblemCode = 'JSON_SYNTAX'): Syntax => ({
    code,
    offset,
    length: error.length,
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const comma = /,\s*$/.exec(text.slice(0, offset).slice(-1000));
  if (comma && /^[}\]]/.test(rest)) {
    const start = Math.max(0, offset - 1000) + comma.index;
    return { code: 'JSON_TRAILING_COMMA', offset: start, length: 1, message: `A comma stands before the closing ${found}.` };
  }
  switch (error.error) {
    case 1:
      if (rest.startsWith("'")) return at('Texts stand in double quotes.', 'Write " instead of \'.');
      return at(`${found} is not JSON.`, 'Texts and keys stand in double quotes; numbers are written like 1, -2.5 or 3e8.');
    case 2:
      return at('This is not a number.', 'Numbers are written like 1, -2.5 or 3e8.');
    case 3:
      return at(`A key is expected here, not ${found}.`, 'Keys stand in double quotes.');
    case 4:
      return at(`A value is expected here, not ${found}.`);
    case 5:
      return at(`A colon is expected here, not ${found}.`, 'Between a key and its value stands a colon.');
    case 6:
      return at(`A comma is missing before ${found}.`, 'Separate the values by commas.');
    case 7:
      return at(`A closing "}" is expected here, not ${found}.`);
    case 8:
      return at(`A closing "]" is expected here, not ${found}.`);
    case 9:
      return at(`Nothing may follow the document, but here stands ${found}.`, 'Look for a bracket that is closed too early.');
    case 10:
    case 11:
      return at('JSON has no comments.', undefined, 'JSON_COMMENT');
    case 12:
      return at('This text is not closed.', 'Close it with a double quote on the same line; a line break inside a text is written \\n.');
    case 13:
      return at('This number is not finished.', 'Numbers are written like 1, -2.5 or 3e8.');
    case 14:
      return at('This text contains an incomplete \\u escape.', 'Write four hexadecimal digits behind \\u.');
    case 15:
      return at('This text contains an unknown escape.', 'A backslash itself is written \\\\.');
    case 16:
      return at('This text contains a control character.', 'Write line breaks as \\n and tabs as \\t.');
    default:
      return at('The text is not JSON here.');
  }
}
