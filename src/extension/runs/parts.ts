/** Runs of a part of a flow, on earlier results, with pinned ones, or dry: what the menus of a node and of the Run button do. */
import * as vscode from 'vscode';
import type { Flow } from '../../engine/format/model.ts';
import type { FlowSession } from '../editor/session.ts';
import { withoutLinks } from '../faults.ts';
import { loadLanguage, loadRuntime } from '../lazy.ts';
import { decider } from './decisions.ts';
import type { RunHub } from './hub.ts';
import type { RunRef } from './run-ref.ts';

/** What of a flow is run, and on what. */
export interface RunPart {
  rerunOf?: RunRef;
  from?: string;
  only?: string;
  to?: string;
  dry?: boolean;
  /** Every input is asked for, not only those that are missing. */
  edit?: boolean;
}

interface Tools {
  hub: RunHub;
  /** The graph in front; undefined: none. */
  active(): FlowSession | undefined;
  start(flow: vscode.Uri, part: RunPart): Promise<RunRef | undefined>;
}

/** A node as a menu of the graph names it; absent in the command palette. */
export interface NodeMenu {
  node?: string;
}

type NodeAction = 'from' | 'to' | 'only' | 'dryOnly' | 'pin' | 'unpin';

export class RunParts {
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** The menu beside the Run button: everything a run can be besides a plain one. */
  async menu(session: FlowSession, node: string | undefined): Promise<void> {
    const { uri } = session.document;
    const earlier = this.#earlier(session);
    const flow = (await loadLanguage()).readFlow(session.document.getText()).flow;
    const { pins } = await this.#tools.hub.around(uri);
    const title = node === undefined ? undefined : (flow?.nodes[node]?.title ?? node);
    type Item = vscode.QuickPickItem & { run?: () => Promise<unknown> };
    const whole: Item[] = [
      {
        label: '$(eye) Dry Run',
        detail: 'Shows every prompt, command and request with its values, and does nothing',
        run: () => this.dryRun(session),
      },
      ...(earlier
        ? [
            { label: '$(history) Run Again', detail: 'With the inputs of the run before', run: () => this.rerun(uri, earlier, false) },
            {
              label: '$(edit) Run Again with Edited Inputs…',
              detail: 'Beginning with those of the run before',
              run: () => this.rerun(uri, earlier, true),
            },
          ]
        : []),
    ];
    const ofNode = (action: NodeAction): Item => ({
      ...ITEMS[action],
      run: () => this.node(action, session, node === undefined ? {} : { node }),
    });
    const pinned = Object.keys(pins);
    const actions = (['from', 'to', 'only', 'dryOnly', 'pin', 'unpin'] as const).filter(
      (action) => (action !== 'from' && action !== 'pin') || earlier !== undefined,
    );
    const nodes: Item[] = actions.filter((action) => action !== 'unpin' || pinned.length > 0).map(ofNode);
    const separator: Item = { label: title ?? 'One node', kind: vscode.QuickPickItemKind.Separator };
    const picked = await vscode.window.showQuickPick([...whole, separator, ...nodes], { title: 'Run', matchOnDetail: true });
    await picked?.run?.();
  }

  dryRun(session: FlowSession): Promise<RunRef | undefined> {
    const earlier = this.#earlier(session);
    return this.#tools.start(session.document.uri, { dry: true, ...(earlier ? { rerunOf: earlier } : {}) });
  }

  rerun(flow: vscode.Uri, rerunOf: RunRef, edit: boolean): Promise<RunRef | undefined> {
    return this.#tools.start(flow, { rerunOf, edit });
  }

  /** Carries out an action on a node: the one the menu names, or one that is picked. */
  async node(action: NodeAction, session: FlowSession | undefined = this.#tools.active(), menu?: NodeMenu): Promise<void> {
    if (!session) return;
    const { uri } = session.document;
    const { flow } = (await loadLanguage()).readFlow(session.document.getText());
    const around = await this.#tools.hub.around(uri);
    const choices = action === 'unpin' ? Object.keys(around.pins) : Object.keys(flow?.nodes ?? {});
    const node = menu?.node ?? (await pickNode(choices, flow, ITEMS[action].label));
    if (!flow || node === undefined) return;
    const earlier = this.#earlier(session);
    const kept = earlier ? { rerunOf: earlier } : {};
    switch (action) {
      case 'from':
        await this.#tools.start(uri, { from: node, ...kept });
        break;
      case 'to':
        await this.#tools.start(uri, { to: node, ...kept });
        break;
      case 'only':
        await this.#tools.start(uri, { only: node, ...kept });
        break;
      case 'dryOnly':
        await this.#tools.start(uri, { only: node, dry: true, ...kept });
        break;
      case 'pin':
        await this.#pin(uri, flow, node, earlier);
        break;
      case 'unpin':
        await this.#unpin(uri, node);
        break;
      default:
        action satisfies never;
    }
  }

  async #pin(uri: vscode.Uri, flow: Flow, node: string, earlier: RunRef | undefined): Promise<void> {
    const title = flow.nodes[node]?.title ?? node;
    if (!earlier) {
      void vscode.window.showInformationMessage(
        withoutLinks(`There is no run of this flow yet whose result of "${title}" could be pinned.`),
      );
      return;
    }
    const { effect } = await (await loadRuntime()).pinResult(await this.#tools.hub.around(uri), {
      flow,
      node,
      run: earlier.id,
      by: decider(),
    });
    const without = effect === 'write' || effect === 'irreversible' ? ' What the node does does not happen in those runs.' : '';
    const undo = 'Remove Pin';
    const text = `Runs of this flow now take this result of "${title}" instead of running it.${without}`;
    if ((await vscode.window.showInformationMessage(withoutLinks(text), undo)) === undo) await this.#unpin(uri, node);
  }

  async #unpin(uri: vscode.Uri, node: string): Promise<void> {
    const removed = await (await this.#tools.hub.around(uri)).unpin(node);
    vscode.window.setStatusBarMessage(removed ? `$(pinned) "${node}" is run again.` : `$(pinned) "${node}" was not pinned.`, 5000);
  }

  /** The run that is shown, else the last one of the flow. What a dry run made up is no result. */
  #earlier(session: FlowSession): RunRef | undefined {
    const { hub } = this.#tools;
    return hub.last(session.document.uri, session.run?.id);
  }
}

const ITEMS: { readonly [A in NodeAction]: { label: string; detail: string } } = {
  from: {
    label: '$(debug-start) Run from Here',
    detail: 'Nodes that are not behind it keep their earlier results; approvals are asked anew',
  },
  to: { label: '$(debug-continue) Run to Here', detail: 'Ends with this node, and runs nothing that it does not need' },
  only: { label: '$(play) Run This Node', detail: 'Alone, on earlier and pinned results' },
  dryOnly: { label: '$(eye) Dry Run This Node', detail: 'Shows what it would do' },
  pin: { label: '$(pin) Pin Output', detail: 'Runs take its last result instead of running it, until it is unpinned' },
  unpin: { label: '$(pinned) Unpin Output', detail: 'The node is run again' },
};

async function pickNode(ids: readonly string[], flow: Flow | undefined, label: string): Promise<string | undefined> {
  const items = ids.map((id) => ({ label: flow?.nodes[id]?.title ?? id, description: id, id }));
  const title = label.replace(/^\$\([^)]*\) /, '');
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.id;
}
