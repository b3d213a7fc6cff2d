import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../format/json.ts';
import { quiet } from '../../testing/fake-clock.ts';
import type { TestWorld } from '../../testing/harness.ts';
import { testWorld } from '../../testing/harness.ts';
import { momentOf } from './executor.ts';

const HOUR = 3_600_000;

const waiting = (params: JsonObject, more: object = {}) => ({
  wait: { type: 'wait', with: params, ...more },
  next: { after: { wait: 'success' } },
});

/** The same disk in a new process, after the first one died. */
async function later(world: TestWorld, id: string) {
  world.runs.crash(id);
  const next = testWorld({ nodes: {}, runs: world.runs, clock: world.clock });
  const handle = await next.service.resume(id);
  await quiet();
  return { service: next.service, handle };
}

describe('a moment', () => {
  test.each<[text: string, utc: string]>([
    ['2027-01-31T09:00:00Z', '2027-01-31T09:00:00.000Z'],
    [' 2027-01-31T09:00Z\n', '2027-01-31T09:00:00.000Z'],
    ['2027-01-31T09:00:00.25+01:30', '2027-01-31T07:30:00.250Z'],
    ['2028-02-29T23:59:59-05:00', '2028-03-01T04:59:59.000Z'],
  ])('%j', (text, utc) => expect(new Date(momentOf(text)).toISOString()).toBe(utc));

  test.each([
    '',
    'tomorrow',
    '2027-01-31',
    '2027-01-31T09:00:00',
    '2027-02-30T09:00:00Z',
    '2027-01-31T25:00:00Z',
    '1767600000',
    'Jan 5 2027',
  ])('%j is none', (text) => expect(() => momentOf(text)).toThrow(expect.objectContaining({ code: 'WAIT_MOMENT_INVALID' })));
});

describe('a wait for a time', () => {
  test('is slept to its end, also by the next process, which waits for the rest only', async () => {
    const world = testWorld({ nodes: waiting({ for: '2h' }) });
    const handle = await world.start();
    await world.clock.advance(HOUR);
    const { handle: resumed } = await later(world, handle.id);
    await world.clock.advance(HOUR - 1);
    expect(resumed.view().nodes.wait?.state).toBe('waiting');
    await world.clock.advance(1);
    expect(await resumed.done).toBe('succeeded');
    expect(resumed.view().nodes.wait?.output).toEqual({ at: '2026-01-05T09:00:00.000Z', value: null });
  });

  test.each<[what: string, until: string, wakes: string]>([
    ['to come', '2026-01-05T07:30:00Z', '2026-01-05T07:30:00.000Z'],
    ['that has passed', '2020-01-01T00:00:00Z', '2026-01-05T07:00:00.000Z'],
  ])('goes on at a moment %s', async (_what, until, wakes) => {
    const world = testWorld({
      nodes: waiting({ until: '{{ inputs.at }}' }),
      flow: { inputs: { at: { type: 'string' } } },
      start: { inputs: { at: until } },
    });
    const handle = await world.start();
    await world.clock.advance(HOUR);
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.wait?.output).toEqual({ at: wakes, value: null });
  });

  test('fails for what is no moment', async () => {
    const flow = { inputs: { at: { type: 'string' } } };
    const world = testWorld({ nodes: waiting({ until: '{{ inputs.at }}' }), flow, start: { inputs: { at: 'soon' } } });
    const handle = await world.start();
    expect(await handle.done).toBe('failed');
    expect(handle.view().error).toMatchObject({ code: 'WAIT_MOMENT_INVALID', node: 'wait' });
  });

  test('is refused before the run where the flow itself says what is no moment', async () => {
    await expect(testWorld({ nodes: waiting({ until: 'soon' }) }).start()).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('Expected a moment with its offset'),
    });
  });
});

describe('a wait for a signal', () => {
  const sent = (value?: Json) => ({ decision: 'received', by: 'ada, test', at: 5, ...(value === undefined ? {} : { value }) });

  test('goes on with what came along; what does not match is refused and nothing happens', async () => {
    const schema = { type: 'object', required: ['paid'] };
    const world = testWorld({ nodes: waiting({ signal: 'payment', schema }) });
    const handle = await world.start();
    await quiet();
    expect(handle.view().signals[0]?.request).toMatchObject({ kind: 'signal', name: 'payment', schema });
    await expect(world.service.decide(handle.id, 'wait/signal', sent({ due: 1 }))).rejects.toMatchObject({ code: 'REPLY_INVALID' });
    expect(await world.service.decide(handle.id, 'wait/signal', sent({ paid: 1 }))).toEqual({ accepted: true });
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.wait).toMatchObject({ output: { at: '1970-01-01T00:00:00.005Z', value: { paid: 1 } }, trust: 'untrusted' });
  });

  test('a run that nobody has refuses at the same door', async () => {
    const world = testWorld({ nodes: waiting({ signal: 'payment', schema: { type: 'integer' } }) });
    const handle = await world.start();
    await quiet();
    await handle.park();
    await expect(world.service.decide(handle.id, 'wait/signal', sent('5'))).rejects.toMatchObject({ code: 'REPLY_INVALID' });
    expect(await world.service.decide(handle.id, 'wait/signal', sent(5))).toEqual({ accepted: true });
    const resumed = await world.service.resume(handle.id);
    expect(await resumed.done).toBe('succeeded');
    expect(resumed.view().nodes.wait?.output).toMatchObject({ value: 5 });
  });

  test('leaves by timedOut, counted from the question, over a crash', async () => {
    const world = testWorld({ nodes: { ...waiting({ signal: 'x', timeout: '2h' }), late: { after: { wait: 'timedOut' } } } });
    const handle = await world.start();
    await world.clock.advance(HOUR);
    const { handle: resumed } = await later(world, handle.id);
    await world.clock.advance(HOUR);
    expect(await resumed.done).toBe('succeeded');
    expect(resumed.view().nodes).toMatchObject({
      wait: { outlet: 'timedOut', output: { at: '2026-01-05T09:00:00.000Z', value: null } },
      late: { state: 'succeeded' },
      next: { state: 'skipped' },
    });
  });

  test('without anything connected to timedOut, the run fails', async () => {
    const world = testWorld({ nodes: waiting({ signal: 'x', timeout: '1s' }) });
    const handle = await world.start();
    await world.clock.advance(1000);
    expect(await handle.done).toBe('failed');
    expect(handle.view().error).toMatchObject({ code: 'OUTLET_UNCONNECTED', kind: 'timeout' });
  });

  test('is not begun with a schema that nothing could match by', async () => {
    const world = testWorld({ nodes: waiting({ signal: 'x', schema: { $ref: 'https://example.org/paid.json' } }) });
    const handle = await world.start();
    expect(await handle.done).toBe('failed');
    expect(handle.view()).toMatchObject({ error: { code: 'SCHEMA_INVALID' }, signals: [] });
  });
});
