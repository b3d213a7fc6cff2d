import { describe, expect, test } from 'vitest';
import type { Json } from '../format/json.ts';
import type { NodeSpec } from '../format/model.ts';
import { fakeHost } from '../testing/fake-ports.ts';
import type { TestWorld, TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import type { StartRequest } from './api.ts';
import { dryPorts } from './dry-run.ts';
import { sampleOf } from './sample.ts';
import type { NodeView, RunView } from './view.ts';

type Nodes = Record<string, Partial<NodeSpec>>;
const behind = (source: string, outlet = 'success'): Pick<NodeSpec, 'after'> => ({ after: { [source]: outlet } });

async function rehearse(options: TestWorldOptions): Promise<{ world: TestWorld; view: RunView; outcome: string }> {
  const world = testWorld({ ...options, start: { ...options.start, dry: true } });
  const handle = await world.start();
  const outcome = await handle.done;
  return { world, view: handle.view(), outcome };
}

const wouldDo = ({ attempts }: NodeView): Json[] =>
  attempts.map(({ effect, args, dry }) => ({ effect, args: args ?? null, dry: dry ?? false }));

/** Every node type that leaves the run, and the ones that decide. */
const everything: Nodes = {
  read: { type: 'file', with: { action: 'read', path: 'in.txt' } },
  ask: { type: 'prompt', ...behind('read'), with: { prompt: 'About: {{ steps.read.output.text }}', fallback: ['smart'] } },
  shaped: {
    type: 'prompt',
    ...behind('ask'),
    output: { type: 'object', properties: { rate: { type: 'integer' }, tags: { type: 'array', items: { enum: ['x', 'y'] } } } },
    with: { prompt: 'Rate {{ steps.ask.output.text }}' },
  },
  kind: {
    type: 'branch',
    ...behind('shaped'),
    with: { cases: [{ name: 'good', when: 'steps.shaped.output.rate > 3' }] },
  },
  yes: { type: 'approval', ...behind('kind', 'case:good'), with: { message: 'Send {{ steps.ask.output.text }}?' } },
  send: {
    type: 'command',
    ...behind('yes', 'approved'),
    with: { run: ['mail', '{{ steps.ask.output.text }}'], env: { KEY: '{{ secrets.mail }}' } },
  },
  store: {
    type: 'file',
    ...behind('kind', 'else'),
    gate: true,
    with: { action: 'write', path: 'out.txt', content: '{{ steps.shaped.output.tags[0] }}' },
  },
  log: { type: 'file', ...behind('store'), with: { action: 'append', path: 'log.txt', content: 'x' } },
  remember: { type: 'state', ...behind('log'), with: { action: 'set', key: 'k', value: 1 } },
  recall: { type: 'state', ...behind('remember'), with: { action: 'get', key: 'k' } },
  pause: { type: 'wait', ...behind('recall'), with: { for: '10d' } },
  hear: { type: 'wait', ...behind('pause'), with: { signal: 'go', schema: { type: 'object', properties: { n: { type: 'number' } } } } },
  mend: { type: 'template', ...behind('send', 'failure'), with: { template: 'mended' } },
};

describe('a dry run', () => {
  test.each<StartRequest['mode']>(['live', 'recorded', 'record', 'byHand'])(
    'touches no model, command, file, state or recording, and asks nobody (%s)',
    async (mode) => {
      const { world, view, outcome } = await rehearse({ nodes: everything, recorded: {}, start: { mode } });
      expect(outcome).toBe('succeeded');
      expect(world.requests).toEqual([]);
      expect(world.commands).toEqual([]);
      expect([...world.files]).toEqual([]);
      expect(world.complaints).toEqual([]);
      expect(view.dry).toBe(true);
      expect(
        view.signals.map(({ key, reply }) => `${key.replace(/[0-9a-f]{32}/, 'HASH')} ${reply?.decision} by ${reply?.by}`).toSorted(),
      ).toEqual([
        'hear/signal received by dry run',
        'send/run/gate/HASH approved by dry run',
        'store/write/gate/HASH approved by dry run',
        'yes/approval approved by dry run',
      ]);
      expect(Object.keys(view.nodes).toSorted()).toEqual(Object.keys(everything).toSorted());
      expect(Object.values(view.nodes).flatMap(({ error }) => (error ? [error] : []))).toEqual([]);
    },
  );

  test('shows what every node would do, with what stands in for the results', async () => {
    const { view } = await rehearse({ nodes: everything });
    const { read, ask, shaped, send, store, remember } = view.nodes as Record<string, NodeView>;
    expect(wouldDo(read as NodeView)).toEqual([{ effect: 'read', args: { action: 'read', path: 'flows/in.txt' }, dry: true }]);
    expect(ask?.attempts).toHaveLength(1);
    expect(ask?.attempts[0]?.args).toMatchObject({ messages: [{ role: 'user', content: 'About: ‹read.text›' }] });
    expect(shaped).toMatchObject({ output: { rate: 0, tags: ['x'] }, given: 'sample', trust: 'untrusted' });
    expect(send?.attempts[0]?.args).toMatchObject({ run: ['mail', '‹ask.text›'] });
    expect(JSON.stringify(send?.attempts[0]?.args)).not.toContain('hunter');
    expect(wouldDo(store as NodeView).at(-1)).toMatchObject({ effect: 'write', args: { content: 'x' }, dry: true });
    expect(wouldDo(remember as NodeView)).toMatchObject([{ effect: 'write', dry: true }]);
  });

  test('comes to every node, and says which ones it would not have come to', async () => {
    const { view } = await rehearse({ nodes: everything });
    const unreached = Object.values(view.nodes).flatMap((node) => (node.unreached ? [node.node] : []));
    expect(unreached.toSorted()).toEqual(['mend', 'send', 'yes']);
  });

  test('takes earlier and pinned results instead of samples', async () => {
    const nodes: Nodes = {
      one: { type: 'prompt', with: { prompt: '1' } },
      two: { type: 'prompt', ...behind('one'), with: { prompt: '{{ steps.one.output.text }}!' } },
      three: { type: 'prompt', ...behind('two'), with: { prompt: '{{ steps.two.output.text }}?' } },
    };
    const before = testWorld({ nodes, replies: ['a', 'b', 'c'] });
    const run = await before.start();
    await run.done;
    const pinned = { two: { outlet: 'success', output: { text: 'P' }, trust: 'trusted' as const } };
    const { world, view } = await rehearse({ nodes, runs: before.runs, clock: before.clock, start: { rerunOf: run.id, pinned } });
    expect(world.requests).toEqual([]);
    expect(Object.values(view.nodes).map(({ given, output }) => [given, (output as { text: string }).text])).toEqual([
      ['kept', 'a'],
      ['pinned', 'P'],
      ['kept', 'c'],
    ]);
    expect(view.nodes.three?.attempts[0]?.args).toMatchObject({ messages: [{ content: 'P?' }] });
  });

  test('shows one pass of a loop, every item of a list and the steps of a sub-flow', async () => {
    const work = (say: string): Json => ({ w: { type: 'work', with: { effect: 'irreversible', say } } });
    const sub = {
      version: 1,
      inputs: { x: { type: 'string' } },
      nodes: { s: { type: 'command', with: { run: ['do', '{{ inputs.x }}'] } } },
    };
    const { world, view, outcome } = await rehearse({
      nodes: {
        l: { type: 'loop', with: { until: 'false', maxIterations: 9, delay: '1d', nodes: work('{{ index }}') } },
        e: { type: 'each', with: { items: ['p', 'q'], nodes: { v: (work('{{ item }}') as { w: Json }).w } } },
        f: { type: 'flow', with: { flow: 'sub.flow.json', inputs: { x: 'in' } } },
      },
      start: { readFile: async () => JSON.stringify(sub) },
    });
    expect(outcome).toBe('succeeded');
    expect(world.performed).toEqual([]);
    const args = Object.values(view.nodes).flatMap(({ node, attempts }) =>
      attempts.map((attempt) => [node, (attempt.args as { say?: Json; run?: Json }).say ?? (attempt.args as { run?: Json }).run]),
    );
    expect(args.toSorted()).toEqual([
      ['e[0]/v', 'p'],
      ['e[1]/v', 'q'],
      ['f[0]/s', ['do', 'in']],
      ['l[0]/w', '0'],
    ]);
  });

  test('goes on behind what cannot be resolved, and says what is wrong there', async () => {
    const nodes: Nodes = {
      bad: { type: 'transform', with: { value: { $expr: 'steps.shaped.output.none' } }, ...behind('shaped') },
      shaped: { output: { type: 'object', properties: {} } },
      next: { ...behind('bad'), with: { effect: 'write', say: 'on' } },
      stop: { type: 'end', ...behind('bad') },
    };
    nodes.shaped = { ...nodes.shaped, with: { effect: 'read' } };
    const { view, outcome } = await rehearse({ nodes });
    expect(outcome).toBe('succeeded');
    expect(view.nodes.bad).toMatchObject({ state: 'failed', error: { code: 'EXPRESSION_FAILED' } });
    expect(view.nodes.next?.attempts).toHaveLength(1);
  });

  test('that was cut short at any event goes on as one, and is in doubt about nothing', async () => {
    const whole = await rehearse({ nodes: everything });
    const events = whole.world.runs.events(whole.view.id);
    const bundle = await whole.world.runs.getObject(whole.view.bundle);
    const last = events.findIndex(({ type }) => type === 'run.finished');
    for (let cut = 2; cut <= last; cut += 1) {
      const world = testWorld({ nodes: everything });
      await world.runs.putObject(bundle);
      world.runs.restore(whole.view.id, events.slice(0, cut));
      const handle = await world.service.resume(whole.view.id);
      expect(await handle.done).toBe('succeeded');
      expect([world.requests, world.commands, [...world.files]]).toEqual([[], [], []]);
      expect(
        handle
          .view()
          .signals.map(({ key }) => key)
          .toSorted(),
      ).toEqual(whole.view.signals.map(({ key }) => key).toSorted());
    }
  }, 60_000);

  test('of one node shows it alone', async () => {
    const { view } = await rehearse({ nodes: everything, start: { only: 'send' } });
    expect(Object.keys(view.nodes)).toEqual(['send']);
  });
});

test('the ports of a dry run refuse what reaches out', () => {
  const ports = dryPorts(fakeHost().ports);
  const uses: (() => unknown)[] = [
    () => ports.models.stream,
    () => ports.models.listModels,
    () => ports.commands.run,
    () => ports.cassettes.find,
    () => ports.cassettes.record,
    () => ports.files.read,
    () => ports.files.write,
    () => ports.files.append,
    () => ports.state.read,
    () => ports.state.change,
    () => ports.secrets.get,
  ];
  for (const use of uses) expect(use).toThrow(/A dry run must not use/);
});

test.each<[Json, Json]>([
  [true, '‹n›'],
  [{}, '‹n›'],
  [{ type: 'string' }, '‹n›'],
  [{ type: ['null', 'number'], minimum: 3 }, 3],
  [{ type: 'boolean' }, false],
  [{ enum: ['a', 'b'] }, 'a'],
  [{ const: 7 }, 7],
  [{ default: 1, type: 'string' }, 1],
  [{ examples: [[1]] }, [1]],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, 0],
  [{ allOf: [{ type: 'object', properties: { a: { type: 'integer' } } }] }, { a: 0 }],
  [{ type: 'array', items: { type: 'object', properties: { t: { type: 'string' } } } }, [{ t: '‹n[0].t›' }]],
  [{ type: 'array', maxItems: 0 }, []],
  [{ type: 'string', format: 'date' }, '2000-01-01'],
  [{ type: 'null' }, null],
])('a sample of %j', (schema, sample) => {
  expect(sampleOf(schema as Parameters<typeof sampleOf>[0], 'n')).toEqual(sample);
});
