/** `@belay /agent NAME TASK`: agents of the user's own, and Belay's, by their names. */
import * as vscode from 'vscode';
import { BUILT_IN_AGENTS } from '../../engine/agents/built-in.ts';
import { runAgent } from './agent-run.ts';
import { beginButton, type ChatHost, type Told, type Turn } from './host.ts';
import { code } from './narrate.ts';

const MOST_AGENTS = 200;

export async function agentCommand(host: ChatHost, turn: Turn): Promise<Told> {
  const { request, stream } = turn;
  const [, wanted = '', task = ''] = /^\s*(\S*)\s*([\s\S]*)$/.exec(request.prompt) ?? [];
  const names = await agentNames();
  const name = names.find((it) => it.toLowerCase() === wanted.toLowerCase());
  if (name === undefined) {
    const about = wanted === '' ? 'Say which agent, and what it is to do.' : `There is no agent ${code(wanted)}.`;
    stream.markdown(`${about} There are: ${names.map(code).join(', ')}. An agent is a file \`.github/agents/NAME.agent.md\`.`);
    for (const it of names.slice(0, 3)) stream.button(beginButton(`Ask ${it}…`, `@belay /agent ${it} `));
    return {};
  }
  if (task.trim() === '') {
    stream.markdown(`Say what ${code(name)} is to do: \`@belay /agent ${name} …\``);
    return {};
  }
  return runAgent(host, turn, name, task.trim());
}

async function agentNames(): Promise<string[]> {
  const found = await vscode.workspace.findFiles('**/.github/agents/*.agent.md', '**/node_modules/**', MOST_AGENTS);
  const own = found.map(({ path }) => path.slice(path.lastIndexOf('/') + 1).replace(/\.agent\.md$/, ''));
  return [...new Set([...own.sort(), ...BUILT_IN_AGENTS])];
}
