/**
 * Agents as files: VS Code's own custom-agent format (`.github/agents/NAME.agent.md`), so that the same file serves Copilot. The front
 * matter is YAML, the rest is what the agent is told. Keys that only VS Code knows stay where they are and are kept.
 */
import { type Document, LineCounter, parseDocument } from 'yaml';
import { BelayError } from '../errors.ts';
import type { Json, JsonObject } from '../format/json.ts';
import { isJsonObject } from '../format/json.ts';
import { agentPath } from './agent-path.ts';

export interface HandOff {
  /** The agent that takes over. */
  agent: string;
  /** When that is the thing to do, for the model. */
  label: string | undefined;
  /** What the other one is told besides. */
  prompt: string | undefined;
}

export interface Agent {
  /** As flows call it: the name of its file. */
  name: string;
  /** As people call it. */
  title: string;
  description: string | undefined;
  /** The first one that is there is asked. */
  models: readonly string[];
  /** As written. Empty: none. */
  tools: readonly string[];
  /** The agents that it may give tasks to. */
  agents: readonly string[];
  handOffs: readonly HandOff[];
  /** The body: what it is told before every task. */
  instructions: string;
  /** What the front matter says besides: other programs read it. */
  others: JsonObject;
}

export interface AgentProblem {
  message: string;
  /** From 1. */
  line: number;
  column: number;
}

export type ParsedAgent = { agent: Agent; problems: AgentProblem[] };

/** Front matter, and the line (from 0) at which its text begins. A file without any is all instructions. */
function frontMatter(text: string): { yaml: string; firstLine: number; body: string; unclosed: boolean } {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '---') return { yaml: '', firstLine: 0, body: text, unclosed: false };
  const end = lines.findIndex((line, at) => at > 0 && /^(---|\.\.\.)\s*$/.test(line));
  if (end < 0) return { yaml: '', firstLine: 0, body: '', unclosed: true };
  return { yaml: lines.slice(1, end).join('\n'), firstLine: 1, body: lines.slice(end + 1).join('\n'), unclosed: false };
}

/** More of one thing is no list that anybody wrote. */
const MOST = 200;

/** Reads what it can, and says what is wrong and where. */
export function parseAgent(name: string, text: string): ParsedAgent {
  const { yaml: source, firstLine, body, unclosed } = frontMatter(text);
  const problems: AgentProblem[] = [];
  if (unclosed) problems.push({ message: 'The front matter has no end: a line with --- is missing.', line: 1, column: 1 });
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const say = (message: string, offset: number): void => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    problems.push({ message, line: Math.max(1, line) + firstLine, column: Math.max(1, col) });
  };
  for (const { message, pos } of document.errors) say(`This is no YAML: ${message}`, pos[0]);
  const offsetOf = (...path: (string | number)[]): number => {
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
    return node?.range?.[0] ?? 0;
  };
  const front = document.errors.length > 0 ? {} : plain(document, say);
  const texts = (key: string): string[] => {
    const value = front[key];
    if (value === undefined || value === null) return [];
    // One text with commas is how a list of one line is written elsewhere.
    if (typeof value === 'string') return value.split(',').flatMap((it) => (it.trim() === '' ? [] : [it.trim()]));
    if (Array.isArray(value) && value.length <= MOST && value.every((it) => typeof it === 'string')) return value as string[];
    say(`"${key}" has to be a list of texts.`, offsetOf(key));
    return [];
  };
  const text1 = (key: string): string | undefined => {
    const value = front[key];
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    say(`"${key}" has to be a text.`, offsetOf(key));
    return undefined;
  };
  const instructions = body.trim();
  const { name: _name, description: _description, model: _model, tools: _tools, agents: _agents, handoffs, ...others } = front;
  const agent: Agent = {
    name,
    title: text1('name') ?? name,
    description: text1('description'),
    models: texts('model'),
    tools: texts('tools'),
    agents: texts('agents'),
    handOffs: handOffsOf(handoffs, (message, at) => say(message, offsetOf('handoffs', ...at))),
    instructions,
    others,
  };
  if (instructions === '' && !unclosed) {
    problems.push({ message: 'There are no instructions: the text below the front matter is what the agent is told.', line: 1, column: 1 });
  }
  return { agent, problems };
}

function plain(document: Document.Parsed, say: (message: string, offset: number) => void): JsonObject {
  try {
    // Aliases can make a small text huge.
    const value = document.toJS({ maxAliasCount: 20 }) as Json | undefined;
    if (value === undefined || value === null) return {};
    if (isJsonObject(value)) return value;
    say('The front matter has to be "key: value" lines.', 0);
  } catch (error) {
    say(`This is no YAML: ${error instanceof Error ? error.message : String(error)}`, 0);
  }
  return {};
}

function handOffsOf(value: Json | undefined, say: (message: string, at: (string | number)[]) => void): HandOff[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MOST) {
    say('"handoffs" has to be a list.', []);
    return [];
  }
  return value.flatMap((item, at): HandOff[] => {
    const optional = (key: string): string | undefined => {
      const it = isJsonObject(item) ? item[key] : undefined;
      return typeof it === 'string' ? it : undefined;
    };
    const agent = typeof item === 'string' ? item : optional('agent');
    if (agent !== undefined && agent !== '') return [{ agent, label: optional('label'), prompt: optional('prompt') }];
    say('A hand-off needs "agent": the name of the one that takes over.', [at]);
    return [];
  });
}

/** The agent of a text. Throws `AGENT_INVALID`, which says where. */
export function readAgent(name: string, text: string): Agent {
  const { agent, problems } = parseAgent(name, text);
  const [first] = problems;
  if (!first) return agent;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new BelayError('AGENT_INVALID', `${agentPath(name)}, line ${first.line}: ${first.message}${more}`, {
    hint: 'Correct the file; its format is that of VS Code\u2019s custom agents.',
    kind: 'badRequest',
    details: { agent: name, problems: problems.map((problem) => ({ ...problem })) },
  });
}
