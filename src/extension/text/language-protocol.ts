/** What the extension and its language worker say to each other: plain data. */

import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import type { Surroundings } from '../../engine/format/language/complete.ts';
import type { Completion } from '../../engine/format/language/completion.ts';
import type { Hover } from '../../engine/format/language/hover.ts';
import type { FlowSymbol } from '../../engine/format/language/symbols.ts';
import type { Judgement } from '../../engine/format/lint.ts';
import type { Place } from '../../engine/format/problem.ts';
import type { PreviewPlace } from '../../engine/run/preview.ts';
import type { Completed, DraftProblem, Question } from '../../webview/protocol/ask.ts';

/** A stretch of a document, lines and columns from 0, as VS Code counts them. */
export interface Span {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** In a file, by its absolute path. */
export interface FileSpan {
  file: string;
  span: Span;
}

export interface SpanEdit {
  span: Span;
  newText: string;
}

export interface FileEdits {
  file: string;
  edits: SpanEdit[];
}

export type PlacedCompletion = Omit<Completion, 'replace'> & { span: Span };
/** `flow`: the file of the flow in which `node` is a step, whose last result may be shown. */
export type PlacedHover = Omit<Hover, 'range'> & { span: Span; flow: string };
/** What only the host can tell more about. */
export type NamedHover = { span: Span; is: 'agent' | 'model'; name: string };
export type PlacedSymbol = Omit<FlowSymbol, 'range' | 'nameRange' | 'children'> & { span: Span; nameSpan: Span; children: PlacedSymbol[] };

/** The files of the workspace that flows may name, by absolute path. */
export interface KnownFiles {
  flows: readonly string[];
  prompts: readonly string[];
  agents: readonly string[];
}

/** What a host knows besides files. */
export type Known = Pick<Surroundings, 'models' | 'secrets'>;

/** A value that is being typed in a form, and the expression in it. */
export type Draft = Pick<Extract<Question, { about: 'draft' }>, 'node' | 'path' | 'value' | 'expression'>;

/** `place`: of the draft's expression; undefined where the flow cannot be read. */
export interface CheckedDraft {
  problems: DraftProblem[];
  place?: PreviewPlace;
}

/** `said`: what the edits do besides what was asked for; `message`: why they are refused, and what to do. */
export type Planned = { ok: true; edits: SpanEdit[]; said: string[] } | { ok: false; message: string };

/** `content`: the text of the new file; `id`: the node that stands for the extracted ones. */
export type PlannedExtraction = (Extract<Planned, { ok: true }> & { content: string; id: string }) | Extract<Planned, { ok: false }>;

interface At {
  file: string;
  /** Of the cursor, in UTF-16 code units. */
  offset: number;
}

/** Each method: what it is given, and what it answers. */
export interface LanguageMethods {
  check(at: { file: string }): Judgement;
  fixAll(at: { file: string }): SpanEdit[];
  plan(at: { file: string; edits: FlowEdit[] }): Planned;
  /** Nodes become a flow of their own. `as`: its file, as the node that runs it names it. */
  extract(at: { file: string; nodes: readonly string[]; as: string; title: string }): PlannedExtraction;
  /** Whether the flow has no steps; false where it cannot be read. */
  isEmpty(at: { file: string }): boolean;
  /** Where the key of a node stands. */
  placeOf(at: { file: string; node: string }): Span | undefined;
  complete(at: At & { known: Known }): PlacedCompletion[];
  hover(at: At): PlacedHover | NamedHover | undefined;
  definition(at: At): FileSpan[];
  references(at: At & { declaration: boolean }): FileSpan[];
  /** What would be renamed, or why nothing can be. */
  renamed(at: At): { ok: true; span: Span; name: string } | { ok: false; message: string };
  rename(at: At & { to: string }): { ok: true; edits: FileEdits[] } | { ok: false; message: string };
  /** What other files have to change when a node or an input of a flow is renamed in its graph, or why it cannot be. */
  renameElsewhere(at: { file: string; is: 'node' | 'input'; name: string; to: string }): ReturnType<LanguageMethods['rename']>;
  checkDraft(at: { file: string; draft: Draft }): CheckedDraft;
  /** `offset`: of the cursor in the draft's expression. */
  completeDraft(at: At & { draft: Draft }): Completed[];
  /** The text at `path` of a node; empty where there is none yet. Undefined: there is no such node, or something else stands there. */
  textIn(at: { file: string; node: string; path: (string | number)[] }): string | undefined;
  symbols(at: { file: string }): PlacedSymbol[];
  format(at: { file: string; unit: string; from?: number; to?: number }): SpanEdit[];
  /** `moves`: files, by where they are and where they will be. */
  move(at: { moves: readonly { from: string; to: string }[] }): FileEdits[];
}

export type Method = keyof LanguageMethods;

export type ToWorker =
  /** The text of a document that is open; undefined: it is closed, and what stands on the disk counts. */
  | { kind: 'text'; file: string; text: string | undefined }
  | { kind: 'folders'; folders: readonly string[] }
  | { kind: 'files'; files: KnownFiles }
  /** Something on the disk has changed. */
  | { kind: 'stale' }
  | { [M in Method]: { kind: 'ask'; id: number; method: M; params: Parameters<LanguageMethods[M]>[0] } }[Method];

export type FromWorker = { id: number; ok: true; result: unknown } | { id: number; ok: false; message: string };

export function spanOf({ line, column, endLine, endColumn }: Omit<Place, 'offset' | 'length'>): Span {
  return { line: line - 1, column: column - 1, endLine: endLine - 1, endColumn: endColumn - 1 };
}
