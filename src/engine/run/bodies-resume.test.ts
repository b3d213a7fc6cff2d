import { expect, test } from 'vitest';
import { BelayError } from '../errors.ts';
import type { Json } from '../format/json.ts';
import type { NodeSpec } from '../format/model.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import { LARGE } from './values.ts';
import { openSignals } from './view.ts';

const body = (nodes: Record<string, Partial<NodeSpec>>): Json =>
  Object.fromEntries(Object.entries(nodes).map(([id, it]) => [id, { type: 'work', ...it }])) as Json;
const fails = (): never => {
  throw new BelayError('BROKEN', 'no', { hint: 'x', kind: 'network' });
};
const approved = { decision: 'approved', by: 'ada', at: 1 };
const ask: Partial<NodeSpec> = { type: 'approval', with: { message: 'Go?' } };
const loop = (nodes: Record<string, Partial<NodeSpec>>, more: Record<string, Json> = {}): Json => ({
  until: 'true',
  maxIterations: 3,
  nodes: body(nodes),
  ...more,
});

test('a second round goes on where it was, though it has changed the world', async () => {
  let first = true;
  const options: TestWorldOptions = {
    nodes: {
      it: {
        type: 'loop',
        retry: { attempts: 2, delay: '0ms', jitter: false },
        with: loop({
          flaky: {},
          write: { after: { flaky: 'success' }, with: { effect: 'write' } },
          ask: { ...ask, after: { write: 'success' } },
        }) as NodeSpec['with'],
      },
    },
    deeds: {
      flaky: () => {
        if (!first) return 'fine';
        first = false;
        return fails();
      },
    },
  };
  const world = testWorld(options);
  const handle = await world.start();
  await world.clock.advance(10);
  await handle.park();
  const again = await world.service.resume(handle.id);
  await world.clock.advance(10);
  expect(again.view().status).toBe('waiting');
  await world.service.decide(handle.id, 'it~2[0]/ask/approval', approved);
  expect(await again.done).toBe('succeeded');
  expect(world.performed).toEqual(['it[0]/flaky#1', 'it~2[0]/flaky#1', 'it~2[0]/write#1']);
});

test('a loop goes on behind the passes of its round that are recorded, with what the last of them gave', async () => {
  let broken = true;
  const world = testWorld({
    nodes: {
      it: {
        type: 'loop',
        retry: { attempts: 2, delay: '0ms', jitter: false },
        with: {
          until: 'steps.sum.output >= 5',
          maxIterations: 9,
          delay: '10s',
          result: { $expr: 'steps.sum.output' },
          nodes: {
            flaky: { type: 'work' },
            sum: { type: 'transform', after: { flaky: 'success' }, with: { value: { $expr: 'previous == null ? 1 : previous + 1' } } },
          },
        } as unknown as NodeSpec['with'],
      },
    },
    deeds: {
      flaky: () => {
        // The third pass of the first round.
        if (!broken || world.performed.length < 3) return 'fine';
        broken = false;
        return fails();
      },
    },
  });
  let handle = await world.start();
  // Let go in the middle of each delay.
  for (let parked = 0; parked < 6; parked += 1) {
    await world.clock.advance(5000);
    await handle.park();
    handle = await world.service.resume(handle.id);
    await world.clock.advance(5000);
  }
  await world.clock.advance(60_000);
  expect(await handle.done).toBe('succeeded');
  expect(handle.view().nodes.it?.output).toBe(5);
  const passes = [...[0, 1, 2].map((i) => `it[${i}]`), ...[0, 1, 2, 3, 4].map((i) => `it~2[${i}]`)];
  expect(world.performed).toEqual(passes.map((pass) => `${pass}/flaky#1`));
});

test('what was to be stopped while nobody had the run is not begun', async () => {
  const world = testWorld({
    nodes: {
      it: {
        type: 'loop',
        timeout: '10s',
        with: loop({ ask, write: { after: { ask: 'approved' }, with: { effect: 'write' } } }) as NodeSpec['with'],
      },
    },
  });
  const handle = await world.start();
  await quiet();
  let timer: number | undefined;
  handle.onIdle((idle) => {
    timer = idle.timer;
  });
  await quiet();
  expect(timer).toBe(world.clock.now() + 10_000);
  await handle.park();
  await world.clock.advance(3_600_000);
  await world.service.decide(handle.id, 'it[0]/ask/approval', approved);
  const again = await world.service.resume(handle.id);
  expect(await again.done).toBe('failed');
  expect(again.view().error).toMatchObject({ code: 'STEP_TIMEOUT', node: 'it' });
  expect(world.performed).toEqual([]);
});

test('a question of a pass that was stopped is not asked any more', async () => {
  const world = testWorld({
    nodes: {
      it: { type: 'each', with: { items: [0, 1], concurrency: 2, nodes: body({ ask: { ...ask, join: 'any' }, bad: {} }) } },
      later: { ...ask, after: { it: 'failure' } },
    },
    deeds: { 'it[1]/bad': fails },
  });
  const handle = await world.start();
  await quiet();
  expect(openSignals(handle.view()).map(({ node }) => node)).toEqual(['later']);
  expect(await world.service.decide(handle.id, 'it[0]/ask/approval', approved)).toEqual({ accepted: false, earlier: undefined });
  await handle.park();
  expect(await world.service.decide(handle.id, 'it[0]/ask/approval', approved)).toEqual({ accepted: false, earlier: undefined });
});

test('a large result is checked against the schema as what it is', async () => {
  const text = 'x'.repeat(LARGE + 1);
  const world = testWorld({
    nodes: {
      it: { type: 'loop', output: { type: 'string' }, with: loop({ t: {} }, { result: { $expr: 'steps.t.output' } }) as NodeSpec['with'] },
    },
    deeds: { t: () => text },
  });
  const handle = await world.start();
  expect(await handle.done).toBe('succeeded');
});

test('what an error quotes of a body is not trusted', async () => {
  const world = testWorld({
    nodes: {
      read: { type: 'file', with: { action: 'read', path: 'a.txt' } },
      it: {
        type: 'loop',
        after: { read: 'success' },
        output: { type: 'string', maxLength: 2 },
        with: loop({}, { result: { $expr: 'steps.read.output.text' } }) as NodeSpec['with'],
      },
      more: { after: { it: 'failure' } },
    },
    files: { '/workspace/flows/a.txt': 'evil' },
  });
  const handle = await world.start();
  expect(await handle.done).toBe('succeeded');
  expect(handle.view().nodes.it).toMatchObject({ state: 'failed', trust: 'untrusted' });
});

test('what comes with a signal is no reference, whatever it looks like', async () => {
  const value = { '$belay.object': 'a'.repeat(64), bytes: 1, kind: 'text', start: '' };
  const world = testWorld({
    nodes: { it: { type: 'wait', with: { signal: 'go' } }, slow: { after: { it: 'success' } } },
    flow: { outputs: { it: { value: { $expr: 'steps.it.output.value' } } } },
  });
  const handle = await world.start();
  await quiet();
  await handle.park();
  await world.service.decide(handle.id, 'it/signal', { decision: 'received', by: 'ada', at: 1, value });
  let again = await world.service.resume(handle.id);
  await again.park();
  again = await world.service.resume(handle.id);
  expect(await again.done).toBe('succeeded');
  const record = await world.service.open(handle.id);
  expect(await world.service.whole(handle.id, record.view.outputs ?? null)).toEqual({ it: value });
});

test('putting a recorded prompt back ends the run from within a body', async () => {
  const world = testWorld({
    nodes: {
      it: {
        type: 'each',
        continueOnFailure: true,
        retry: { attempts: 3 },
        with: { items: [1, 2], onItemFailure: 'continue', nodes: body({ p: { type: 'prompt', with: { prompt: 'Hi {{ item }}' } } }) },
      },
    },
    recorded: {},
    start: { mode: 'recorded' },
  });
  world.ports.cassettes.template = async () => 'Hello';
  const handle = await world.start();
  await quiet();
  const [question] = openSignals(handle.view());
  expect(question?.request.kind).toBe('recordingMissing');
  await world.service.decide(handle.id, question?.key ?? '', { decision: 'restore', by: 'ada', at: 1 });
  expect(await handle.done).toBe('cancelled');
});
