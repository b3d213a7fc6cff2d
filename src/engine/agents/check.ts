/** What is wrong with the agents that flows name, before anything is run. */
import { AGENT_TOOL, FLOW_TOOL, toolNameProblem } from '../format/tool-names.ts';
import { type AgentProblem, parseAgent } from './agent-file.ts';
import { agentPath } from './agent-path.ts';
import { builtInAgent } from './built-in.ts';
import { delegatesOf } from './reached.ts';

export interface AgentFiles {
  /** Text of a file by its path from the root; undefined where there is none. */
  read(path: string): string | undefined;
}

/** What is wrong with a file, by its line. Other agents and flows that it names are looked for. */
function problemsOfAgent(name: string, text: string, files: AgentFiles): AgentProblem[] {
  const { agent, problems } = parseAgent(name, text);
  const lines = text.split(/\r?\n/);
  // Where the name stands: it is in the front matter somewhere, or the parser has said what is wrong.
  const lineOf = (word: string): number => Math.max(1, lines.findIndex((line) => line.includes(word)) + 1);
  const say = (word: string, message: string): void => void problems.push({ message, line: lineOf(word), column: 1 });
  for (const tool of agent.tools) {
    const problem = toolNameProblem(tool, true);
    if (problem !== undefined) say(tool, problem);
    if (tool.startsWith(FLOW_TOOL) && files.read(tool.slice(FLOW_TOOL.length)) === undefined)
      say(tool, `There is no flow "${tool.slice(FLOW_TOOL.length)}".`);
    if (tool.startsWith(AGENT_TOOL)) needs(tool.slice(AGENT_TOOL.length));
  }
  for (const other of delegatesOf(agent)) needs(other);
  for (const { agent: other } of agent.handOffs) needs(other);
  return problems;

  function needs(other: string): void {
    if (textOfAgent(other, files) === undefined) say(other, `There is no agent "${other}".`);
  }
}

function textOfAgent(name: string, files: AgentFiles): string | undefined {
  return files.read(agentPath(name)) ?? builtInAgent(name);
}

/** What is wrong with an agent, in a line each; undefined: there is none of this name. */
export function agentFaults(name: string, files: AgentFiles): string[] | undefined {
  const text = textOfAgent(name, files);
  if (text === undefined) return undefined;
  return [...new Set(problemsOfAgent(name, text, files).map(({ message, line }) => `${agentPath(name)}, line ${line}: ${message}`))];
}
