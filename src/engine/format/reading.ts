/** A flow as its linter reads it: every expression in it parsed once, the files it names read, the flows it runs understood. */

import type { CompiledCondition } from './expressions/cel.ts';
import { type Chain, compileCondition, compileTemplate, type ExpressionError, type Reference } from './expressions/index.ts';
import type { UnknownName } from './expressions/reference.ts';
import { type ExpressionField, nodeFields, outputFields, templateFiles } from './fields.ts';
import { folderOf, joinPath } from './file-paths.ts';
import { FlowTypes, type Standpoint } from './flow-types.ts';
import { templateBody } from './front-matter.ts';
import { type Scope, scopesOf } from './graph.ts';
import { hintsOf } from './hints.ts';
import type { JsonPath } from './json.ts';
import type { BodyRoot, NodeCatalog, NodeManifest } from './manifest.ts';
import type { Flow, NodeSpec } from './model.ts';
import { parseFlow } from './parse.ts';
import type { Problem } from './problem.ts';

export interface LintFiles {
  /** Text of a file by its path relative to the flow; undefined where there is none. */
  readPrompt(path: string): string | undefined;
  /** What is wrong with the file of an agent; undefined: there is no such agent. Absent: agents are taken to be there and right. */
  agent?(name: string): readonly string[] | undefined;
  /** The name of the flow's own file, so that flows that lead back to it are recognised. */
  self?: string;
}

/** What an expression reads, and what of it cannot be read. */
export interface ReadExpression extends ExpressionField {
  /** The node it belongs to; absent for the outputs of the flow. `path` starts from the root of the document. */
  node?: string;
  /** The expression is the body of this file, and `path` is where the file is named. `text` begins at `skipped`. */
  file?: { name: string; whole: string; skipped: number };
  references: readonly Reference[];
  chains: readonly Chain[];
  unknown: readonly UnknownName[];
  error?: ExpressionError;
  condition?: CompiledCondition;
}

/** So many sub-flows are read from one flow: with links, folders can stand in themselves, and a few files name flows without end. */
export const MOST_FLOWS = 200;
/** No more is read when they have so many characters together. */
const MOST_FLOW_TEXT = 16 * 1024 * 1024;

/** Another flow that a node runs. `problem`: the first error that keeps it from running; `unread`: there were too many before it. */
export type SubFlow = { found: false } | { found: true; path: string; reading: FlowReading | undefined; problem?: Problem; unread?: true };

/** The texts and flows reached from one flow, shared by the readings of them all. Paths relative to that flow. */
class Library {
  readonly files: LintFiles | undefined;
  readonly flows = new Map<string, SubFlow>();
  /** Characters of the sub-flows read. */
  flowText = 0;
  hasUnread = false;

  constructor(files: LintFiles | undefined) {
    this.files = files;
  }
}

interface MissingFile {
  path: JsonPath;
  node: string;
  file: string;
}

interface ReadTexts {
  expressions: readonly ReadExpression[];
  missingFiles: readonly MissingFile[];
  complete: boolean;
  byNode: ReadonlyMap<string | undefined, readonly ReadExpression[]>;
}

export class FlowReading {
  readonly flow: Flow;
  readonly catalog: NodeCatalog;
  readonly scopes: readonly Scope[];
  readonly types: FlowTypes;
  #read: ReadTexts | undefined;
  readonly #homes = new Map<string, Scope>();
  readonly #bodies = new Map<string, Scope>();
  readonly #folder: string;
  readonly #library: Library;

  constructor(flow: Flow, catalog: NodeCatalog, files: LintFiles | undefined);
  constructor(flow: Flow, catalog: NodeCatalog, files: Library, folder: string);
  constructor(flow: Flow, catalog: NodeCatalog, files: LintFiles | Library | undefined, folder = '') {
    this.flow = flow;
    this.catalog = catalog;
    this.scopes = scopesOf(flow);
    this.#library = files instanceof Library ? files : new Library(files);
    this.#folder = folder;
    for (const scope of this.scopes) {
      if (scope.owner !== undefined && !this.#bodies.has(scope.owner)) this.#bodies.set(scope.owner, scope);
      for (const id of Object.keys(scope.nodes)) if (!this.#homes.has(id)) this.#homes.set(id, scope);
    }
    this.types = new FlowTypes(this);
  }

  /** In the order of the nodes, bodies included; the outputs of the flow at the end. */
  get expressions(): readonly ReadExpression[] {
    return this.#texts.expressions;
  }

  /** Files that are named and not there: where. */
  get missingFiles(): readonly MissingFile[] {
    return this.#texts.missingFiles;
  }

  /** False: there are files whose texts are not known, so that more may be read than is known. */
  get complete(): boolean {
    return this.#texts.complete;
  }

  /** Parsing a thousand expressions takes a while, and types are known without them: only when they are asked for. */
  get #texts(): ReadTexts {
    this.#read ??= this.#readTexts();
    return this.#read;
  }

  #readTexts(): ReadTexts {
    const { catalog } = this;
    const expressions: ReadExpression[] = [];
    const missingFiles: MissingFile[] = [];
    let complete = true;
    for (const scope of this.scopes) {
      for (const [id, node] of Object.entries(scope.nodes)) {
        const at = [...scope.path, id];
        const manifest = catalog.get(node.type);
        for (const field of nodeFields(manifest, node)) expressions.push(readField({ ...field, path: [...at, ...field.path] }, id));
        for (const { path, file } of manifest ? templateFiles(manifest, node.with ?? {}) : []) {
          const where = [...at, 'with', ...path];
          const whole = this.read(file);
          if (whole === undefined) {
            complete = false;
            if (this.#library.files) missingFiles.push({ path: where, node: id, file });
          } else expressions.push(readFile(file, whole, where, id));
        }
      }
    }
    for (const field of outputFields(this.flow)) expressions.push(readField(field, undefined));
    const byNode = new Map<string | undefined, ReadExpression[]>();
    for (const expression of expressions) {
      const known = byNode.get(expression.node);
      if (known) known.push(expression);
      else byNode.set(expression.node, [expression]);
    }
    return { expressions, missingFiles, complete, byNode };
  }

  /** The expressions of a node; undefined: those in the outputs of the flow. */
  expressionsOf(node: string | undefined): readonly ReadExpression[] {
    return this.#texts.byNode.get(node) ?? [];
  }

  /** The scope a node stands in; of nodes with the same id that of the first. */
  homeOf(node: string): Scope | undefined {
    return this.#homes.get(node);
  }

  get ids(): Iterable<string> {
    return this.#homes.keys();
  }

  node(id: string): NodeSpec | undefined {
    const home = this.#homes.get(id);
    return home && Object.hasOwn(home.nodes, id) ? home.nodes[id] : undefined;
  }

  manifestOf(id: string): NodeManifest | undefined {
    const node = this.node(id);
    return node && this.catalog.get(node.type);
  }

  /** The scopes around an expression, the innermost first. */
  *scopesAround({ node, inBody }: Standpoint): Generator<Scope> {
    let scope = node === undefined ? undefined : inBody ? this.bodyOf(node) : this.#homes.get(node);
    while (scope) {
      yield scope;
      scope = scope.owner === undefined ? undefined : this.#homes.get(scope.owner);
    }
  }

  bodyOf(owner: string): Scope | undefined {
    return this.#bodies.get(owner);
  }

  /** The node whose body gives a name its value at this place. `index` and `previous` are always those of the innermost body. */
  giverOf(root: BodyRoot, at: Standpoint): string | undefined {
    for (const { owner } of this.scopesAround(at)) {
      if (owner === undefined) return undefined;
      if (givesOf(this.manifestOf(owner)).includes(root)) return owner;
      if (root === 'previous') return undefined;
    }
    return undefined;
  }

  /** Text of a file that this flow names. */
  read(path: string): string | undefined {
    return this.#library.files?.readPrompt(joinPath(this.#folder, path));
  }

  /** The flow in a file that this flow names; undefined where files are not known at all. */
  subFlow(path: string): SubFlow | undefined {
    if (!this.#library.files) return undefined;
    const full = joinPath(this.#folder, path);
    const known = this.#library.flows.get(full);
    if (known) return known;
    const found = this.#readFlow(full);
    if (!this.#library.hasUnread) this.#library.flows.set(full, found);
    return found;
  }

  /** There are more sub-flows, or larger ones, than are read. */
  get hasUnreadFlows(): boolean {
    return this.#library.hasUnread;
  }

  #readFlow(path: string): SubFlow {
    const library = this.#library;
    if (library.flows.size >= MOST_FLOWS || library.flowText > MOST_FLOW_TEXT) {
      library.hasUnread = true;
      return { found: true, path, reading: undefined, unread: true };
    }
    const text = library.files?.readPrompt(path);
    if (text === undefined) return { found: false };
    library.flowText += text.length;
    const { flow, problems } = parseFlow(text, this.catalog);
    const problem = problems.find(({ severity }) => severity === 'error');
    const reading = flow && !problem ? new FlowReading(flow, this.catalog, this.#library, folderOf(path)) : undefined;
    return { found: true, path, reading, ...(problem && { problem }) };
  }
}

function readField(field: ExpressionField, node: string | undefined): ReadExpression {
  const { kind, text } = field;
  const where = node === undefined ? field : { ...field, node };
  const compiled = kind === 'template' ? compileTemplate(text) : compileCondition(text);
  if (!compiled.ok) return { ...where, references: [], chains: [], unknown: [], error: compiled.error };
  const { references, chains, unknown } = 'template' in compiled ? compiled.template : compiled.condition;
  return { ...where, references, chains, unknown, ...('condition' in compiled && { condition: compiled.condition }) };
}

function readFile(name: string, whole: string, path: JsonPath, node: string): ReadExpression {
  const text = templateBody(name, whole);
  const field = readField({ path, kind: 'template', text, boolean: false, secrets: false }, node);
  return { ...field, file: { name, whole, skipped: whole.length - text.length } };
}

/** The names that the body of such a node gives to what stands in it. */
function givesOf(manifest: NodeManifest | undefined): readonly BodyRoot[] {
  if (!manifest) return [];
  return Object.values(hintsOf(manifest)).find(({ body }) => body)?.gives ?? [];
}
