import type { Json, JsonObject } from '../../../format/json.ts';
import type { NodeSpec } from '../../../format/model.ts';
import { textOf } from '../../../messages.ts';
import type { AssistantPart } from '../../../ports.ts';
import type { FakeTool } from '../../../testing/fake-tools.ts';
import { answered, type TestWorld, type TestWorldOptions, testWorld } from '../../../testing/harness.ts';

/** What the model decides in one turn. A text: its answer. */
export type Decision = string | { use: string; args?: Json; raw?: string }[] | { final: Json };

/** A model that makes these decisions, whichever way it has to put them. */
function decides(decisions: readonly Decision[], way: 'calls' | 'words'): NonNullable<TestWorldOptions['model']> {
  return (request) => {
    const turn = request.messages.filter(({ role }) => role === 'assistant').length;
    const decision = decisions[turn] ?? 'That is all.';
    if (typeof decision === 'string') return way === 'calls' ? decision : JSON.stringify({ final: decision });
    if ('final' in decision) return way === 'calls' ? JSON.stringify(decision.final) : JSON.stringify(decision);
    const [first] = decision;
    if (way === 'words') return first?.raw ?? JSON.stringify({ action: first?.use, arguments: first?.args ?? {} });
    return decision.map(
      ({ use, args, raw }, at): AssistantPart => ({
        type: 'toolCall',
        id: `t${turn}.${at}`,
        name: use,
        arguments: raw ?? JSON.stringify(args ?? {}),
      }),
    );
  };
}

export const use = (name: string, args: JsonObject = {}): Decision => [{ use: name, args }];

export interface Case extends Omit<TestWorldOptions, 'nodes'> {
  decisions: readonly Decision[];
  way?: 'calls' | 'words';
  /** Text of the agent's file; default: one with these tools. */
  agent?: string;
  agents?: Record<string, string>;
  agentTools?: string;
  node?: Partial<NodeSpec>;
  with?: JsonObject;
  tools?: Record<string, FakeTool>;
}

export const fileOf = (tools: string, more = ''): string => `---\ntools: [${tools}]\n${more}---\nYou work.`;

export function worldOf({
  decisions,
  way = 'calls',
  agent,
  agents,
  agentTools = 'srv/*, files/read',
  node,
  with: params,
  ...more
}: Case): TestWorld {
  const files: Record<string, string> = { worker: agent ?? fileOf(agentTools), ...agents };
  return testWorld({
    nodes: { a: { type: 'agent', with: { agent: 'worker', task: 'Do it.', ...params }, ...node } },
    model: decides(decisions, way),
    capabilities: { tools: way === 'calls' },
    ...more,
    start: {
      readFile: async (path) => files[/^\.\.\/\.github\/agents\/(.*)\.agent\.md$/.exec(path)?.[1] ?? ''],
      ...more.start,
    },
  });
}

/** Runs to the end; gates are answered with `yes`. */
export async function run(options: Case, yes: (title: string) => boolean = () => true) {
  const world = worldOf(options);
  const handle = await world.start();
  const asked: string[] = [];
  await answered(world, handle, ({ request }) => {
    asked.push(`${request.kind} ${request.title}`);
    return yes(request.title) ? 'approved' : 'rejected';
  });
  const node = handle.view().nodes.a;
  if (!node) throw new Error('the run has no node');
  const { output, error, attempts } = node;
  const actions = attempts.flatMap(({ args, output: result, error: failure }) => {
    const it = args as JsonObject | undefined;
    return typeof it?.tool === 'string' ? [{ tool: it.tool, args: it.arguments, result, failure: failure?.code }] : [];
  });
  return { world, handle, asked, output, error, actions, steps: attempts.map(({ step }) => step.slice(2)), outcome: await handle.done };
}

/** What the model was told last. */
export const lastTold = (world: TestWorld): string => textOf(world.requests.at(-1)?.messages.at(-1) ?? { content: '' });
/** Keeps `at` of every call. */
export const keeping = (calls: Json[]): FakeTool => ({
  run({ at }) {
    calls.push(at ?? null);
    return { content: [{ type: 'text', text: `sent ${String(at)}` }] };
  },
});
export const said = (text: string): FakeTool => ({ effect: 'read', run: () => ({ content: [{ type: 'text', text }] }) });
