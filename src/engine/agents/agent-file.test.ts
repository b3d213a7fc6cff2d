import { describe, expect, it } from 'vitest';
import { fc } from '../testing/fast-check.ts';
import { parseAgent, readAgent } from './agent-file.ts';
import { BUILT_IN_AGENTS, builtInAgent } from './built-in.ts';
import { agentFaults } from './check.ts';
import { delegatesOf } from './reached.ts';

const file = (front: string, body = 'Do it.'): string => `---\n${front}\n---\n${body}\n`;

describe('an agent file', () => {
  it('of VS Code is read, and what Belay does not know is kept', () => {
    const { agent, problems } = parseAgent(
      'planner',
      file(
        [
          'name: Planner',
          'description: Plans.',
          "model: ['Claude Sonnet 4.5 (copilot)', smart]",
          "tools: ['search', 'github/*']",
          'agents: [writer]',
          'handoffs:',
          '  - label: Write it',
          '    agent: writer',
          '    prompt: Now write.',
          '    send: false',
          'argument-hint: what to plan',
          'target: vscode',
        ].join('\n'),
      ),
    );
    expect(problems).toEqual([]);
    expect(agent).toEqual({
      name: 'planner',
      title: 'Planner',
      description: 'Plans.',
      models: ['Claude Sonnet 4.5 (copilot)', 'smart'],
      tools: ['search', 'github/*'],
      agents: ['writer'],
      handOffs: [{ agent: 'writer', label: 'Write it', prompt: 'Now write.' }],
      instructions: 'Do it.',
      others: { 'argument-hint': 'what to plan', target: 'vscode' },
    });
  });

  it.each([
    ['no front matter', 'Just do it.', { title: 'x', tools: [], instructions: 'Just do it.' }],
    ['an empty one', file(''), { title: 'x', tools: [] }],
    ['a list with commas', file('tools: read, search'), { tools: ['read', 'search'] }],
    ['one model', file('model: fast'), { models: ['fast'] }],
    ['Windows line ends and a mark in front', `\ufeff${file('name: X').replaceAll('\n', '\r\n')}`, { title: 'X', instructions: 'Do it.' }],
    ['nulls', file('tools:\nname:'), { tools: [], title: 'x' }],
  ])('with %s is one', (_what, text, agent) => {
    expect(parseAgent('x', text)).toMatchObject({ agent, problems: [] });
  });

  it.each<[string, string, [number, number, RegExp][]]>([
    ['no end of its front matter', '---\nname: x\nDo it.', [[1, 1, /no end/]]],
    ['broken YAML', file('name: x\ntools: [read'), [[3, 13, /no YAML/]]],
    ['a tab', file('name: x\n\ttools: [a]'), [[3, 1, /no YAML/]]],
    ['a key twice', file('name: x\nname: y'), [[3, 1, /no YAML/]]],
    ['a list for a name', file('name: [x]'), [[2, 7, /"name" has to be a text/]]],
    ['numbers for tools', file('description: d\ntools: [1]'), [[3, 8, /"tools" has to be a list/]]],
    ['hand-offs without an agent', file('handoffs:\n  - label: x'), [[3, 5, /needs "agent"/]]],
    ['hand-offs that are no list', file('handoffs: {a: b}'), [[2, 11, /has to be a list/]]],
    ['a list as front matter', file('- a'), [[2, 1, /"key: value"/]]],
    ['no instructions', file('name: x', ''), [[1, 1, /no instructions/]]],
    [
      'aliases that explode',
      file(`a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]`),
      [[2, 1, /no YAML/]],
    ],
  ])('with %s says where', (_what, text, expected) => {
    const { problems } = parseAgent('x', text);
    expect(problems.map(({ line, column }) => [line, column])).toEqual(expected.map(([line, column]) => [line, column]));
    for (const [at, [, , message]] of expected.entries()) expect(problems[at]!.message).toMatch(message);
    expect(() => readAgent('x', text)).toThrow(/\.github\/agents\/x\.agent\.md, line \d+: /);
  });

  it('never throws, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('-', '\n', ':', ' ', '[', ']', '&a', '*a', '"', 'tools', '\t', '{', '!', '|', '%') }),
        (text) => {
          for (const { line, column } of parseAgent('x', `---\n${text}`).problems) expect(Math.min(line, column)).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('agents that ship with Belay', () => {
  it.each(BUILT_IN_AGENTS)('%s can be used as it is', (name) => {
    expect(agentFaults(name, { read: () => undefined })).toEqual([]);
  });

  it.each([
    ['assistant', [], []],
    ['commander', ['read', 'search', 'execute', 'agent'], ['assistant', 'filesurfer', 'websurfer']],
    ['filesurfer', ['read', 'search', 'edit'], []],
    ['websurfer', ['web'], []],
  ])('%s has the tools %j', (name, tools, others) => {
    const agent = readAgent(name, builtInAgent(name)!);
    expect([agent.tools, delegatesOf(agent)]).toEqual([tools, others]);
  });
});

describe('what an agent names', () => {
  const faults = (front: string): string[] | undefined =>
    agentFaults('x', { read: (path) => ({ '.github/agents/x.agent.md': file(front), 'f.flow.json': '{}' })[path] });

  it.each<[string, RegExp[]]>([
    ['tools: [read, "github/*", files/read, flow/f.flow.json, agent/assistant, todo]', []],
    ['name: x\ntools: [files/raed]', [/line 3: There is no tool "files\/raed"; there are files\/read/]],
    ['tools: [nothing]', [/line 2: "nothing" has no server/]],
    ['tools: [flow/none.flow.json]', [/There is no flow "none.flow.json"/]],
    ['tools: [agent]\nagents: [nobody]', [/line 3: There is no agent "nobody"/]],
    ['handoffs: [{agent: nobody}]', [/There is no agent "nobody"/]],
  ])('%s', (front, expected) => {
    const found = faults(front)!;
    expect(found).toHaveLength(expected.length);
    for (const [at, message] of expected.entries()) expect(found[at]).toMatch(message);
  });

  it('that is not there is no agent', () => {
    expect(agentFaults('nobody', { read: () => undefined })).toBeUndefined();
  });
});
