/** Where the agents of a workspace are, from the journal root. */
const AGENT_FOLDER = '.github/agents';
const AGENT_ENDING = '.agent.md';

/** The file of an agent, from the journal root. */
export function agentPath(name: string): string {
  return `${AGENT_FOLDER}/${name}${AGENT_ENDING}`;
}
