import type { JsonPath } from './json.ts';
import type { JsonNode, JsonTree } from './json-tree.ts';
import { placeOf, placeOfKey } from './json-tree.ts';
import type { Fix, Place, Problem, Severity } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';
import { PROBLEM_CODES } from './problem-codes.ts';

/** What to do next, where the table of codes says it well enough. */
const DEFAULT_HINT = '';

export interface Where {
  path: JsonPath;
  /** Show the key of the property at `path` rather than its value. */
  key?: boolean;
  /** The node it belongs to. */
  node?: string | undefined;
  /** The key that is missing in what stands at `path`. */
  missing?: string | undefined;
}

export interface More {
  /** Instead of that of the table. */
  severity?: Severity;
  fix?: Fix | undefined;
}

/** Collects the problems of one document, up to a number that a person can still look through. */
export class ProblemList {
  readonly #tree: JsonTree;
  readonly #found: Problem[] = [];

  constructor(tree: JsonTree) {
    this.#tree = tree;
  }

  /** True once nothing more is taken: composing further messages would be wasted. */
  get full(): boolean {
    return this.#found.length >= MOST_PROBLEMS;
  }

  add(code: ProblemCode, where: Where, message: string, hint: string = DEFAULT_HINT, more: More = {}): void {
    if (this.full) return;
    const place = where.key ? placeOfKey(this.#tree, where.path) : placeOf(this.#tree, where.path);
    this.#found.push(problem(code, place, message, hint, where, more));
  }

  /** For what a path cannot find, such as the second of two keys. */
  addAt(code: ProblemCode, at: JsonNode, where: Where, message: string): void {
    if (!this.full) this.#found.push(problem(code, this.#tree.lines.place(at.offset, at.length), message, DEFAULT_HINT, where));
  }

  /** In the order of the text. */
  all(): Problem[] {
    const sorted = this.#found.toSorted((a, b) => a.place.offset - b.place.offset);
    if (!this.full) return sorted;
    const first = this.#tree.lines.place(this.#tree.root.offset, 1);
    return [...sorted, problem('PROBLEMS_MANY', first, `No more than ${MOST_PROBLEMS} problems are listed.`)];
  }
}

const MOST_PROBLEMS = 200;

export function problem(
  code: ProblemCode,
  place: Place,
  message: string,
  hint: string = DEFAULT_HINT,
  where: Pick<Where, 'path' | 'node' | 'missing'> = { path: [] },
  { severity, fix }: More = {},
): Problem {
  const info = PROBLEM_CODES[code];
  const node = where.node === undefined ? {} : { node: where.node };
  return {
    code,
    severity: severity ?? info.severity,
    message,
    hint: hint || info.fix,
    path: where.path,
    place,
    ...node,
    ...(where.missing === undefined ? {} : { missing: where.missing }),
    ...(fix && { fix }),
  };
}
