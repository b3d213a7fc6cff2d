/** Names of tools, and what is known of those that are built in without running anything. Browser-safe. */
import { maxEffect } from './effect-rules.ts';
import type { Effect } from './model.ts';

/** The built-in tools and the least they do; writing what is protected is worse, which only the engine can see. */
const BUILT_IN_TOOLS: Readonly<Record<string, Effect>> = {
  'files/read': 'read',
  'files/list': 'read',
  'files/search': 'read',
  'files/edit': 'write',
  'files/write': 'write',
  'command/run': 'irreversible',
  'http/get': 'read',
  'http/request': 'irreversible',
};

/**
 * What VS Code calls groups of tools in the files of agents, in Belay's tools, so that the same file serves both. `agent`: the agents
 * that the file names.
 */
const TOOL_GROUPS: Readonly<Record<string, readonly string[]>> = {
  read: ['files/read', 'files/list'],
  search: ['files/search', 'files/list'],
  edit: ['files/edit', 'files/write'],
  execute: ['command/run'],
  web: ['http/get'],
  agent: [],
};

/** Groups of VS Code that have nothing to do with flows: passed over. */
const FOREIGN_GROUPS: ReadonlySet<string> = new Set(['todo', 'todos', 'vscode', 'newTool', 'problems', 'changes', 'testFailure', 'usages']);

/** A flow as a tool: `flow/PATH`, from the root. */
export const FLOW_TOOL = 'flow/';
/** An agent as a tool: `agent/NAME`. */
export const AGENT_TOOL = 'agent/';

/** `files/*`, and groups, as the tools they stand for. What belongs to a server stays as it is. */
export function expandTools(names: readonly string[]): string[] {
  const all = names.flatMap((name) => {
    if (Object.hasOwn(TOOL_GROUPS, name)) return TOOL_GROUPS[name] ?? [];
    if (FOREIGN_GROUPS.has(name)) return [];
    if (!name.endsWith('/*')) return [name];
    const inside = Object.keys(BUILT_IN_TOOLS).filter((tool) => tool.startsWith(name.slice(0, -1)));
    return inside.length > 0 ? inside : [name];
  });
  return [...new Set(all)];
}

/** Names that may be written wherever tools are named. */
export const TOOL_NAMES: readonly string[] = Object.keys(BUILT_IN_TOOLS);
export const TOOL_GROUP_NAMES: readonly string[] = Object.keys(TOOL_GROUPS);

const OWN_PREFIXES: ReadonlySet<string> = new Set(TOOL_NAMES.map((name) => name.slice(0, name.indexOf('/'))));

/** Why there can be no such tool, as far as its name tells; undefined: there may be one. `groups`: those of VS Code may stand there. */
export function toolNameProblem(name: string, groups: boolean): string | undefined {
  if (groups && (Object.hasOwn(TOOL_GROUPS, name) || FOREIGN_GROUPS.has(name))) return undefined;
  if (!groups && name.endsWith('/*')) return `"${name}" stands for several tools.`;
  const [prefix = '', ...rest] = name.split('/');
  if (rest.join('/') === '') return `"${name}" has no server in front, and is none of Belay's own tools.`;
  if (!OWN_PREFIXES.has(prefix) || isBuiltIn(name) || name === `${prefix}/*`) return undefined;
  const own = TOOL_NAMES.filter((it) => it.startsWith(`${prefix}/`));
  return `There is no tool "${name}"; there are ${own.join(', ')}.`;
}

export interface NamedTools {
  name: string;
  /** What it does at worst, or the tools that it stands for. */
  about: string;
}

/**
 * What can be written where tools are named, as far as it is known without asking anybody: the tools that are built in, and those of
 * `servers` by their beginning. `lists`: for a list of what an agent may use, groups too.
 */
export function knownTools(servers: readonly string[], lists: boolean): NamedTools[] {
  const builtIn = Object.entries(BUILT_IN_TOOLS).map(([name, effect]) => ({ name, about: effect }));
  if (!lists) return [...builtIn, ...servers.map((name) => ({ name: `${name}/`, about: 'MCP server' }))];
  const groups = Object.entries(TOOL_GROUPS).map(([name, tools]) => ({
    name,
    about: tools.join(', ') || 'the agents that its file names',
  }));
  return [...builtIn, ...groups, ...servers.map((name) => ({ name: `${name}/*`, about: 'all tools of the MCP server' }))];
}

/** Whether a tool is one of Belay's own: these names are no server's. */
export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(BUILT_IN_TOOLS, name);
}

/** The worst that may come of these tools, as far as names tell. A server's tools, flows and other agents may do anything. */
export function effectOfTools(names: readonly string[]): Effect {
  return expandTools(names).reduce<Effect>((worst, name) => maxEffect(worst, toolEffect(name)), 'read');
}

export function toolEffect(name: string): Effect {
  return BUILT_IN_TOOLS[name] ?? 'irreversible';
}
