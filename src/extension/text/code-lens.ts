import * as vscode from 'vscode';
import { duration, when } from '../views/words.ts';
import { costWords } from './hover.ts';
import { fileOf, type LanguageClient, rangeOfSpan } from './language-client.ts';
import type { PlacedSymbol } from './language-protocol.ts';
import type { LastRuns } from './last-run.ts';

/** The pause in changes of runs after which lenses are made anew (ms). */
const REFRESH_DELAY = 300;

/** Above a flow that is open as text: run it, see it as a graph, how its last run went; above each node: what came of it, and where it is. */
export class FlowCodeLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #runs: LastRuns;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #listeners: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(client: LanguageClient, runs: LastRuns) {
    this.#client = client;
    this.#runs = runs;
    this.#listeners = [
      runs.onDidChange(() => {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#changed.fire();
        }, REFRESH_DELAY);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('belay.codeLens')) this.#changed.fire();
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const { uri } = document;
    const top = new vscode.Range(0, 0, 0, 0);
    const lenses = [
      new vscode.CodeLens(top, { title: '$(play) Run Flow', command: 'belay.runFlow', arguments: [uri] }),
      new vscode.CodeLens(top, { title: '$(type-hierarchy-sub) Show as Graph', command: 'belay.openAsGraph', arguments: [uri] }),
    ];
    const last = this.#runs.run(uri);
    if (last) {
      const { status, createdAt, finishedAt } = last.run;
      const took = finishedAt === undefined ? '' : ` in ${duration(finishedAt - createdAt)}`;
      lenses.push(
        new vscode.CodeLens(top, {
          title: `$(history) Last run: ${status}${took}, ${when(createdAt)}`,
          command: 'belay.openRun',
          arguments: [last],
        }),
      );
    }
    if (!vscode.workspace.getConfiguration('belay', uri).get<boolean>('codeLens.nodes', true)) return lenses;
    const [symbols, results] = await Promise.all([this.#client.ask('symbols', { file: fileOf(document) }), this.#runs.results(uri)]);
    for (const { name, nameSpan } of nodesIn(symbols)) {
      const range = rangeOfSpan(nameSpan);
      const result = results.get(name);
      if (result) {
        const title = [result.node.state, ...costWords(result.node)].join(' · ');
        lenses.push(new vscode.CodeLens(range, { title, command: 'belay.openRun', arguments: [result.run] }));
      }
      lenses.push(new vscode.CodeLens(range, { title: 'Reveal in Graph', command: 'belay.revealInGraph', arguments: [uri, name] }));
    }
    return lenses;
  }
}

function nodesIn(symbols: readonly PlacedSymbol[]): PlacedSymbol[] {
  return symbols.flatMap((symbol) => (symbol.kind === 'node' || symbol.kind === 'body' ? [symbol, ...nodesIn(symbol.children)] : []));
}
