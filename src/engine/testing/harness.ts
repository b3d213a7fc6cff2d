/** Runs flows in memory: the real engine with the real node types, and one more whose steps a test writes itself. */
import * as z from 'zod';
import type { Json, JsonObject } from '../format/json.ts';
import type { NodeCatalog } from '../format/manifest.ts';
import { defineManifest, field, SUCCESS } from '../format/manifest.ts';
import type { Effect, Flow, NodeSpec } from '../format/model.ts';
import { effectSchema } from '../format/model.ts';
import { catalog as builtCatalog } from '../nodes/catalog.ts';
import type { NodeContext, NodeExecutor, StepInfo, StepOptions } from '../nodes/executor.ts';
import { executors as builtExecutors } from '../nodes/executors.ts';
import type { RunHandle, StartRequest } from '../run/api.ts';
import type { RunEvent } from '../run/events.ts';
import { RunService } from '../run/service.ts';
import { openSignals } from '../run/view.ts';
import { quiet } from './fake-clock.ts';
import type { FakeHost, FakeHostOptions } from './fake-ports.ts';
import { fakeHost } from './fake-ports.ts';

const workParams = () =>
  z.strictObject({
    effect: field(effectSchema().optional(), { title: 'Effect', description: 'Of its one step.' }, { kind: 'literal' }),
    say: field(z.string().optional(), { title: 'Say', description: 'A value the step uses.' }, { kind: 'template' }),
  });

/** A node with one step, `do`, that does what the test says. */
const work = defineManifest({
  type: 'work',
  title: 'Work',
  description: 'Does what the test says.',
  icon: 'gear',
  category: 'Tools',
  params: workParams,
  built: true,
  outlets: () => [SUCCESS],
  effect: ({ effect }) => (effect as Effect | undefined) ?? 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: () => '',
  output: () => true,
  initial: {},
  example: { title: 'Work', with: {} },
});

const testCatalog: NodeCatalog = new Map([...builtCatalog, ['work', work]]);

/** What a step does: gives a value back or throws. `undefined` stands for the node's id as the value. */
export type Deed = (info: StepInfo, context: NodeContext) => Json | Promise<Json>;

export interface TestWorldOptions extends FakeHostOptions {
  nodes: Record<string, Partial<NodeSpec>>;
  flow?: Partial<Flow>;
  /** By path, or by id for a node in every pass. */
  deeds?: Record<string, Deed>;
  reconcile?: StepOptions['reconcile'];
  start?: Partial<StartRequest>;
}

export interface TestWorld extends FakeHost {
  service: RunService;
  /** `node#attempt` for each time a step of a `work` node was performed. */
  performed: string[];
  start(): Promise<RunHandle>;
  /** The journal of a run, without what differs from run to run. */
  story(runId: string): string[];
}

export function testWorld(options: TestWorldOptions): TestWorld {
  const host = fakeHost(options);
  const performed: string[] = [];
  const executors = new Map<string, NodeExecutor>([...builtExecutors, ['work', workExecutor(options, performed)]]);
  const service = new RunService({ ports: host.ports, catalog: testCatalog, executors, hostKind: 'test', version: '0.0.0' });
  const nodes = Object.fromEntries(Object.entries(options.nodes).map(([id, node]) => [id, { type: 'work', ...node }]));
  const flow = { version: 1, ...options.flow, nodes };
  return {
    ...host,
    service,
    performed,
    start: () =>
      service.start({
        flowPath: 'flows/test.flow.json',
        flowText: JSON.stringify(flow),
        inputs: {},
        mode: 'live',
        readFile: async () => undefined,
        ...options.start,
      }),
    story: (runId) => host.runs.events(runId).map(line),
  };
}

/** Lets a run go on to its end, and decides every question of it as `decide` says. */
export async function answered(
  { service }: Pick<TestWorld, 'service'>,
  handle: RunHandle,
  decide: (signal: ReturnType<typeof openSignals>[number]) => string,
): Promise<void> {
  let over = false;
  void handle.done.finally(() => {
    over = true;
  });
  while (!over) {
    await quiet();
    for (const signal of openSignals(handle.view())) {
      await service.decide(handle.id, signal.key, { decision: decide(signal), by: 'ada', at: 0 });
    }
  }
}

function workExecutor({ deeds, reconcile }: TestWorldOptions, performed: string[]): NodeExecutor {
  return {
    type: 'work',
    async run(params, context) {
      const args: JsonObject = params.say === undefined ? {} : { say: params.say };
      const step: StepOptions = { effect: (params.effect as Effect | undefined) ?? 'none', args, ...(reconcile ? { reconcile } : {}) };
      const output = await context.step<Json>('do', step, async (info) => {
        performed.push(`${context.node}#${info.attempt}`);
        const deed = deeds?.[context.node] ?? deeds?.[context.id];
        return deed ? deed(info, context) : context.node;
      });
      return { outlet: 'success', output };
    },
  };
}

/** An event in a few words. */
export function line(event: RunEvent): string {
  switch (event.type) {
    case 'node.finished':
      return `${event.node} -> ${event.outlet}${event.error ? ` ${event.error.code}` : ''}`;
    case 'node.skipped':
      return `${event.node} skipped ${event.reason}`;
    case 'node.started':
      return `${event.node} started`;
    case 'step.started':
      return `${event.step}#${event.attempt} started`;
    case 'step.finished':
      return `${event.step}#${event.attempt} ${event.error?.code ?? 'ok'}${event.retryInMs === undefined ? '' : ` again in ${event.retryInMs}`}`;
    case 'timer.set':
    case 'timer.fired':
      return `${event.key} ${event.type}`;
    case 'signal.requested':
      return `${event.key} asked: ${event.request.kind}`;
    case 'signal.received':
      return `${event.key} answered: ${event.reply.decision} by ${event.reply.by}`;
    case 'run.finished':
      return `run ${event.outcome}`;
    default:
      return event.type;
  }
}
