/** What an agent needs besides its own file: other agents, and flows that are its tools. */
import { BelayError } from '../errors.ts';
import { fromRoot } from '../format/file-paths.ts';
import { AGENT_TOOL, expandTools, FLOW_TOOL } from '../format/tool-names.ts';
import type { Agent } from './agent-file.ts';
import { agentPath } from './agent-path.ts';
import { BUILT_IN_AGENTS } from './built-in.ts';

export interface ReachedFromRoot {
  /** From the root. */
  path: string;
  isFlow: boolean;
  agent?: string;
}

export function reachedAgent(name: string): ReachedFromRoot & { agent: string } {
  return { path: fromRoot(agentPath(name)), isFlow: false, agent: name };
}

/** What these tools need of the workspace. */
function reachedByTools(tools: readonly string[]): ReachedFromRoot[] {
  return expandTools(tools).flatMap((tool): ReachedFromRoot[] => {
    if (tool.startsWith(FLOW_TOOL)) return [{ path: fromRoot(tool.slice(FLOW_TOOL.length)), isFlow: true }];
    return tool.startsWith(AGENT_TOOL) ? [reachedAgent(tool.slice(AGENT_TOOL.length))] : [];
  });
}

/** The agents that it may give tasks to. All of them: those that ship with Belay, as nobody has named the others. */
export function delegatesOf({ name, tools, agents }: Pick<Agent, 'name' | 'tools' | 'agents'>): string[] {
  const named = expandTools(tools).flatMap((tool) => (tool.startsWith(AGENT_TOOL) ? [tool.slice(AGENT_TOOL.length)] : []));
  const wanted = agents.length === 0 ? ['*'] : agents;
  const grouped = tools.includes('agent') ? wanted.flatMap((it) => (it === '*' ? BUILT_IN_AGENTS : [it])) : [];
  return [...new Set([...named, ...grouped])].filter((it) => it !== name);
}

export function reachedByAgent(agent: Agent): ReachedFromRoot[] {
  return [...reachedByTools(agent.tools), ...[...delegatesOf(agent), ...agent.handOffs.map((it) => it.agent)].map(reachedAgent)];
}

/** `node`: the one that names it. */
export function unknownAgent(name: string, node: string): BelayError {
  return new BelayError('AGENT_UNKNOWN', `"${node}" needs the agent "${name}", which is not there.`, {
    hint: `Make it with "Belay: New Agent\u2026" (${agentPath(name)}), or name one that ships with Belay: ${BUILT_IN_AGENTS.join(', ')}.`,
    kind: 'notFound',
    details: { node, agent: name },
  });
}
