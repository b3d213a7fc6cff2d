import { describe, expect, test } from 'vitest';
import type { NodeSpec } from '../format/model.ts';
import { success } from '../testing/deeds.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { TestWorld } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import type { RunHandle } from './api.ts';
import { openSignals } from './view.ts';

type Nodes = Record<string, Partial<NodeSpec>>;

const ask = { type: 'approval', with: { message: 'Go on?' } };

/** Two steps are done, one waits for a person, one is still to come. */
const NODES: Nodes = {
  read: {},
  draft: { after: success('read') },
  ask: { ...ask, after: success('draft') },
  send: { after: { ask: 'approved' } },
};

const flowOf = (nodes: Nodes, more: object = {}): string =>
  JSON.stringify({
    version: 1,
    ...more,
    nodes: Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, { type: 'work', ...node }])),
  });

async function parked(nodes: Nodes, files: Record<string, string> = {}): Promise<{ world: TestWorld; first: RunHandle }> {
  const world = testWorld({ nodes, start: { readFile: async (path) => files[path] } });
  const first = await world.start();
  await quiet();
  await first.park();
  return { world, first };
}

function moved(
  { world, first }: { world: TestWorld; first: RunHandle },
  nodes: Nodes,
  files: Record<string, string> = {},
  more: object = {},
) {
  return world.service.move(first.id, { flowText: flowOf(nodes, more), readFile: async (path) => files[path] }, 'ada, test');
}

async function approve(world: TestWorld, handle: RunHandle): Promise<void> {
  await world.service.decide(handle.id, openSignals(handle.view())[0]?.key ?? '', { decision: 'approved', by: 'ada, test', at: 1 });
}

describe('a run that is moved to the changed flow', () => {
  test('goes on with it: what is done stays done, what is to come is new', async () => {
    const start = await parked(NODES);
    const { world } = start;
    const handle = await moved(start, {
      ...NODES,
      send: { after: { check: 'success' } },
      check: { after: { ask: 'approved' } },
      beside: {},
    });
    await quiet();
    await approve(world, handle);
    expect(await handle.done).toBe('succeeded');
    expect(world.performed).toEqual(['read#1', 'draft#1', 'beside#1', 'check#1', 'send#1']);
    const bundle = handle.view().bundle;
    expect(bundle).not.toBe(first(world.runs.events(handle.id)));
    expect(JSON.parse(await world.runs.getObject(bundle)).flow).toContain('"check"');
    expect((await world.service.open(handle.id)).flowText).toContain('"check"');
    expect(world.runs.events(handle.id).find(({ type }) => type === 'run.moved')).toMatchObject({ bundle, by: 'ada, test' });
  });

  test('stays with it when it is resumed, and what it was and is made of is kept as long as it is there', async () => {
    const start = await parked(NODES);
    const { world } = start;
    const handle = await moved(start, { ...NODES, last1: { after: success('send') } });
    await quiet();
    await handle.park();
    await world.runs.collect();
    const other = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    const again = await other.service.resume(handle.id);
    await quiet();
    await approve(other, again);
    expect(await again.done).toBe('succeeded');
    expect(other.performed).toEqual(['send#1', 'last1#1']);
    for (const event of world.runs.events(handle.id)) {
      if (event.type === 'run.created') await world.runs.getObject(event.run.bundle);
    }
  });

  test.each([
    ['the changed flow', (nodes: Nodes) => [{ ...nodes, more: { after: { second: 'approved' } } }]],
    ['a changed flow and back', (nodes: Nodes) => [{ ...nodes, more: { after: { second: 'approved' } } }, nodes]],
  ])('has no yes of before for what comes then: %s', async (_name, versions) => {
    const nodes: Nodes = { ...NODES, second: { ...ask, after: success('send') } };
    const world = testWorld({ nodes, start: { approved: ['second'] } });
    let handle = await world.start();
    await quiet();
    await handle.park();
    for (const version of versions(nodes)) {
      handle = await moved({ world, first: handle }, version);
      await quiet();
      await handle.park();
    }
    const other = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    const again = await other.service.resume(handle.id);
    await quiet();
    await approve(other, again);
    await quiet();
    expect(openSignals(again.view()).map(({ node }) => node)).toEqual(['second']);
    await again.park();
  });

  test('is given only what still is no yes, is there and fits', async () => {
    const nodes: Nodes = { read: {}, ask: { ...ask, after: success('read') }, send: { after: { ask: 'approved' } } };
    const pin = { outlet: 'success', output: 'P', trust: 'trusted' as const };
    const world = testWorld({ nodes: { ...nodes, late: { after: success('send') } }, start: { pinned: { late: pin, send: pin } } });
    const own = await world.start();
    await quiet();
    const start = { world, first: own };
    await expect(moved(start, { ...nodes, late: { output: { type: 'number' }, after: success('send') } })).rejects.toMatchObject({
      code: 'GIVEN_INVALID',
    });
    const handle = await moved(start, { ...nodes, late: { ...ask, after: success('send') } });
    await quiet();
    await approve(world, handle);
    await quiet();
    expect(openSignals(handle.view()).map(({ node }) => node)).toEqual(['late']);
    expect(handle.view().nodes.send).toMatchObject({ given: 'pinned' });
    await handle.park();
  });

  test('may be one that this process has', async () => {
    const world = testWorld({ nodes: NODES });
    const own = await world.start();
    await quiet();
    const handle = await moved({ world, first: own }, { ...NODES, send: { after: { ask: 'approved' }, with: { say: 'changed' } } });
    expect(await own.done).toBe('parked');
    await quiet();
    await approve(world, handle);
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.send).toMatchObject({ input: { say: 'changed' } });
  });

  test('goes on as it was where nothing differs, and keeps its owner where the change does not fit', async () => {
    const world = testWorld({ nodes: NODES });
    const own = await world.start();
    await quiet();
    const readFile = async (): Promise<undefined> => undefined;
    expect(await world.service.move(own.id, { flowText: flowOf(NODES), readFile }, 'ada, test')).toBe(own);
    await expect(
      moved({ world, first: own }, { ...NODES, ask: { ...ask, after: success('draft'), with: { message: 'Other?' } } }),
    ).rejects.toMatchObject({
      code: 'MOVE_CONFLICT',
    });
    expect(world.service.handle(own.id)).toBe(own);
    expect(world.story(own.id)).not.toContain('run.moved');
  });

  test('has the defaults of inputs that are new, and is refused where one has none', async () => {
    const start = await parked(NODES);
    const nodes = { ...NODES, send: { after: { ask: 'approved' }, with: { say: '{{ inputs.who }}' } } } as Nodes;
    await expect(moved(start, nodes, {}, { inputs: { who: { type: 'string' } } })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const handle = await moved(start, nodes, {}, { inputs: { who: { type: 'string', default: 'Ada' } } });
    await quiet();
    await approve(start.world, handle);
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.send).toMatchObject({ input: { say: 'Ada' } });
  });

  const body = (nodes: Nodes, more: object = {}): Nodes => ({
    improve: { type: 'loop', with: { maxIterations: 2, until: 'false', ...more, nodes: typed(nodes) } },
    end1: { after: { improve: ['success', 'exhausted'] } },
  });
  const typed = (nodes: Nodes): never =>
    Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, { type: 'work', ...node }])) as never;
  const inner: Nodes = { one: {}, hold: { ...ask, after: success('one') }, two: { after: { hold: 'approved' } } };

  test('may be in the middle of a pass', async () => {
    const start = await parked(body(inner));
    const handle = await moved(
      start,
      body({ ...inner, two: { after: { hold: 'approved' }, with: { say: 'x' } }, three: { after: success('two') } }),
    );
    for (let pass = 0; pass < 2; pass += 1) {
      await quiet();
      await approve(start.world, handle);
    }
    expect(await handle.done).toBe('succeeded');
    expect(start.world.performed).toEqual([
      'improve[0]/one#1',
      'improve[0]/two#1',
      'improve[0]/three#1',
      'improve[1]/one#1',
      'improve[1]/two#1',
      'improve[1]/three#1',
      'end1#1',
    ]);
  });

  const sub = (nodes: Nodes): Record<string, string> => ({ 'sub.flow.json': flowOf(nodes) });
  const calling: Nodes = { call: { type: 'flow', with: { flow: 'sub.flow.json' } } };

  test('may be in the middle of a sub-flow', async () => {
    const start = await parked(calling, sub(inner));
    const handle = await moved(start, calling, sub({ ...inner, three: { after: success('two') } }));
    await quiet();
    await approve(start.world, handle);
    expect(await handle.done).toBe('succeeded');
    expect(start.world.performed).toEqual(['call[0]/one#1', 'call[0]/two#1', 'call[0]/three#1']);
    await expect(
      moved(
        await parked(calling, sub(inner)),
        calling,
        sub({ hold: inner.hold as NodeSpec, two: inner.two as NodeSpec, one: { type: 'template', with: { template: 'x' } } }),
      ),
    ).rejects.toMatchObject({
      details: { nodes: [{ node: 'call[0]/one' }] },
    });
  });

  test.each<[string, Nodes, Nodes, [string, RegExp][]]>([
    [
      'a node that is gone',
      NODES,
      { draft: {}, ask: NODES.ask as NodeSpec, send: NODES.send as NodeSpec },
      [['read', /not there any more/]],
    ],
    ['a node of another type', NODES, { ...NODES, read: { type: 'template', with: { template: 'x' } } }, [['read', /begun as a work/]]],
    [
      'an outlet that is gone',
      { pick: { type: 'branch', with: { cases: [{ name: 'a', when: 'true' }] } }, ask: { ...ask, after: { pick: 'case:a' } } },
      { pick: { type: 'branch', with: { cases: [{ name: 'b', when: 'true' }] } }, ask: { ...ask, after: { pick: 'case:b' } } },
      [
        ['pick', /left by "case:a"/],
        ['ask', /edges/],
      ],
    ],
    [
      'a question that waits',
      NODES,
      { ...NODES, ask: { ...ask, after: success('draft'), with: { message: 'Really?' } } },
      [['ask', /under way, and was changed/]],
    ],
    [
      'a step put before one that is done',
      NODES,
      { ...NODES, new1: { after: success('read') }, draft: { after: success('read', 'new1') } },
      [['draft', /edges/]],
    ],
    ['a step that is done and disabled now', NODES, { ...NODES, draft: { after: success('read'), disabled: true } }, [['draft', /edges/]]],
    ['a loop under way', body(inner), body(inner, { maxIterations: 3 }), [['improve', /under way, and was changed/]]],
    ['a node in a pass', body(inner), body({ hold: ask, two: inner.two as NodeSpec }), [['improve[0]/one', /not there/]]],
    ['the edges in a pass', body(inner), body({ ...inner, one: { after: success('zero') }, zero: {} }), [['improve[0]/one', /edges/]]],
  ])('is refused for %s', async (_name, nodes, changed, conflicts) => {
    const error = await moved(await parked(nodes), changed).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'MOVE_CONFLICT' });
    const { details } = error as { details: { nodes: { node: string; why: string }[] } };
    expect(details.nodes.map(({ node }) => node)).toEqual(conflicts.map(([node]) => node));
    for (const [i, [, why]] of conflicts.entries()) expect(details.nodes[i]?.why).toMatch(why);
  });

  test.each<[string, Nodes]>([
    ['titles', { ...NODES, ask: { ...(NODES.ask as NodeSpec), title: 'Asked' } }],
    ['what a finished step would do', { ...NODES, draft: { after: success('read'), with: { say: 'y' } } }],
    ['an edge that was not taken', { ...NODES, sorry: { after: { read: 'failure' } } }],
    ['a join that was met all the same', { ...NODES, draft: { after: success('read'), join: 'any' } }],
  ])('may differ in %s', async (_name, changed) => {
    const start = await parked(NODES);
    const handle = await moved(start, changed);
    await quiet();
    await approve(start.world, handle);
    expect(await handle.done).toBe('succeeded');
  });

  test('is refused for a prompt that is being answered and was changed in its file', async () => {
    const prompt: Nodes = { write: { type: 'prompt', with: { file: 'a.prompt.md' } } };
    const world = testWorld({ nodes: prompt, start: { mode: 'byHand', readFile: async () => 'Write.' } });
    const own = await world.start();
    await quiet();
    expect(openSignals(own.view())).toHaveLength(1);
    await expect(moved({ world, first: own }, prompt, { 'a.prompt.md': 'Write more.' })).rejects.toMatchObject({
      code: 'MOVE_CONFLICT',
      message: expect.stringMatching(/a file it uses was changed/),
    });
  });

  test('is not possible for one that is finished', async () => {
    const world = testWorld({ nodes: { a: {} } });
    const handle = await world.start();
    await handle.done;
    await expect(moved({ world, first: handle }, { a: {}, b: {} })).rejects.toMatchObject({ code: 'RUN_FINISHED' });
  });
});

function first(events: readonly { type: string; run?: { bundle: string } }[]): string | undefined {
  return events.find(({ type }) => type === 'run.created')?.run?.bundle;
}
