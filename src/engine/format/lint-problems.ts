import type { JsonPath } from './json.ts';
import { type JsonTree, nodeAt, placeOf, placeOfKey } from './json-tree.ts';
import { LINT_CODES, type LintCode } from './lint-codes.ts';
import type { Fix, Place, Problem } from './problem.ts';
import { rangeInString, type TextRange } from './string-offsets.ts';

/** What a problem is about: a value of the document, its key, or a part of a text in it. */
export interface LintPlace {
  path: JsonPath;
  node?: string | undefined;
  /** Show the key of the property rather than its value. */
  key?: boolean;
  /** A part of the string at `path`, in characters of its decoded value. */
  part?: TextRange;
}

/** Collects what the linter finds, each problem with its place in the text. */
export class LintProblems {
  private readonly tree: JsonTree;
  private readonly found: Problem[] = [];

  constructor(tree: JsonTree) {
    this.tree = tree;
  }

  /** `hint`: what to do about it, where the table of codes does not say it well enough. */
  add(code: LintCode, at: LintPlace, message: string, { hint, fix }: { hint?: string | undefined; fix?: Fix | undefined } = {}): void {
    if (this.found.length >= MOST_PROBLEMS) return;
    const info = LINT_CODES[code];
    const node = at.node === undefined ? {} : { node: at.node };
    const { path } = at;
    this.found.push({
      code,
      severity: info.severity,
      message,
      hint: hint ?? info.fix,
      path,
      place: this.place(at),
      ...node,
      ...(fix && { fix }),
    });
  }

  /** In the order of the text. */
  all(): Problem[] {
    return this.found.toSorted((a, b) => a.place.offset - b.place.offset);
  }

  private place({ path, key, part }: LintPlace): Place {
    if (key) return placeOfKey(this.tree, path);
    const literal = part && nodeAt(this.tree.root, path);
    if (literal?.type !== 'string' || !part) return placeOf(this.tree, path);
    const { offset, length } = rangeInString(this.tree.text, literal, part);
    return this.tree.lines.place(offset, Math.max(length, 1));
  }
}

/** As many as a person still looks through; the parser stops at the same number. */
const MOST_PROBLEMS = 200;
