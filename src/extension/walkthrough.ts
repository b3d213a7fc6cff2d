import * as vscode from 'vscode';

/** What a step of the walkthrough "Your first flow" waits for, besides commands and views. */
type Achievement = 'built' | 'run' | 'decided';

/**
 * Ticks off a step of the walkthrough (`contributes.walkthroughs`): VS Code remembers it.
 *
 * What is said is taken back at once. A context that is already there when somebody first opens the walkthrough counts as seen, so that
 * VS Code would never tick the step off in that window, however often it is done.
 */
export async function achieved(what: Achievement): Promise<void> {
  const context = `belay.walkthrough.${what}`;
  await vscode.commands.executeCommand('setContext', context, true);
  await vscode.commands.executeCommand('setContext', context, undefined);
}
