import * as vscode from 'vscode';

/** What a step of the walkthrough "Your first flow" waits for, besides commands and views. */
type Achievement = 'built' | 'run' | 'decided';

/** Ticks off a step of the walkthrough (`contributes.walkthroughs`): VS Code remembers it. */
export async function achieved(what: Achievement): Promise<void> {
  await vscode.commands.executeCommand('setContext', `belay.walkthrough.${what}`, true);
}
