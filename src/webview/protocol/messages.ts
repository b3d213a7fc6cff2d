/**
 * The typed messages between the extension host and the graph editor. The only part of this room the extension may import.
 * Each side validates what it receives, once, at its door.
 */
import * as z from 'zod';
import { flowEditSchema } from '../../engine/format/flow-edit.ts';
import type { Problem } from '../../engine/format/problem.ts';
import type { LiveEvent, RunEvent, RunMode } from '../../engine/run/events.ts';
import type { GraphAction } from './actions.ts';
import { type Answers, questionSchema } from './ask.ts';

/** How runs of this flow will get their model replies, as the toolbar shows it before a run. */
export interface ModeChoice {
  mode: RunMode;
  /** `connection/model` for live and record. */
  model?: string;
  /** Whether the flow has recordings. */
  recorded: boolean;
  /** Models that can be chosen. */
  models: string[];
}

/** Host → web view. */
export type HostMessage =
  /** The document as it now stands; sent after every change, also to the editor that caused it. */
  | { type: 'document'; text: string; version: number; fileName: string; readonly: boolean; readonlyReason?: string }
  /** What the linter says of that version. */
  /** `untrusted`: the steps whose results are not to be trusted. */
  | { type: 'problems'; version: number; problems: Problem[]; untrusted: string[] }
  | { type: 'mode'; choice: ModeChoice }
  /** Shows a run on the graph: all its events so far. Undefined: show none. `owned`: this window can cancel and decide directly. */
  | { type: 'run'; run: { id: string; events: RunEvent[]; interrupted: boolean; flowText: string; sameFlow: boolean } | null }
  | { type: 'runEvents'; runId: string; events: RunEvent[]; live: LiveEvent[] }
  /** Selects a node and brings it into view (from Problems, a link, the Runs view). */
  | { type: 'reveal'; node: string; focus: 'canvas' | 'inspector' }
  /** The answer to an `edit`. `message`: why not, or what it did besides what was asked for. */
  | { type: 'editResult'; id: number; ok: boolean; message?: string }
  /** A gesture that was chosen in a menu or in the command palette. `text`: the clipboard's, for `paste`. */
  | { type: 'action'; action: GraphAction; text?: string }
  /** The answer to an `ask`; null: there is none. */
  | { type: 'answer'; id: number; answer: Answers[keyof Answers] | null }
  /** A command of VS Code that acts on the graph. */
  | {
      type: 'command';
      command: 'fit' | 'arrange' | 'arrangeRight' | 'arrangeDown' | 'addNode' | 'deleteSelection' | 'toggleInspector' | 'flush';
    };

/** What has changed of the document since version `base`, each change in what the ones before it left; `length`: of the text after them. */
export interface DocumentChanges {
  type: 'changes';
  base: number;
  version: number;
  length: number;
  changes: readonly { offset: number; length: number; newText: string }[];
}

/** What the host posts: a document whole at first, then what has changed of it. Carrying a large text over takes it most of a frame. */
export type SentMessage = HostMessage | DocumentChanges;

const runId = z.string().max(100);

/** Web view → host. */
export const webviewMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  /** One gesture: one edit of the document, one undo step. `baseVersion` is the version the gesture was made on. */
  z.strictObject({
    type: z.literal('edit'),
    id: z.int(),
    baseVersion: z.int(),
    label: z.string().max(200),
    edits: z.array(flowEditSchema).min(1).max(1000),
  }),
  z.strictObject({ type: z.literal('ask'), id: z.int(), question: questionSchema }),
  /** Opens a text of a node in an editor of its own: the string at `path` of the node, or the file that it names. */
  z.strictObject({
    type: z.literal('openText'),
    node: z.string().max(200),
    path: z
      .array(z.union([z.string(), z.int().min(0)]))
      .min(1)
      .max(50),
    isFile: z.boolean(),
  }),
  /** Begins this flow, which is empty, with what a `starts` question has told. */
  z.strictObject({ type: z.literal('startFrom'), id: z.string().max(100) }),
  z.strictObject({ type: z.literal('run.start') }),
  /** Offers what a run can be besides a plain one; `node` is the one that is selected. */
  z.strictObject({ type: z.literal('run.more'), node: z.string().max(200).optional() }),
  z.strictObject({ type: z.literal('run.cancel'), runId }),
  z.strictObject({ type: z.literal('run.resume'), runId }),
  /** Goes on with the flow as it now is. */
  z.strictObject({ type: z.literal('run.move'), runId }),
  /** Stop showing the run on the graph. */
  z.strictObject({ type: z.literal('run.close') }),
  z.strictObject({
    type: z.literal('run.decide'),
    runId,
    key: z.string(),
    decision: z.string(),
    reason: z.string().optional(),
    value: z.json().optional(),
  }),
  /** Puts nodes into the clipboard, as text. Where the page cannot do it: a menu was used and no key. */
  z.strictObject({ type: z.literal('copy'), text: z.string() }),
  /** Makes a flow of its own of these nodes: the host asks for the name of the file. */
  z.strictObject({ type: z.literal('extract'), nodes: z.array(z.string().max(200)).min(1).max(10_000) }),
  z.strictObject({ type: z.literal('mode.pick') }),
  z.strictObject({ type: z.literal('openAsText'), node: z.string().optional() }),
  /** Opens a value as a read-only document beside the graph. With `runId`, large parts that stand beside its journal are put in. */
  z.strictObject({ type: z.literal('openValue'), title: z.string().max(200), value: z.json(), runId: runId.optional() }),
  /** Compares what a node (by its path in the run that is shown) gave with what it gave in an earlier run. */
  z.strictObject({ type: z.literal('compareOutput'), runId, node: z.string().max(1000) }),
  /** Opens the file of a sub-flow, `flow` as this document names it. With `pass` (its path in the run that is shown) that run is shown there. */
  z.strictObject({ type: z.literal('openSubFlow'), flow: z.string().max(1000), pass: z.string().max(1000).optional() }),
  z.strictObject({ type: z.literal('openProblems') }),
  /** Pending text of a form was written out (answer to the `flush` command). */
  z.strictObject({ type: z.literal('flushed') }),
  /** A fault in the web view, for the log. */
  z.strictObject({ type: z.literal('fault'), message: z.string().max(10_000) }),
]);
export type WebviewMessage = z.infer<typeof webviewMessageSchema>;
