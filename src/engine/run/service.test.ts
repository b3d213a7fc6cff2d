import { describe, expect, test } from 'vitest';
import type { NodeSpec } from '../format/model.ts';
import { fails, forever, success, yes } from '../testing/deeds.ts';
import { quiet } from '../testing/fake-clock.ts';
import type { Deed, TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';

describe('a run', () => {
  test('hands values on, ends with its outputs and says so in the journal', async () => {
    const world = testWorld({
      flow: { inputs: { who: { type: 'string', default: 'Ada' } }, outputs: { text: { value: { $expr: 'steps.greet.output.text' } } } },
      nodes: {
        greet: { type: 'template', with: { template: 'Hello {{ inputs.who }}' } },
        use: { after: success('greet'), with: { say: '{{ steps.greet.output.text }}!' } },
      },
    });
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    expect(handle.view()).toMatchObject({ status: 'succeeded', inputs: { who: 'Ada' }, outputs: { text: 'Hello Ada' } });
    expect(handle.view().nodes.use).toMatchObject({ state: 'succeeded', input: { say: 'Hello Ada!' }, output: 'use', trust: 'trusted' });
    expect(world.story(handle.id)).toEqual([
      'segment.opened',
      'run.created',
      'greet -> success',
      'use started',
      'use/do#1 started',
      'use/do#1 ok',
      'use -> success',
      'run succeeded',
      'segment.closed',
    ]);
    expect(await world.service.list()).toMatchObject([{ id: handle.id, status: 'succeeded', local: true }]);
  });

  test('tells its journal beforehand how many of its steps are synced', async () => {
    const greet: NodeSpec = { type: 'template', with: { template: 'Hello' } };
    const write = (after: string): NodeSpec => ({
      type: 'file',
      after: success(after),
      with: { action: 'append', path: 'a.txt', content: 'x' },
    });
    const world = testWorld({ nodes: { greet, one: write('greet'), two: write('one') } });
    const handle = await world.start();
    await handle.done;
    expect(world.runs.expectedSyncs(handle.id)).toBe(2);
  });

  test('that fails names the node, the cause and the next thing to do, and stops what runs', async () => {
    const world = testWorld({ nodes: { bad: { title: 'Bad' }, slow: {} }, deeds: { bad: fails('badRequest'), slow: forever } });
    const handle = await world.start();
    expect(await handle.done).toBe('failed');
    expect(handle.view()).toMatchObject({ error: { code: 'BROKEN', node: 'bad', message: 'It broke.', hint: 'Mend it.' } });
    expect(handle.view().nodes).toMatchObject({ bad: { state: 'failed' }, slow: { state: 'cancelled' } });
  });

  test.each([
    ['not a flow', { flowText: '{' }, 'FLOW_INVALID'],
    ['an unbuilt type', { flowText: '{"version":1,"nodes":{"a":{"type":"agent"}}}' }, 'FLOW_INVALID'],
    [
      'a reference to nothing',
      { flowText: '{"version":1,"nodes":{"a":{"type":"template","with":{"template":"{{ steps.b.output }}"}}}}' },
      'FLOW_INVALID',
    ],
    ['an unknown input', { inputs: { x: 1 } }, 'INPUT_INVALID'],
    ['a node to approve that is not there', { approved: ['nobody'] }, 'NODE_UNKNOWN'],
  ])('is refused for %s', async (_name, start, code) => {
    await expect(testWorld({ nodes: { a: {} }, start }).start()).rejects.toMatchObject({ code });
  });

  test('is refused for a missing or wrong input and for a file that is not there', async () => {
    const input = { flow: { inputs: { n: { type: 'integer' } } }, nodes: { a: {} } };
    await expect(testWorld(input).start()).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(testWorld({ ...input, start: { inputs: { n: 'one' } } }).start()).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'The inputs do not fit the flow: "n" must be integer.',
    });
    const list = { ...input, flow: { inputs: { l: { items: { minimum: 3 } } } }, start: { inputs: { l: [4, 1] } } };
    await expect(testWorld(list).start()).rejects.toMatchObject({ message: expect.stringContaining('"l"/1 must be >= 3') });
    const file = testWorld({ nodes: { a: { type: 'template', with: { file: 'a.prompt.md' } } } });
    await expect(file.start()).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });

  test('is refused where sub-flows lead to more without end', async () => {
    const endless = { type: 'flow', with: { flow: 'a/main.flow.json' } };
    const text = JSON.stringify({ version: 1, nodes: { a: endless, b: { type: 'flow', with: { flow: 'b/main.flow.json' } } } });
    let reads = 0;
    const readFile = async (): Promise<string> => {
      reads += 1;
      if (reads > 5000) throw new Error('It is read for ever');
      return text;
    };
    await expect(testWorld({ nodes: { a: endless }, start: { readFile } }).start()).rejects.toMatchObject({ code: 'FLOW_FILES_MANY' });
  });

  test('goes by the frozen flow and files, whatever has become of them', async () => {
    const files: Record<string, string> = { 'a.prompt.md': 'one {{ steps.wait.output.decision }}' };
    const world = testWorld({
      nodes: {
        wait: { type: 'approval', with: { message: 'Go?' } },
        a: { type: 'template', after: { wait: 'approved' }, with: { file: 'a.prompt.md' } },
      },
      start: { readFile: async (path) => files[path] },
    });
    const handle = await world.start();
    await quiet();
    files['a.prompt.md'] = 'two';
    world.runs.crash(handle.id);
    const later = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
    const resumed = await later.service.resume(handle.id);
    await later.service.decide(handle.id, 'wait/approval', yes());
    expect(await resumed.done).toBe('succeeded');
    expect(resumed.view().nodes.a?.output).toEqual({ text: 'one approved' });
  });

  test('passes 1,000 nodes in a chain and 1,000 side by side', async () => {
    const chain: TestWorldOptions['nodes'] = {};
    const fan: TestWorldOptions['nodes'] = {};
    for (let i = 0; i < 1000; i += 1) {
      chain[`n${i}`] = i === 0 ? {} : { after: success(`n${i - 1}`) };
      fan[`n${i}`] = {};
    }
    for (const nodes of [chain, fan]) {
      const world = testWorld({ nodes });
      expect(await (await world.start()).done).toBe('succeeded');
      expect(world.performed).toHaveLength(1000);
    }
  });
});

describe('failures', () => {
  test('a result that is nested too deep fails its node, and the run goes on', async () => {
    const deep: Deed = () => JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
    const world = testWorld({ nodes: { a: {}, b: { after: { a: 'failure' } } }, deeds: { a: deep } });
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes).toMatchObject({ a: { state: 'failed', error: { code: 'VALUE_TOO_DEEP' } }, b: { state: 'succeeded' } });
  });

  const cases: [name: string, node: Partial<NodeSpec>, deed: Deed, waits: number[], end: string][] = [
    ['no retry', {}, fails(), [], 'BROKEN'],
    [
      'constant, without jitter',
      { retry: { attempts: 3, backoff: 'constant', delay: '2s', jitter: false } },
      fails(),
      [2000, 2000],
      'BROKEN',
    ],
    [
      'exponential, capped',
      { retry: { attempts: 5, delay: '1s', maxDelay: '3s', jitter: false } },
      fails(),
      [1000, 2000, 3000, 3000],
      'BROKEN',
    ],
    ['a kind that is not retried', { retry: { attempts: 3 } }, fails('auth'), [], 'BROKEN'],
    ['only the kinds named', { retry: { attempts: 2, on: ['auth'], delay: '1s', jitter: false } }, fails('auth'), [1000], 'BROKEN'],
    [
      'Retry-After is kept and costs no attempt, so often',
      { retry: { attempts: 2, delay: '1s', jitter: false } },
      fails('rateLimit', { retryAfterMs: 7000 }),
      Array.from({ length: 11 }, () => 7000),
      'BROKEN',
    ],
    [
      'Retry-After, then another failure',
      { retry: { attempts: 3, delay: '1s', jitter: false } },
      (info, context) => (info.attempt <= 3 ? fails('rateLimit', { retryAfterMs: 7000 }) : fails('network'))(info, context),
      [7000, 7000, 7000, 1000, 2000],
      'BROKEN',
    ],
    ['Retry-After, of a step that has one attempt', { retry: { attempts: 1 } }, fails('rateLimit', { retryAfterMs: 7000 }), [], 'BROKEN'],
    [
      'Retry-After beyond the longest wait',
      { retry: { attempts: 2, maxDelay: '5s' } },
      fails('rateLimit', { retryAfterMs: 7000 }),
      [],
      'BROKEN',
    ],
    [
      'no wait beyond the total time',
      { retry: { attempts: 9, delay: '4s', jitter: false, backoff: 'constant' }, timeout: { total: '10s' } },
      fails(),
      [4000, 4000],
      'BROKEN',
    ],
    [
      'succeeds at last',
      { retry: { attempts: 3, delay: '1s', jitter: false } },
      (info, context) => (info.attempt < 3 ? fails()(info, context) : 'done'),
      [1000, 2000],
      'success',
    ],
  ];

  test.each(cases)('retry: %s', async (_name, node, deed, waits, end) => {
    const world = testWorld({ nodes: { a: node }, deeds: { a: deed } });
    const handle = await world.start();
    await world.clock.advance(600_000);
    await handle.done;
    const delays = handle
      .events()
      .flatMap((event) => (event.type === 'step.finished' && event.retryInMs !== undefined ? [event.retryInMs] : []));
    expect(delays).toEqual(waits);
    const { nodes } = handle.view();
    expect(nodes.a?.error?.code ?? nodes.a?.outlet).toBe(end);
    const started = nodes.a?.attempts.map(({ startedAt }) => startedAt) ?? [];
    expect(started.slice(1).map((at, i) => at - started[i]!)).toEqual(waits);
  });

  test('full jitter stays within the back-off', async () => {
    const world = testWorld({ nodes: { a: { retry: { attempts: 20, delay: '1s', maxDelay: '8s' } } }, deeds: { a: fails() } });
    const handle = await world.start();
    await world.clock.advance(600_000);
    const delays = handle
      .events()
      .flatMap((event) => (event.type === 'step.finished' && event.retryInMs !== undefined ? [event.retryInMs] : []));
    expect(delays).toHaveLength(19);
    expect(new Set(delays).size).toBeGreaterThan(10);
    for (const [i, delay] of delays.entries()) expect(delay).toBeLessThanOrEqual(Math.min(8000, 1000 * 2 ** i));
  });

  test('an attempt that takes too long is stopped, tried again, and fails as a time-out', async () => {
    const world = testWorld({ nodes: { a: { timeout: '5s', retry: { attempts: 2, delay: '1s', jitter: false } } }, deeds: { a: forever } });
    const handle = await world.start();
    await world.clock.advance(11_000);
    expect(await handle.done).toBe('failed');
    expect(handle.view().nodes.a).toMatchObject({ error: { code: 'STEP_TIMEOUT', kind: 'timeout' }, attempts: [{}, {}] });
    expect(handle.view().nodes.a?.error?.message).toBe('The attempt took longer than 5 s.');
    expect(handle.view().finishedAt! - handle.view().createdAt).toBe(11_000);
  });

  test('the total time ends an attempt in the middle', async () => {
    const world = testWorld({
      nodes: { a: { timeout: { attempt: '8s', total: '10s' }, retry: { attempts: 5, delay: '0s' } } },
      deeds: { a: forever },
    });
    const handle = await world.start();
    await world.clock.advance(10_000);
    expect(await handle.done).toBe('failed');
    // The limit as it was set, not what was left of it when the last attempt began.
    expect(handle.view().nodes.a?.error?.message).toBe('The step, with all its attempts, took longer than 10 s.');
  });

  test('a step that does not listen does not hold the run', async () => {
    const world = testWorld({ nodes: { a: { timeout: '5s' } }, deeds: { a: () => new Promise(() => undefined) } });
    const handle = await world.start();
    await world.clock.advance(10_000);
    expect(await handle.done).toBe('failed');
    expect(world.complaints).toEqual([expect.stringContaining('left alone')]);
  });

  test('leave by the failure outlet with the error as data', async () => {
    const world = testWorld({
      nodes: {
        a: {},
        sorry: { type: 'template', after: { a: 'failure' }, with: { template: '{{ steps.a.error.code }} {{ steps.a.state }}' } },
      },
      deeds: { a: fails('exit') },
    });
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.sorry).toMatchObject({ output: { text: 'BROKEN failed' }, trust: 'untrusted' });
  });

  test('continueOnFailure goes on with null', async () => {
    const world = testWorld({ nodes: { a: { continueOnFailure: true }, b: { after: success('a') } }, deeds: { a: fails() } });
    const handle = await world.start();
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.a).toMatchObject({ outlet: 'success', output: null, error: { code: 'BROKEN' } });
  });

  test('a result that does not match its schema never reaches the next step', async () => {
    const world = testWorld({ nodes: { a: { output: { type: 'object' } }, b: { after: success('a') } }, deeds: { a: () => 'text' } });
    const handle = await world.start();
    expect(await handle.done).toBe('failed');
    expect(handle.view().error).toMatchObject({ code: 'OUTPUT_INVALID', node: 'a' });
    expect(world.performed).toEqual(['a#1']);
  });

  test('a result that does not match is tried again as a whole, with steps of its own', async () => {
    let times = 0;
    const world = testWorld({
      nodes: { a: { output: { type: 'object' }, retry: { attempts: 2, delay: '3s', jitter: false } } },
      deeds: { a: () => (++times === 1 ? 'text' : { fine: true }) },
    });
    const handle = await world.start();
    await world.clock.advance(3000);
    expect(await handle.done).toBe('succeeded');
    expect(world.story(handle.id)).toContain('a/round2/do#1 ok');
  });

  test('an unconnected invalid is a failure that says so', async () => {
    const world = testWorld({ nodes: { v: { type: 'validate', title: 'Check', with: { value: 'abc', contains: ['x'] } } } });
    const handle = await world.start();
    expect(await handle.done).toBe('failed');
    expect(handle.view().error).toMatchObject({ code: 'OUTLET_UNCONNECTED', node: 'v' });
  });

  test('a quorum out of reach', async () => {
    const world = testWorld({
      nodes: { a: {}, b: {}, j: { after: success('a', 'b'), join: { atLeast: 2 } } },
      deeds: { a: fails() },
    });
    const handle = await world.start();
    expect(await handle.done).toBe('failed');
    expect(handle.view().error).toMatchObject({ code: 'JOIN_QUORUM', node: 'j' });
  });

  test('outputs that cannot be computed fail the run', async () => {
    const world = testWorld({ flow: { outputs: { n: { value: { $expr: '1 / 0' } } } }, nodes: { a: {} } });
    const handle = await world.start();
    expect(await handle.done).toBe('failed');
    expect(handle.view().error?.code).toBe('EXPRESSION_FAILED');
  });
});
