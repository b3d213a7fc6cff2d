import { describe, expect, test } from 'vitest';
import { BelayError } from '../../errors.ts';
import type { ErrorKind, NodeSpec } from '../../format/model.ts';
import { quiet } from '../../testing/fake-clock.ts';
import type { TestWorldOptions } from '../../testing/harness.ts';
import { testWorld } from '../../testing/harness.ts';

const fails = (kind: ErrorKind, code = 'MODEL_TEST'): BelayError => new BelayError(code, 'No.', { hint: 'Ask another.', kind });
const schema = { type: 'object', required: ['n'] };

/** Runs one prompt with models a, b and c, and says which were asked, by their steps. */
async function ask(replies: TestWorldOptions['replies'], node: Partial<NodeSpec> = {}, more: Partial<TestWorldOptions> = {}) {
  const world = testWorld({
    nodes: { p: { type: 'prompt', with: { prompt: 'Hi', model: 'x/a', fallback: ['x/b', 'x/c'] }, ...node } },
    ...(replies === undefined ? {} : { replies }),
    ...more,
  });
  const handle = await world.start();
  let over = false;
  const ended = handle.done.then(() => {
    over = true;
  });
  for (await quiet(); !over; await quiet())
    if (world.clock.next !== undefined) await world.clock.advance(world.clock.next - world.clock.now());
  await ended;
  const { output, error, attempts } = handle.view().nodes.p!;
  return {
    world,
    handle,
    output,
    error,
    asked: world.requests.map(({ model }) => model.slice(2)).join(' '),
    steps: attempts.map(({ step, attempt, model }) => `${step.slice(2)}#${attempt} ${model}`),
  };
}

describe('the next model is asked', () => {
  test.each<ErrorKind>([
    'rateLimit',
    'overloaded',
    'quota',
    'network',
    'timeout',
    'auth',
    'permission',
    'modelNotFound',
    'contextLength',
    'invalidOutput',
    'unknown',
  ])('after an error of the kind %s', async (kind) => {
    const { output, steps } = await ask([fails(kind), 'Hello']);
    expect(output).toEqual({ text: 'Hello', model: 'x/b' });
    expect(steps).toEqual(['reply#1 x/a', 'fallback1.reply#1 x/b']);
  });

  test('only when the attempts of the one before are used up, with attempts of its own', async () => {
    const { output, asked, steps } = await ask([fails('network'), fails('network'), fails('network'), fails('auth'), 'Hello'], {
      retry: { attempts: 2, delay: '1s' },
    });
    expect(output).toMatchObject({ model: 'x/c' });
    expect(asked).toBe('a a b b c');
    expect(steps).toEqual(['reply#1 x/a', 'reply#2 x/a', 'fallback1.reply#1 x/b', 'fallback1.reply#2 x/b', 'fallback2.reply#1 x/c']);
  });

  test('when a reply could not be mended, and the node is not tried again', async () => {
    const { output, asked } = await ask(['a', 'b', 'c', '{"n":1}'], { output: schema });
    expect([output, asked]).toEqual([{ n: 1 }, 'a a a b']);
  });

  test('after repair and retry, in this order', async () => {
    const { output, asked } = await ask(['no', 'no', 'no', 'no', 'no', 'no', 'no', '{"n":1}'], {
      output: schema,
      retry: { attempts: 2, delay: '1s' },
    });
    expect([output, asked]).toEqual([{ n: 1 }, 'a a a a a a b b']);
  });

  test('and the error of the last one counts', async () => {
    const { error, asked } = await ask([fails('network', 'MODEL_ONE'), fails('network', 'MODEL_TWO'), fails('auth', 'MODEL_THREE')]);
    expect([error?.code, asked]).toEqual(['MODEL_THREE', 'a b c']);
  });
});

describe('no other model is asked', () => {
  test.each<[what: string, error: BelayError]>([
    ['after a request that is wrong', fails('badRequest')],
    ['to evade a filter', fails('contentFilter')],
    ['after a defect', fails('internal')],
    ['after an error that is no model’s', fails('permission', 'GATE_REJECTED')],
  ])('%s', async (_what, error) => {
    const { error: found, asked } = await ask([error]);
    expect([found?.code, asked]).toEqual([error.code, 'a']);
  });

  test('when a recording fails, as it answers for every model', async () => {
    const { error, asked } = await ask(undefined, {}, { recorded: { Hi: ' ' }, start: { mode: 'recorded' } });
    expect([error?.code, asked]).toEqual(['MODEL_EMPTY', '']);
  });

  test('when a person said no', async () => {
    const world = testWorld({ nodes: { p: { type: 'prompt', gate: true, with: { prompt: 'Hi', fallback: ['x/b'] } } } });
    const handle = await world.start();
    await quiet();
    await world.service.decide(handle.id, handle.view().signals[0]!.key, { decision: 'rejected', by: 'ada', at: 0 });
    expect(await handle.done).toBe('rejected');
    expect(world.requests).toEqual([]);
  });
});

test('a resumed run does not ask the models that had failed', async () => {
  const world = testWorld({
    nodes: {
      p: { type: 'prompt', retry: { attempts: 2, delay: '1h', jitter: false }, with: { prompt: 'Hi', model: 'x/a', fallback: ['x/b'] } },
    },
    replies: [fails('auth'), fails('network')],
  });
  const handle = await world.start();
  await quiet();
  world.runs.crash(handle.id);
  const later = testWorld({ nodes: {}, runs: world.runs, clock: world.clock, replies: ['Hello'] });
  const resumed = await later.service.resume(handle.id);
  await later.clock.advance(3_600_000);
  expect(await resumed.done).toBe('succeeded');
  expect(later.requests.map(({ model }) => model)).toEqual(['x/b']);
});
