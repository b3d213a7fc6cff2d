/** A quick look never lets in what zod would not, and what every flow and journal is made of needs no second look. */

import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { catalog } from '../nodes/catalog.ts';
import { ownerDoor, runEventDoor } from '../run/events.ts';
import { fc } from '../testing/fast-check.ts';
import type { Door } from './door.ts';
import { flowDoor, nodeDoor, outletsDoor } from './flow-doors.ts';
import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { paramsDoor } from './parse-words.ts';

const OWNER = { kind: 'cli', nonce: 'n', pid: 1, processStart: '', bootId: '', host: 'h', machine: 'm' };
const ERROR = { code: 'X', kind: 'network', message: 'm', hint: 'h', node: 'a', details: { a: [1] } };
const REQUEST = { kind: 'gate', title: 't', message: 'm', effect: 'write', args: [], argsHash: 'h', untrusted: false, why: 'declared' };

const SAMPLES: readonly [name: string, door: Door<z.ZodType>, samples: readonly Json[]][] = [
  ...[...catalog.values()].map(
    (manifest) => [manifest.type, paramsDoor(manifest), [manifest.initial, manifest.example.with]] as [string, Door<z.ZodType>, Json[]],
  ),
  ['inputs', flowDoor('inputs'), [{ a: { type: 'string' }, b: true }]],
  ['outputs', flowDoor('outputs'), [{ a: { value: { $expr: '1' }, schema: { type: 'number' } } }]],
  [
    'mcpServers',
    flowDoor('mcpServers'),
    [{ a: { command: 'x', args: ['y'] }, b: { type: 'http', url: 'https://example.com/mcp', headers: { a: 'b' } } }],
  ],
  ['limits', flowDoor('limits'), [{ concurrency: { maxRuns: 2, policy: 'skip' }, budget: { cost: 0.5, tokens: 10, time: '1h' } }]],
  ['layout', flowDoor('layout'), [{ a: [0, 20], b: [-5, 3] }]],
  ['join', nodeDoor('join'), ['all', { atLeast: 2 }]],
  ['retry', nodeDoor('retry'), [{ attempts: 3, backoff: 'constant', delay: '1s', jitter: false, on: ['network'] }]],
  ['timeout', nodeDoor('timeout'), ['30s', { attempt: '1s', total: '5m' }]],
  ['gate', nodeDoor('gate'), [true, { message: 'May I?' }]],
  ['outlets', outletsDoor, ['success', ['failure', 'case:a b']]],
  ['owner', ownerDoor, [OWNER]],
  [
    'event',
    runEventDoor,
    [
      { seq: 0, t: 1.5, type: 'segment.opened', format: 1, segment: 2, owner: OWNER, previous: { segment: 1, length: 9 } },
      {
        ...{ seq: 1, t: 2, type: 'run.created' },
        run: { id: 'r', flow: 'f', title: 't', bundle: 'b', inputs: { a: 1 }, mode: 'live', startedBy: 'cli', approved: ['a'], belay: '1' },
      },
      { seq: 2, t: 3, type: 'node.finished', node: 'a', outlet: 'success', output: null, trust: 'trusted', error: ERROR, failed: false },
      { seq: 3, t: 4, type: 'step.started', node: 'a', step: 'a/do', attempt: 1, effect: 'read', idempotencyKey: 'k', args: [1] },
      { seq: 4, t: 5, type: 'signal.requested', node: 'a', key: 'k', request: REQUEST, until: 7 },
      { seq: 5, t: 6, type: 'run.finished', outcome: 'failed', error: ERROR },
    ],
  ],
];

/** The value with something in it taken away, added or put in its place. */
function spoiled(value: Json, [where, how, other]: readonly [number, number, Json]): Json {
  const places: { owner: Record<string, Json> | Json[]; key: string }[] = [];
  const collect = (at: Json): void => {
    if (!Array.isArray(at) && !isJsonObject(at)) return;
    for (const [key, item] of Object.entries(at)) {
      places.push({ owner: at, key });
      collect(item);
    }
  };
  const whole = { it: structuredClone(value) };
  collect(whole);
  const place = places[where % places.length];
  if (!place) return whole.it;
  const owner = place.owner as Record<string, Json>;
  if (how === 0 && !Array.isArray(owner)) delete owner[place.key];
  else if (how === 1 && !Array.isArray(owner))
    Object.defineProperty(owner, typeof other === 'string' ? other : 'extra', { value: 1, enumerable: true, configurable: true });
  else owner[place.key] = other;
  return whole.it;
}

describe.each(SAMPLES)('the door of %s', (_name, door, samples) => {
  test('lets in at a look what fits', () => {
    for (const sample of samples) expect(door.surelyFits(sample), JSON.stringify(sample)).toBe(true);
    for (const sample of samples) expect(door.schema.parse(sample)).toEqual(sample);
  });

  test('lets in at a look only what zod takes as it is', () => {
    const others = fc.oneof(
      fc.jsonValue() as fc.Arbitrary<Json>,
      fc.constantFrom<Json>('', '__proto__', 0, -1, 1.5, 1e300, 'read', 'a', [], {}, null),
    );
    const spoilings = fc.array(fc.tuple(fc.nat(40), fc.nat(2), others), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), spoilings, (sample, changes) => {
        const value = changes.reduce<Json>(spoiled, sample);
        if (!door.surelyFits(value)) return;
        expect(door.schema.parse(value)).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });
});

test('what is no number of JSON is in doubt', () => {
  const event = { seq: 0, t: Number.POSITIVE_INFINITY, type: 'run.queued' };
  expect(runEventDoor.surelyFits(event)).toBe(false);
  expect(runEventDoor.safeParse(event).success).toBe(false);
});

test('unknown keys of an event are taken away, as zod does', () => {
  expect(runEventDoor.safeParse({ seq: 0, t: 1, type: 'run.queued', later: 1 })).toEqual({
    success: true,
    data: { seq: 0, t: 1, type: 'run.queued' },
  });
});
