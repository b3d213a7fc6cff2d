/** The text of a flow while it is being written: read as far as it can be, whatever is missing or too much in it. */
import { parseTree } from 'jsonc-parser';
import { type ExpressionField, nodeFields, outputFields } from '../fields.ts';
import type { Standpoint } from '../flow-types.ts';
import type { JsonPath } from '../json.ts';
import { BYTE_ORDER_MARK, deeperThan, type JsonTree, lineIndex } from '../json-tree.ts';
import type { NodeCatalog } from '../manifest.ts';
import type { Flow } from '../model.ts';
import { parseFlowTree } from '../parse.ts';
import { MAX_DEPTH, MAX_TEXT } from '../parse-json.ts';
import { FlowReading, type LintFiles } from '../reading.ts';

export class FlowText {
  readonly tree: JsonTree;
  readonly flow: Flow;
  readonly catalog: NodeCatalog;
  readonly #files: LintFiles | undefined;
  #reading: FlowReading | undefined;

  private constructor(tree: JsonTree, flow: Flow, catalog: NodeCatalog, files: LintFiles | undefined) {
    this.tree = tree;
    this.flow = flow;
    this.catalog = catalog;
    this.#files = files;
  }

  /** Undefined: it is no object, or beyond the limits of size and depth. Never throws. */
  static read(text: string, catalog: NodeCatalog, files?: LintFiles): FlowText | undefined {
    if (text.length > MAX_TEXT || deeperThan(text, MAX_DEPTH) >= 0) return undefined;
    const readable = text.startsWith(BYTE_ORDER_MARK) ? ` ${text.slice(1)}` : text;
    const root = parseTree(readable, [], { allowTrailingComma: true, disallowComments: false });
    if (root?.type !== 'object') return undefined;
    const tree = { text, root, lines: lineIndex(text) };
    const { flow } = parseFlowTree(tree, catalog);
    return flow && new FlowText(tree, flow, catalog, files);
  }

  get text(): string {
    return this.tree.text;
  }

  get reading(): FlowReading {
    this.#reading ??= new FlowReading(this.flow, this.catalog, this.#files);
    return this.#reading;
  }

  /** The expression that is written in the string at a path, and where it stands. */
  expressionAt(path: JsonPath): { field: ExpressionField; at: Standpoint } | undefined {
    const node = nodePathOf(path);
    if (!node) {
      const field = outputFields(this.flow).find((it) => samePath(it.path, path));
      return field && { field, at: {} };
    }
    const { id, rest } = node;
    const spec = this.reading.node(id);
    const field = spec && nodeFields(this.catalog.get(spec.type), spec).find((it) => samePath(it.path, rest));
    return field && { field, at: { node: id, ...(field.inBody && { inBody: true }) } };
  }
}

/** The innermost node that a path leads into: its id, the path of the nodes among which it stands, and the path from it on. */
export function nodePathOf(path: JsonPath): { id: string; scope: JsonPath; rest: JsonPath } | undefined {
  let found: { id: string; scope: JsonPath; rest: JsonPath } | undefined;
  for (let at = 0; path[at] === 'nodes' && typeof path[at + 1] === 'string'; at += 3) {
    found = { id: String(path[at + 1]), scope: path.slice(0, at + 1), rest: path.slice(at + 2) };
    if (path[at + 2] !== 'with') break;
  }
  return found;
}

function samePath(a: JsonPath, b: JsonPath): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}
