import type { RunEvent } from '../../engine/run/events.ts';
import { nestingOf } from '../../engine/run/nesting.ts';
import { ancestorsOf, parentOf } from '../../engine/run/paths.ts';
import type { NodeState, RunView } from '../../engine/run/view.ts';
import type { RunSource } from './source.ts';

/** A sub-flow of a run, as lists show it. */
export interface SubFlowLine {
  /** The path of its pass. */
  pass: string;
  /** The sub-flow in which it ran; absent: the run's own flow. */
  parent?: string;
  title: string;
  flow: string;
  state: NodeState;
  startedAt: number;
  finishedAt?: number;
}

/** Every sub-flow that has begun in the run, in the order in which they did. */
export function subFlowsOf(view: RunView): SubFlowLine[] {
  const { passes } = nestingOf(view);
  return Object.values(view.nodes).flatMap(({ node, flow, title, startedAt, finishedAt }): SubFlowLine[] => {
    if (flow === undefined || startedAt === undefined) return [];
    const parent = ancestorsOf(node).find((path) => view.nodes[path]?.flow !== undefined);
    const state = passes.get(parentOf(node))?.find((pass) => pass.path === node)?.state ?? 'running';
    const line = { pass: node, title: title || flow, flow, state, startedAt };
    return [{ ...line, ...(parent === undefined ? {} : { parent }), ...(finishedAt === undefined ? {} : { finishedAt }) }];
  });
}

type FlowStarted = Extract<RunEvent, { type: 'flow.started' }>;

/** Where a sub-flow began in a run: `pass` is the path of its pass. */
export function subFlowStart(events: readonly RunEvent[], pass: string): FlowStarted | undefined {
  return events.find((event): event is FlowStarted => event.type === 'flow.started' && event.node === pass);
}

/**
 * What of a run happened in one of its sub-flows, as if that had been run by itself: paths begin at the sub-flow, and the end of its
 * pass is the end of the run. Questions keep their keys, so that they can be answered there too.
 */
export function subFlowEvents(events: readonly RunEvent[], pass: string): RunEvent[] {
  const inside = `${pass}/`;
  const start = subFlowStart(events, pass);
  let over = false;
  return events.flatMap((event): RunEvent[] => {
    if (over) return [];
    if (event.type === 'run.created') {
      if (!start) return [event];
      const { approved: _approved, ...run } = event.run;
      return [{ ...event, t: start.t, run: { ...run, flow: start.flow, title: start.title, inputs: start.inputs as typeof run.inputs } }];
    }
    if (!('node' in event)) return [event];
    if (event.node.startsWith(inside)) return [{ ...event, node: event.node.slice(inside.length) }];
    if (event.node !== pass) return [];
    const { seq, t } = event;
    if (event.type === 'node.skipped') {
      over = true;
      return [{ seq, t, type: 'run.finished', outcome: 'cancelled' }];
    }
    if (event.type !== 'node.finished') return [];
    over = true;
    const { error, output } = event;
    return [{ seq, t, type: 'run.finished', outcome: error ? 'failed' : 'succeeded', outputs: output, ...(error ? { error } : {}) }];
  });
}

/** A sub-flow of a run, to be shown on the graph of its own file. Owns the source it is made from. */
export function subFlowSource(source: RunSource, pass: string): RunSource {
  return {
    id: source.id,
    root: source.root,
    pass,
    get events() {
      return subFlowEvents(source.events, pass);
    },
    get interrupted() {
      return source.interrupted;
    },
    // The frozen text of a sub-flow is not asked for: what is shown has to be looked at with that in mind.
    flowText: undefined,
    onDidAppend: (listener, thisArgs, disposables) =>
      source.onDidAppend(
        ({ events, live }) => {
          const inside = `${pass}/`;
          const fresh = new Set(events.map(({ seq }) => seq));
          listener.call(thisArgs, {
            events: subFlowEvents(source.events, pass).filter(({ seq }) => fresh.has(seq)),
            live: live.flatMap((event) => (event.node.startsWith(inside) ? [{ ...event, node: event.node.slice(inside.length) }] : [])),
          });
        },
        undefined,
        disposables,
      ),
    onDidReset: source.onDidReset,
    dispose: () => source.dispose(),
  };
}
