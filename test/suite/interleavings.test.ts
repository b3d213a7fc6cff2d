/**
 * Whoever changes a flow (the graph, the text editor, undo, a save, another program, git), in whatever order: file, graph and undo
 * stack agree. The session and the graph editor are the real ones, on a document of VS Code; only the frame between them is missing.
 *
 * A few by default; `BELAY_INTERLEAVINGS=500` for more, and `BELAY_INTERLEAVING_SEED=…` for the same again. Saving is a step like others,
 * so auto save is off, which VS Code in a browser has on: where one is under way, "Revert" gives up the changes without reading the file
 * (TextFileEditorModel does not resolve while it saves), and what is saved is what was given up. That is VS Code's own race, with any file.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { arrange } from '../../src/engine/format/arrange.ts';
import { planEdits } from '../../src/engine/format/edits.ts';
import { parseFlow } from '../../src/engine/format/parse.ts';
import { scanReferences } from '../../src/engine/format/references.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { isFlow } from '../../src/extension/documents.ts';
import { FlowSession, type SessionHost } from '../../src/extension/editor/session.ts';
import { planGesture } from '../../src/extension/text/gestures.ts';
import { LanguageClient } from '../../src/extension/text/language-client.ts';
import type { SentMessage, WebviewMessage } from '../../src/webview/protocol/messages.ts';
import { createEditor } from '../../src/webview/state/editor.ts';
import type { Editor } from '../../src/webview/state/editor-api.ts';
import { allNodes } from '../../src/webview/state/graph-model.ts';
import { wholeDocuments } from '../../src/webview/whole.ts';

const COUNT = Number(process.env.BELAY_INTERLEAVINGS ?? 15);
const SEED = Number(process.env.BELAY_INTERLEAVING_SEED ?? 20_261_129);
/** What happens in one of them, on average. */
const LENGTH = 6;

const FLOW = `{
  "version": 1,
  "title": "Interleaved",
  "nodes": {
    "draft": { "type": "template", "with": { "template": "One" } },
    "check": { "type": "template", "after": { "draft": "success" }, "with": { "template": "{{ steps.draft.output.text }}" } },
    "ask": { "type": "approval", "after": { "check": "success" }, "with": { "message": "Go?" } }
  }
}
`;

/** Numbers that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

async function settled(what: string, check: () => boolean): Promise<void> {
  for (const end = Date.now() + 15_000; !check(); await new Promise((resolve) => setTimeout(resolve, 5)))
    assert.ok(Date.now() < end, `not settled: ${what}`);
}

const autoSave = (value: string | undefined) =>
  vscode.workspace.getConfiguration('files').update('autoSave', value, vscode.ConfigurationTarget.Global);

/** The graph editor of a document, without the frame of a web view between the two; gestures are planned in a real language worker. */
function openGraph(document: vscode.TextDocument) {
  const received = new vscode.EventEmitter<unknown>();
  const asked: Extract<WebviewMessage, { type: 'edit' }>[] = [];
  let answers = 0;
  const editor = createEditor({
    catalog,
    host: {
      post(message: WebviewMessage) {
        if (message.type === 'edit') asked.push(message);
        received.fire(structuredClone(message));
      },
      saved: {},
      save: () => undefined,
    },
    nextFrame: (callback) => setImmediate(callback),
    arrange: async (problem) => arrange(problem),
  });
  const receive = wholeDocuments(editor.receive, () => assert.fail('a change does not belong to the text of the graph'));
  const panel = {
    active: true,
    webview: {
      onDidReceiveMessage: received.event,
      async postMessage(message: SentMessage) {
        if (message.type === 'editResult') answers += 1;
        receive(structuredClone(message));
        return true;
      },
    },
  } as unknown as vscode.WebviewPanel;
  const log = { error: (...words: unknown[]) => assert.fail(words.join(' ')) } as unknown as vscode.LogOutputChannel;
  const extension = vscode.extensions.getExtension('belay.belay')?.extensionPath;
  assert.ok(extension);
  const client = new LanguageClient(path.join(extension, 'dist/extension/text/language-worker.lazy.mjs'), log, isFlow);
  const nothing: SessionHost = {
    log,
    problems: async ({ version }) => ({ version, problems: [], untrusted: [] }),
    modeChoice: async () => ({ mode: 'live', recorded: false, models: [] }),
    request: async () => undefined,
    plan: (flow, edits) => planGesture(client, flow, edits),
    currentRun: async () => undefined,
  };
  const session = new FlowSession(document, panel, nothing);
  editor.post({ type: 'ready' });
  return {
    editor,
    /** The edits that were asked for, all of them. */
    asked,
    /** Every edit has its answer. */
    answered: () => settled('an answer to the gesture', () => answers === asked.length),
    dispose() {
      session.dispose();
      client.dispose();
      received.dispose();
    },
  };
}

describe('a flow that is changed from all sides', () => {
  let folder: string;
  let file: string;
  let document: vscode.TextDocument;
  let graph: ReturnType<typeof openGraph>;
  const random = randomOf(SEED);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=suite', '-c', 'user.email=suite@localhost', ...args], { cwd: folder, encoding: 'utf8' }).trim();
  const onDisk = () => readFileSync(file, 'utf8');

  /** What the undo stack must hold: the texts before each change, and those that were undone. */
  const stack = { past: [] as string[], future: [] as string[], now: FLOW };
  const log: string[] = [];
  const commits: string[] = [];
  let names = 0;

  /** Does something; every change of the document that comes of it is an undo step. */
  async function changing(act: () => Thenable<unknown>): Promise<void> {
    const listener = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      stack.past.push(stack.now);
      stack.future = [];
      stack.now = document.getText();
    });
    await act();
    listener.dispose();
  }

  async function gesture(act: (editor: Editor) => unknown): Promise<void> {
    const [before, text] = [graph.asked.length, document.getText()];
    await changing(async () => {
      await act(graph.editor);
      await graph.answered();
    });
    const [asked, another] = graph.asked.slice(before);
    if (!asked || another) return;
    const plan = planEdits(text, asked.edits, { catalog, scan: scanReferences });
    assert.equal(document.getText(), plan.ok ? plan.text : text, 'the edit of the gesture and nothing else');
  }

  const ids = () => graph.editor.store.getState().nodes.map(({ id }) => id);

  const gestures: Record<string, (editor: Editor) => unknown> = {
    add: (editor) =>
      editor.add(
        'template',
        { ...(random() < 0.5 && ids().length > 0 ? { source: { id: pick(ids()), outlet: 'success' } } : {}) },
        { x: random() * 900, y: random() * 900 },
      ),
    move: (editor) => {
      const positions = Object.fromEntries(
        ids()
          .slice(0, 2)
          .map((id) => [id, { x: Math.round(random() * 900), y: Math.round(random() * 900) }]),
      );
      return editor.perform({ label: 'Move nodes', edits: Object.keys(positions).length > 0 ? [{ kind: 'moveNodes', positions }] : [] });
    },
    connect: (editor) =>
      ids().length > 1 && editor.connect({ source: pick(ids()), outlet: pick(['success', 'failure']), target: pick(ids()) }),
    remove: (editor) => {
      if (ids().length > 2) editor.select([pick(ids())]);
      editor.removeSelection();
    },
    rename: (editor) => {
      names += 1;
      if (ids().length > 0) editor.rename(pick(ids()), `renamed${names}`);
    },
    title: (editor) => {
      names += 1;
      editor.perform({ label: 'Change title', edits: [{ kind: 'setFlow', path: ['title'], value: `Title ${names}` }] });
    },
    arrange: (editor) => editor.arrange(),
  };

  /** Typing: a white space that changes nothing, a word, or something that breaks the text until it is undone or mended. */
  async function type(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor?.document === document);
    const text = document.getText();
    const [kind, at] = [random(), Math.floor(random() * text.length)];
    const comma = text.indexOf(',', at);
    await changing(() =>
      editor.edit((builder) => {
        if (kind < 0.15) builder.delete(new vscode.Range(document.positionAt(at), document.positionAt(at + 1)));
        else if (kind < 0.4) builder.replace(new vscode.Range(document.positionAt(0), document.positionAt(text.length)), FLOW);
        else if (comma > 0) builder.insert(document.positionAt(comma + 1), pick([' ', '\n', '\t']));
      }),
    );
  }

  async function undo(command: 'undo' | 'redo'): Promise<void> {
    const [from, to] = command === 'undo' ? [stack.past, stack.future] : [stack.future, stack.past];
    const text = from.pop();
    await vscode.commands.executeCommand(command);
    if (text === undefined) return;
    to.push(stack.now);
    stack.now = text;
  }

  async function save(): Promise<void> {
    await document.save();
    assert.equal(document.isDirty, false, 'nothing is left unsaved');
    assert.equal(onDisk(), document.getText(), 'the file is what was seen');
  }

  /** Another program writes the file; what is not saved yet is not lost by that, and given up by "Revert". */
  async function fromOutside(write: () => void): Promise<void> {
    await changing(async () => {
      const isDirty = document.isDirty;
      const mine = document.getText();
      write();
      if (isDirty) {
        await tick();
        assert.equal(document.getText(), mine, 'what is not saved stays');
        await vscode.commands.executeCommand('workbench.action.files.revert');
      }
      const expected = onDisk();
      await settled('the file from outside', () => document.getText() === expected && !document.isDirty);
    });
  }

  const steps: [weight: number, name: string, act: () => Promise<void>][] = [
    ...Object.entries(gestures).map(([name, act]): [number, string, () => Promise<void>] => [2, name, () => gesture(act)]),
    [5, 'type', type],
    [4, 'undo', () => undo('undo')],
    [3, 'redo', () => undo('redo')],
    [2, 'save', save],
    [1, 'outside', () => fromOutside(() => writeFileSync(file, onDisk().replace(/"title": "[^"]*"/, `"title": "Outside ${log.length}"`)))],
    [
      1,
      'commit',
      async () => {
        await save();
        git('commit', '-qam', 'state', '--allow-empty');
        commits.push(git('rev-parse', 'HEAD'));
      },
    ],
    [1, 'checkout', () => fromOutside(() => git('checkout', '-q', pick(commits), '--', 'all.flow.json'))],
    [
      1,
      'gesture while typing',
      () =>
        changing(async () => {
          gestures.title?.(graph.editor);
          await vscode.window.activeTextEditor?.edit((builder) => builder.insert(new vscode.Position(0, 1), ' '));
          await graph.answered();
        }),
    ],
  ];
  const total = steps.reduce((sum, [weight]) => sum + weight, 0);
  const nextStep = () => {
    let left = random() * total;
    return (
      steps.find(([weight]) => {
        left -= weight;
        return left < 0;
      }) ?? steps[0]
    );
  };

  async function check(): Promise<void> {
    const state = () => graph.editor.store.getState();
    const text = document.getText();
    await settled('the graph has the text', () => state().document?.text === text);
    assert.equal(text, stack.now, 'the text is what the undo stack says');
    const parsed = parseFlow(text, catalog);
    assert.equal(state().drawable, parsed.flow !== undefined);
    if (parsed.flow) {
      assert.deepEqual(state().flow, parsed.flow);
      assert.deepEqual(
        ids(),
        allNodes(parsed.flow.nodes).map(({ id }) => id),
      );
    }
    if (!document.isDirty) assert.equal(onDisk(), text, 'what is not dirty is on the disk');
  }

  before(async () => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(workspace);
    folder = path.join(workspace, 'interleavings');
    file = path.join(folder, 'all.flow.json');
    await autoSave('off');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, FLOW);
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'first');
    commits.push(git('rev-parse', 'HEAD'));
    document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
    await vscode.window.showTextDocument(document);
    graph = openGraph(document);
    const { store } = graph.editor;
    await settled('the graph is open', () => store.getState().document !== null);
  });
  after(async () => {
    graph.dispose();
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await autoSave(undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  it(`agrees with itself after ${COUNT} interleavings (seed ${SEED})`, async function () {
    this.timeout(60_000 + COUNT * 8000);
    try {
      for (let round = 0; round < COUNT; round += 1) {
        for (let step = 0; step < LENGTH; step += 1) {
          const [, name, act] = nextStep() ?? [];
          log.push(name ?? '');
          await act?.();
          await check();
        }
        // All the way back as far as it goes within reason, and forth again.
        const [depth, text] = [Math.min(stack.past.length, Math.floor(random() * 5)), document.getText()];
        for (const command of ['undo', 'redo'] as const) for (let times = 0; times < depth; times += 1) await undo(command);
        await check();
        assert.equal(document.getText(), text, 'undone and done again is the same');
      }
    } catch (error) {
      throw new Error(`seed ${SEED}, after: ${log.slice(-12).join(', ')}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  });
});
