/**
 * The canonical form of a flow: every node and what is longer than a line on lines of their own; what its author has broken after
 * the bracket stays broken, as in Prettier. Positions in the layout take one line each. Only white space is changed: keys, their order
 * and how values are written stay as they are.
 */
import { EXPRESSION_KEY } from '../fields.ts';
import type { TextEdit } from '../flow-edit.ts';
import { BYTE_ORDER_MARK, deeperThan, type JsonNode, keyOf, readTree, valueNodeOf } from '../json-tree.ts';
import { MAX_DEPTH, MAX_TEXT } from '../parse-json.ts';
import type { TextRange } from '../string-offsets.ts';

export interface FormatOptions {
  /** One step of indentation: two spaces, or what the editor is set to. */
  unit: string;
}

/** Longer lines are broken where they can be. */
const LINE_WIDTH = 140;

/** In every string of JSON white space is a part of a token; outside of them it separates tokens. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * @param within only what begins in this stretch is changed.
 * @returns replacements of white space, sorted; none where the text is no JSON.
 */
export function formatFlow(text: string, { unit }: FormatOptions, within?: TextRange): TextEdit[] {
  if (text.length > MAX_TEXT || deeperThan(text, MAX_DEPTH) >= 0) return [];
  const read = readTree(text);
  if (!read.ok) return [];
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const gaps: string[] = [];
  new Printer(text, unit, eol, gaps).print(read.tree.root, '', '', 'open', 0, 'flow');
  const edits: TextEdit[] = [];
  let end = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  let index = 0;
  for (const token of text.slice(end).matchAll(TOKEN)) {
    const start = (text.startsWith(BYTE_ORDER_MARK) ? 1 : 0) + token.index;
    const gap = gaps[index] ?? '';
    if (text.slice(end, start) !== gap) edits.push({ offset: end, length: start - end, newText: gap });
    end = start + token[0].length;
    index += 1;
  }
  if (text.slice(end) !== eol) edits.push({ offset: end, length: text.length - end, newText: eol });
  return within ? edits.filter(({ offset, length }) => offset >= within.offset && offset + length <= within.offset + within.length) : edits;
}

class Printer {
  readonly #text: string;
  readonly #unit: string;
  readonly #eol: string;
  /** The white space in front of each token, in the order of the text. */
  readonly #gaps: string[];

  constructor(text: string, unit: string, eol: string, gaps: string[]) {
    this.#text = text;
    this.#unit = unit;
    this.#eol = eol;
    this.#gaps = gaps;
  }

  /** @param open on lines of its own, however short. */
  print(node: JsonNode, indent: string, lead: string, lines: 'open' | 'closed' | 'free', column = indent.length, holds?: Holder): void {
    const children = node.children ?? [];
    this.#gaps.push(lead);
    if (!isContainer(node)) return;
    if (children.length === 0) {
      this.#gaps.push('');
      return;
    }
    const folds = lines === 'closed' || (lines === 'free' && this.#folds(node, column));
    const pad = node.type === 'object' ? ' ' : '';
    const inner = indent + this.#unit;
    for (const [index, child] of children.entries()) {
      if (index > 0) this.#gaps.push('');
      const before = folds ? (index > 0 ? ' ' : pad) : this.#eol + inner;
      if (node.type === 'array') this.print(child, inner, before, folds ? 'closed' : 'free');
      else this.#property(child, inner, before, folds, holds);
    }
    this.#gaps.push(folds ? pad : this.#eol + indent);
  }

  #property(property: JsonNode, indent: string, before: string, folds: boolean, within: Holder | undefined): void {
    const value = valueNodeOf(property);
    const key = keyOf(property);
    this.#gaps.push(before, '');
    if (!value) return;
    const holds = within === 'flow' && key === 'layout' ? 'places' : key === 'nodes' && within !== 'nodes' ? 'nodes' : undefined;
    const lines = folds || within === 'places' ? 'closed' : within === 'nodes' || holds ? 'open' : 'free';
    this.print(value, indent, ' ', lines, indent.length + key.length + 4, holds);
  }

  /** On one line, if the author began it on one and it fits. */
  #folds(node: JsonNode, column: number): boolean {
    const [first] = node.children ?? [];
    if (first && /[\r\n]/.test(this.#text.slice(node.offset, first.offset))) return false;
    return isComputed(node) || (column + inlineLength(node, this.#text) <= LINE_WIDTH && !this.#isBroken(node));
  }

  #isBroken(node: JsonNode): boolean {
    return (node.children ?? []).some((child) => {
      const value = child.type === 'property' ? valueNodeOf(child) : child;
      return value !== undefined && isContainer(value) && !this.#folds(value, 0);
    });
  }
}

/** What an object is to be read as: the flow, nodes by id, or their places by id. */
type Holder = 'flow' | 'nodes' | 'places';

function isContainer({ type }: JsonNode): boolean {
  return type === 'object' || type === 'array';
}

/** `{ "$expr": "…" }` reads as one value. */
function isComputed(node: JsonNode): boolean {
  const [first, ...others] = node.children ?? [];
  return first?.type === 'property' && others.length === 0 && keyOf(first) === EXPRESSION_KEY;
}

/** Of a node on one line. */
function inlineLength(node: JsonNode, text: string): number {
  const children = node.children ?? [];
  switch (node.type) {
    case 'property':
      return children.reduce((sum, child) => sum + inlineLength(child, text), 2);
    case 'object':
    case 'array':
      return children.reduce((sum, child) => sum + inlineLength(child, text) + 2, node.type === 'object' ? 2 : 0);
    default:
      return node.length;
  }
}
