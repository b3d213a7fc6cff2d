import { expect, test } from 'vitest';
import { catalog } from '../nodes/catalog.ts';
import type { JsonObject } from './json.ts';
import { lintFlow } from './lint.ts';
import { parseFlow } from './parse.ts';

const AGENTS: Record<string, string[]> = { writer: [], broken: ['.github/agents/broken.agent.md, line 3: This is no YAML.', 'more'] };

function lint(nodes: JsonObject): string[] {
  const parsed = parseFlow(JSON.stringify({ version: 1, nodes }), catalog);
  const found = lintFlow(parsed, catalog, { readPrompt: () => undefined, agent: (name) => AGENTS[name] });
  return [...parsed.problems, ...found]
    .filter(({ code }) => code !== 'OUTPUT_UNUSED')
    .map(({ code, message, path }) => `${code} ${path.slice(-1)[0]}: ${message}`);
}

const agent = (params: JsonObject): JsonObject => ({ a: { type: 'agent', with: { agent: 'writer', task: 'x', ...params } } });
const tool = (name: string): JsonObject => ({ t: { type: 'tool', with: { tool: name } } });

test.each<[JsonObject, string[]]>([
  [agent({}), []],
  [agent({ tools: ['files/read', 'search', 'files/*', 'github/*', 'github/x', 'flow/a.flow.json', 'agent/writer'] }), []],
  [agent({ agent: 'wirter' }), ['AGENT_FILE_MISSING agent: There is no agent "wirter".']],
  [
    agent({ agent: 'broken' }),
    ['AGENT_FILE_INVALID agent: The agent "broken" cannot be used: .github/agents/broken.agent.md, line 3: This is no YAML.'],
  ],
  [
    agent({ tools: ['read', 'files/raed'] }),
    ['TOOL_NAME_UNKNOWN 1: There is no tool "files/raed"; there are files/read, files/list, files/search, files/edit, files/write.'],
  ],
  [tool('vscode/x'), []],
  [tool('http/get'), []],
  [tool('read'), ['TOOL_NAME_UNKNOWN tool: "read" has no server in front, and is none of Belay\'s own tools.']],
  [tool('github/*'), ['TOOL_NAME_UNKNOWN tool: "github/*" stands for several tools.']],
  [tool('command/rum'), ['TOOL_NAME_UNKNOWN tool: There is no tool "command/rum"; there are command/run.']],
])('%j', (nodes, problems) => {
  expect(lint(nodes)).toEqual(problems);
});

test('an agent is not asked for a gate of its own: each of its actions has one; a tool is', () => {
  const read = { type: 'file', with: { action: 'read', path: 'a.txt' } };
  const data = { $expr: 'steps.read.output.text' };
  const codes = (node: JsonObject): string[] => lint({ read, it: { ...node, after: { read: 'success' } } }).map((it) => it.split(' ')[0]!);
  expect(codes({ type: 'agent', with: { agent: 'writer', task: 'x', context: data } })).toEqual([]);
  expect(codes({ type: 'tool', with: { tool: 's/t', arguments: { a: data } } })).toEqual(['IRREVERSIBLE_UNGATED']);
});
