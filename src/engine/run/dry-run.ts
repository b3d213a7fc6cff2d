/**
 * A dry run: every node has its turn, its parameters are resolved, and what it would do is written down instead of done. It stands
 * between the runner and the durable context, so no node type has to know of it; the ports behind it refuse what must not be touched.
 */

import type { Awaitable } from '../awaitable.ts';
import type { Json, JsonSchema } from '../format/json.ts';
import type { StepInfo } from '../nodes/executor.ts';
import type { Clock, EnginePorts } from '../ports.ts';
import type { Arrival, DurableContext, Mark, StepSpec, Strand, StrandResult } from './context.ts';
import type { SignalReply, SignalRequest } from './events.ts';
import { NO_RETRY } from './retry.ts';
import { sampleOf } from './sample.ts';

/** Who is said to have answered. */
const DRY_RUN = 'dry run';

/** A step that would have left the run was written down and not performed: there is no result to go on with. */
export class NotPerformed extends Error {
  constructor() {
    super('A dry run performs nothing');
    this.name = 'NotPerformed';
  }
}

export class DryContext implements DurableContext {
  readonly #inner: DurableContext;
  readonly #clock: Clock;

  /** `clock` says when the assumed answers were given. */
  constructor(inner: DurableContext, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  get node(): string {
    return this.#inner.node;
  }

  get cancellation(): AbortSignal {
    return this.#inner.cancellation;
  }

  record(mark: Mark): void {
    this.#inner.record(mark);
  }

  now(name: string): Promise<number> {
    return this.#inner.now(name);
  }

  random(name: string): Promise<number> {
    return this.#inner.random(name);
  }

  /** What only computes is computed. Anything else throws `NotPerformed` when it has been written down. */
  async step(name: string, spec: StepSpec, perform: (info: StepInfo) => Promise<Json>): Promise<Json> {
    if (spec.effect === 'none') return this.#inner.step(name, spec, perform);
    await this.#inner.step(name, { ...spec, retry: NO_RETRY, rehearsed: true }, async ({ note }) => {
      note({ dry: true });
      return null;
    });
    throw new NotPerformed();
  }

  /** Nobody waits in a dry run. */
  async sleep(): Promise<void> {}

  /** Questions are shown and not asked: a yes is assumed, which nothing is done on. */
  signal(name: string, request: SignalRequest): Promise<SignalReply | undefined> {
    return this.#inner.signal(name, request, { answer: assumedAnswer(request, this.#clock.now()) });
  }

  spawn(node: string, body: (context: DurableContext) => Awaitable<StrandResult>, patient?: 'patient'): Strand {
    return this.#inner.spawn(node, (context) => body(new DryContext(context, this.#clock)), patient);
  }

  arrived(): Arrival | undefined {
    return this.#inner.arrived();
  }

  first(): Promise<Arrival> {
    return this.#inner.first();
  }

  /** One pass is shown of each loop, and that is not skipped. */
  skipEnded(): undefined {
    return undefined;
  }

  cancel(strand: Strand, reason: unknown): void {
    this.#inner.cancel(strand, reason);
  }

  hasSlept(): boolean {
    return false;
  }

  deadline(name: string, ms: number, over: AbortSignal): number {
    return this.#inner.deadline(name, ms, over);
  }

  changedTheWorld(): boolean {
    return false;
  }
}

function assumedAnswer(request: SignalRequest, at: number): SignalReply {
  const by = { by: DRY_RUN, at };
  switch (request.kind) {
    case 'approval':
    case 'gate':
    case 'consent':
      return { decision: 'approved', ...by };
    case 'signal':
      return { decision: 'received', value: sampleOf((request.schema ?? true) as JsonSchema, request.name), ...by };
    case 'reply':
      return { decision: 'replied', value: '', ...by };
    case 'recordingMissing':
      return { decision: 'byHand', value: '', ...by };
    case 'inDoubt':
      return { decision: 'abort', ...by };
    case 'budget':
      return { decision: 'more', ...by };
    default:
      return request satisfies never;
  }
}

/** Ports by which nothing can be asked, started or changed, whatever a node type does outside of its steps. */
export function dryPorts(ports: EnginePorts): EnginePorts {
  const { models, files } = ports;
  return {
    ...ports,
    models: refusing<EnginePorts['models']>('models', { resolve: (name) => models.resolve(name) }),
    cassettes: refusing<EnginePorts['cassettes']>('cassettes', {}),
    tools: refusing<EnginePorts['tools']>('tools', {}),
    commands: refusing<EnginePorts['commands']>('commands', {}),
    http: refusing<EnginePorts['http']>('http', {}),
    files: refusing<EnginePorts['files']>('files', {
      root: files.root,
      resolve: (path, from) => files.resolve(path, from),
      hash: (absolute) => files.hash(absolute),
    }),
    state: refusing<EnginePorts['state']>('state', {}),
    secrets: refusing<EnginePorts['secrets']>('secrets', { redact: (text) => ports.secrets.redact(text) }),
  };
}

/** A defect of a node type if it ever throws: what leaves the run belongs into a step. */
function refusing<P extends object>(port: string, allowed: Partial<P>): P {
  return new Proxy(allowed, {
    get(target, key) {
      if (Object.hasOwn(target, key)) return Reflect.get(target, key);
      throw new Error(`A dry run must not use ${port}.${String(key)}`);
    },
  }) as P;
}
