/**
 * What flows cost the extension host. Counted is its CPU time, and against something else in the same host, in turn: the clock of a
 * busy machine says nothing.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';

function flowOf(count: number): string {
  const nodes = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const before = `n${index - 1}`;
      const after = index === 0 ? {} : { after: { [before]: 'success' } };
      const template = index === 0 ? 'Begin' : `{{ steps.${before}.output.text }}`;
      return [`n${index}`, { type: 'template', ...after, with: { template } }];
    }),
  );
  // A step that is not there: so that there is a problem to wait for.
  return `${JSON.stringify({ version: 1, nodes: { ...nodes, last: { type: 'template', with: { template: '{{ steps.gone }}' } } } }, null, 2)}\n`;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const problems = (uri: vscode.Uri) => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'belay');

describe('costs', () => {
  let folder: vscode.Uri;
  const write = async (name: string, text: string) => {
    const uri = vscode.Uri.joinPath(folder, name);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
    return uri;
  };

  before(async () => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(workspace);
    folder = vscode.Uri.joinPath(workspace, 'costs');
    await vscode.extensions.getExtension('belay.belay')?.activate();
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(folder, { recursive: true });
  });

  async function checked(uri: vscode.Uri): Promise<void> {
    if (problems(uri).length > 0) return;
    await new Promise<void>((resolve) => {
      const listener = vscode.languages.onDidChangeDiagnostics(() => {
        if (problems(uri).length === 0) return;
        listener.dispose();
        resolve();
      });
    });
  }

  it('the twentieth flow that is opened costs no more than the second', async function () {
    this.timeout(120_000);
    const text = flowOf(100);
    const files = await Promise.all(Array.from({ length: 20 }, (_, index) => write(`flow-${index}.flow.json`, text)));
    const costs: number[] = [];
    for (const uri of files) {
      const began = process.cpuUsage();
      await vscode.commands.executeCommand('vscode.openWith', uri, 'belay.flow', { preview: false });
      await checked(uri);
      const { user, system } = process.cpuUsage(began);
      costs.push((user + system) / 1000);
    }
    const [early, late] = [median(costs.slice(1, 6)), median(costs.slice(-5))];
    assert.ok(late < 1.5 * early, `CPU ms of each: ${costs.map(Math.round).join(', ')}`);
  });
});
