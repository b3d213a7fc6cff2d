import { describe, expect, test } from 'vitest';
import { quiet } from '../testing/fake-clock.ts';
import type { Deed, TestWorldOptions } from '../testing/harness.ts';
import { testWorld } from '../testing/harness.ts';
import { waitsForPeopleOnly } from './rest.ts';

const approval = { type: 'approval', with: { message: 'Go?' } };
const forever: Deed = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
const broken: Deed = () => {
  throw new Error('not yet');
};

describe('a run that is let go while a person is asked', () => {
  test.each<[what: string, rests: boolean, options: TestWorldOptions]>([
    ['that only waits', true, { nodes: { p: approval } }],
    ['that has done the rest before', true, { nodes: { a: {}, p: { ...approval, after: { a: 'success' } } } }],
    ['that waits for two people', true, { nodes: { p: approval, q: approval } }],
    ['with a time-out', false, { nodes: { p: { ...approval, timeout: '1h' } } }],
    ['with a step under way', false, { nodes: { p: approval, a: {} }, deeds: { a: forever } }],
    ['with a step under way that was begun first', false, { nodes: { a: {}, p: approval }, deeds: { a: forever } }],
    [
      'with another attempt due',
      false,
      { nodes: { a: { retry: { attempts: 3, delay: '1h', on: ['internal'] } }, p: approval }, deeds: { a: broken } },
    ],
  ])('%s: at rest is %s', async (_what, rests, options) => {
    const world = testWorld(options);
    const handle = await world.start();
    await quiet();
    expect(waitsForPeopleOnly(handle.events())).toBe(rests);
    await handle.park();
    expect(waitsForPeopleOnly(world.runs.events(handle.id))).toBe(rests);
  });

  test('is not at rest when it was cut off at any point before', async () => {
    const world = testWorld({ nodes: { a: {}, b: { after: { a: 'success' } }, p: { ...approval, after: { b: 'success' } } } });
    const handle = await world.start();
    await quiet();
    const events = handle.events();
    const rests = events.map((_, at) => waitsForPeopleOnly(events.slice(0, at + 1)));
    expect(rests.lastIndexOf(false)).toBe(rests.length - 2);
    expect(rests.at(-1)).toBe(true);
  });
});
