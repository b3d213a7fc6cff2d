/** The same scenario done by the real engine, on a clock that stands still until everything that can happen has happened. */
import * as z from 'zod';
import { BelayError } from '../../src/engine/errors.ts';
import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';
import type { NodeCatalog } from '../../src/engine/format/manifest.ts';
import { defineManifest, field, SUCCESS } from '../../src/engine/format/manifest.ts';
import type { Effect as EffectKind } from '../../src/engine/format/model.ts';
import { effectSchema } from '../../src/engine/format/model.ts';
import { catalog as builtCatalog } from '../../src/engine/nodes/catalog.ts';
import type { NodeExecutor } from '../../src/engine/nodes/executor.ts';
import { executors as builtExecutors } from '../../src/engine/nodes/executors.ts';
import type { RunHandle } from '../../src/engine/run/api.ts';
import type { RunEvent } from '../../src/engine/run/events.ts';
import { RunService } from '../../src/engine/run/service.ts';
import { quiet } from '../../src/engine/testing/fake-clock.ts';
import type { FakeHost } from '../../src/engine/testing/fake-ports.ts';
import { fakeHost } from '../../src/engine/testing/fake-ports.ts';
import type { Effect, Fate, Scenario, Trace } from './scenario.ts';
import { idOf, performance } from './scenario.ts';

/** Longer than any scenario runs, in ms of its own time. */
const LONGEST = 600_000;

const work = defineManifest({
  type: 'work',
  title: 'Work',
  description: 'One step that goes as its script says.',
  icon: 'gear',
  category: 'Tools',
  params: () =>
    z.strictObject({
      effect: field(effectSchema().optional(), { title: 'Effect', description: 'Of its step.' }, { kind: 'literal' }),
      say: field(z.json().optional(), { title: 'Say', description: 'What it gives back.' }, { kind: 'value' }),
    }),
  built: true,
  outlets: () => [SUCCESS, { name: 'other', label: 'other', tone: 'normal', unconnected: 'ends' }],
  effect: ({ effect }) => (effect as EffectKind | undefined) ?? 'none',
  lowestEffect: () => 'none',
  resultTrust: 'derived',
  summary: () => '',
  output: () => ({}),
  initial: {},
  example: { title: 'Work', with: {} },
});

const catalog: NodeCatalog = new Map([...builtCatalog, ['work', work]]);

/** Which of the types the engine can run. */
export function isBuilt(type: string): boolean {
  return (
    type === 'work' || (catalog.get(type)?.built === true && builtExecutors.has(type) && (type !== 'end' || builtExecutors.has('loop')))
  );
}

/** A process that runs a scenario; several of them may follow each other on one disk. */
export class Performer {
  readonly effects: Effect[] = [];
  /** The idempotency keys its steps were given, by path. */
  readonly keys = new Map<string, string>();
  readonly host: FakeHost;
  readonly service: RunService;
  readonly #scenario: Scenario;
  readonly #start: number;
  #dead = false;
  readonly #doubted = new Set<string>();

  /** `before`: the process whose disk and clock it shares. */
  constructor(scenario: Scenario, before?: Performer) {
    this.#scenario = scenario;
    this.host = fakeHost(before ? { runs: before.host.runs, clock: before.host.clock } : {});
    this.#start = before ? before.#start : this.host.clock.now();
    const executors = new Map([...builtExecutors, ['work', this.#executor()]]);
    this.service = new RunService({ ports: this.host.ports, catalog, executors, hostKind: 'test', version: '0.0.0' });
  }

  /** Dies as the run's journal has so many events: nothing it still does happens. `powerCut`: what was not synced is gone as well. */
  dieAt(run: RunHandle, events: number, powerCut: boolean): { isDead(): boolean } {
    run.onEvent((event) => {
      if (this.#dead || !('seq' in event) || event.seq + 1 < events) return;
      this.#dead = true;
      this.host.runs.crash(run.id, powerCut ? this.host.runs.syncedEvents(run.id).length : undefined);
    });
    return { isDead: () => this.#dead };
  }

  start(): Promise<RunHandle> {
    const { flow, files } = this.#scenario;
    return this.service.start({
      flowPath: 'main.flow.json',
      flowText: JSON.stringify(flow),
      inputs: {},
      mode: 'live',
      readFile: async (path) => (files[path] ? JSON.stringify(files[path]) : undefined),
    });
  }

  /** Lets time pass until the run is over, or until `enough` says so; answers what is asked when the scenario says. */
  async follow(run: RunHandle, enough: () => boolean = () => false): Promise<void> {
    const { clock } = this.host;
    let over = false;
    const ended = run.done.finally(() => {
      over = true;
    });
    ended.catch(() => undefined);
    const answered = new Set<string>();
    while (!over && !enough()) {
      await this.#settled(run);
      if (over || enough()) break;
      const open = openQuestions(run.events()).filter(({ key }) => !answered.has(key));
      const due = open.map((event) => ({ ...event, at: event.t + this.#answerTo(event).after }));
      const next = Math.min(clock.next ?? Number.POSITIVE_INFINITY, ...due.map(({ at }) => at));
      if (next - this.#start > LONGEST) throw new Error(`nothing moves any more:\n${JSON.stringify(run.events(), null, 1)}`);
      await clock.advance(Math.max(0, next - clock.now()));
      for (const event of due.filter(({ at }) => at <= clock.now())) {
        const { decision } = this.#answerTo(event);
        answered.add(event.key);
        if (event.request.kind === 'inDoubt') this.#doubted.add(event.node);
        await this.service.decide(run.id, event.key, { decision, by: 'ada, test', at: clock.now() });
      }
    }
    if (over) await ended;
  }

  trace(runId: string): Trace {
    const trace: Trace = { effects: this.effects, fates: {}, outcome: 'stuck', error: null, outputs: null };
    for (const event of this.host.runs.events(runId)) {
      if (event.type === 'run.finished') {
        trace.outcome = event.outcome;
        trace.error = event.outcome === 'failed' ? (event.error?.code ?? null) : null;
        trace.outputs = event.outcome === 'succeeded' ? plain(event.outputs ?? {}) : null;
      }
      const fate = fateOf(event);
      if (fate) trace.fates[fate.path] = { t: event.t - this.#start, is: fate.is };
    }
    return trace;
  }

  #answerTo({ key, node, request }: Question): { after: number; decision: string } {
    const answer = this.#scenario.answers[idOf(node)];
    if (!answer) throw new Error(`nobody was to ask ${key}`);
    if (request.kind !== 'inDoubt') return answer;
    return { after: answer.after, decision: this.#doubted.has(node) ? 'abort' : answer.doubt };
  }

  /** Until nothing happens any more at this moment. */
  async #settled(run: RunHandle): Promise<void> {
    let before = -1;
    while (before !== run.events().length + this.effects.length) {
      before = run.events().length + this.effects.length;
      await quiet();
    }
  }

  #executor(): NodeExecutor {
    const { clock } = this.host;
    return {
      type: 'work',
      run: async (params, context) => {
        const said = (params.say ?? null) as Json;
        const effect = (params.effect as EffectKind | undefined) ?? 'none';
        const ended = await context.step<string>('do', { effect, args: { say: said } }, async ({ attempt, signal, idempotencyKey }) => {
          const { takes, ends } = performance(this.#scenario, context.node, attempt);
          const note = (what: Effect['what'], value: Json): void => {
            if (this.#dead) return;
            this.keys.set(context.node, idempotencyKey);
            this.effects.push({ t: clock.now() - this.#start, what, path: context.node, attempt, value });
          };
          note('start', plain(said));
          try {
            await clock.sleep(takes, signal);
          } catch (reason) {
            note('end', 'aborted');
            throw reason;
          }
          note('end', ends);
          if (ends !== 'success' && ends !== 'other') throw new BelayError('SCRIPTED', 'As scripted.', { hint: 'None.', kind: ends });
          return ends;
        });
        return { outlet: ended, output: said };
      },
    };
  }
}

function fateOf(event: RunEvent): { path: string; is: string } | undefined {
  if (event.type === 'node.skipped') return event.reason === 'cancelled' ? undefined : { path: event.node, is: `skipped ${event.reason}` };
  if (event.type !== 'node.finished') return undefined;
  if (event.node.endsWith(']')) return { path: event.node, is: event.outlet === 'failure' ? 'failure' : 'done' };
  return { path: event.node, is: event.error ? `${event.outlet} ${event.error.code}` : event.outlet };
}

type Question = Extract<RunEvent, { type: 'signal.requested' }>;

function openQuestions(events: readonly RunEvent[]): Question[] {
  const closed = new Set(events.flatMap((event) => (event.type === 'signal.received' ? [event.key] : [])));
  return events.flatMap((event) => (event.type === 'signal.requested' && !closed.has(event.key) ? [event] : []));
}

/** Without what is written for people only: the words of errors and approvals, and the time of day. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, entry]) => [key, plain(entry)]);
  const object = Object.fromEntries(entries) as JsonObject;
  if ('valid' in object && 'problems' in object) return { valid: object.valid ?? null, value: object.value ?? null };
  if ('decision' in object && 'by' in object) return { decision: object.decision ?? null };
  if ('at' in object && 'value' in object) return { value: object.value ?? null };
  return 'code' in object && 'hint' in object ? { ...object, message: '', hint: '' } : object;
}

/** A trace as lines to compare, in the order of time; what happened at one moment by name. `isVague`: what may be missing. */
export function lines(trace: Trace, isVague: (path: string, t: number) => boolean): string[] {
  const began = (path: string, attempt: number, before: number): number =>
    Math.max(
      ...trace.effects
        .filter((it) => it.what === 'start' && it.path === path && it.attempt === attempt && it.t <= before)
        .map(({ t }) => t),
    );
  const effects = trace.effects
    .filter((it) => !isVague(it.path, it.t) || (it.what === 'end' && began(it.path, it.attempt, it.t) < it.t))
    .map((it) => ({ t: it.t, text: `${it.what} ${it.path}#${it.attempt} ${JSON.stringify(sorted(it.value))}` }));
  const fates = Object.entries(trace.fates)
    .filter(([path, { t }]) => !isVague(path, t))
    .map(([path, { t, is }]: [string, Fate]) => ({ t, text: `${path} -> ${is}` }));
  const all = [...effects, ...fates].sort((a, b) => a.t - b.t || (a.text < b.text ? -1 : 1)).map(({ t, text }) => `${t} ${text}`);
  return [...all, `${trace.outcome} ${trace.error ?? ''}`.trim(), JSON.stringify(sorted(trace.outputs))];
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}
