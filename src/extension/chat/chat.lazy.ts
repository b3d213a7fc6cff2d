/** What answers in the chat: loaded with the first request. */
import type * as vscode from 'vscode';
import { faultText } from '../faults.ts';
import { agentCommand } from './agent-command.ts';
import { runAgent } from './agent-run.ts';
import { explainCommand } from './explain-command.ts';
import { fixCommand } from './fix-command.ts';
import type { ChatHost, Told, Turn } from './host.ts';
import { newCommand } from './new-command.ts';
import { AGENTS, type ChatCommand, isChatCommand } from './participants.ts';
import { question } from './question.ts';
import { runCommand } from './run-command.ts';

export { DraftCommands } from './draft-commands.ts';
export { listFlows, prepareRun, runFlow } from './flow-tools.ts';

const COMMANDS: { readonly [C in ChatCommand]: (host: ChatHost, turn: Turn) => Promise<Told> } = {
  run: runCommand,
  new: newCommand,
  explain: explainCommand,
  fix: fixCommand,
  agent: agentCommand,
};

/** @param participant its id. A fault is the answer: what happened, and what to do. */
export async function respond(host: ChatHost, participant: string, turn: Turn): Promise<vscode.ChatResult> {
  try {
    return { metadata: await answer(host, participant, turn) };
  } catch (error) {
    if (turn.token.isCancellationRequested) return {};
    host.log.error(`In the chat (${participant})`, error);
    return { errorDetails: { message: faultText(error) } };
  }
}

function answer(host: ChatHost, participant: string, turn: Turn): Promise<Told> {
  const { command, prompt } = turn.request;
  const agent = Object.hasOwn(AGENTS, participant) ? AGENTS[participant] : undefined;
  if (agent !== undefined) return runAgent(host, turn, agent, prompt.trim());
  return isChatCommand(command) ? COMMANDS[command](host, turn) : question(host, turn);
}
