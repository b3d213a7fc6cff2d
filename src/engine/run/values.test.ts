import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../format/json.ts';
import { sha256 } from '../policy/hash.ts';
import { isObjectRef, objectRefIn, revived } from './object-ref.ts';
import { LARGE, Values } from './values.ts';

function world(): { values: Values; objects: Map<string, string>; loads: string[]; stores: number[]; fresh(): Values } {
  const objects = new Map<string, string>();
  const loads: string[] = [];
  const stores: number[] = [];
  const fresh = (): Values =>
    new Values({
      redact: (text) => text.replaceAll('hunter2', '•••'),
      store: (text) => {
        stores.push(text.length);
        objects.set(sha256(text), text);
        return sha256(text);
      },
      load: async (name) => {
        loads.push(name);
        return objects.get(name) ?? '';
      },
    });
  return { values: fresh(), objects, loads, stores, fresh };
}

const big = 'x'.repeat(LARGE + 1);
const rows = Array.from({ length: 3000 }, (_, index) => ({ index, text: 'some text of a row' }));
/** As it comes back from the journal. */
const reread = (value: Json): Json => revived(JSON.parse(JSON.stringify(value)) as Json);

describe('large values', () => {
  test.each<[string, Json, number]>([
    ['what is small stands where it stood', { a: [1, 'two', null, true, { b: 'c' }] }, 0],
    ['a long text', big, 1],
    ['a long text in a small object', { head: 'h', text: big }, 1],
    ['a long list', rows, 1],
    ['long texts in a list: each by itself', [big, `${big}y`], 2],
    ['many texts of a middling size together', Array.from({ length: 20 }, (_, i) => 'y'.repeat(5000) + i), 1],
    ['the same text twice is stored once', { a: big, b: big }, 1],
    ['what looks like a reference is kept as what it is', { '$belay.object': 'a', bytes: 1, kind: 'text', start: '' }, 1],
    ['a key that every object has', JSON.parse('{"__proto__":{"a":1}}') as Json, 0],
  ])('%s', async (_name, value, stored) => {
    const { values, objects, fresh } = world();
    const recorded = values.record(value);
    expect(objects.size).toBe(stored);
    expect(JSON.stringify(recorded).length).toBeLessThan(LARGE + 2000);
    expect(await values.whole(recorded)).toEqual(value);
    expect(await fresh().whole(reread(recorded))).toEqual(value);
  });

  test('a value that is carried along is stored once, and not gone through again', () => {
    const { values, stores } = world();
    const first = values.record({ rows, text: big, step: 0 });
    for (let step = 1; step < 20; step += 1) {
      const whole = values.whole(first) as JsonObject;
      values.record({ ...whole, step });
    }
    expect(stores).toHaveLength(2);
  });

  test('what is too deep is refused, and what stands in it by name counts as deep as it is', async () => {
    const { values } = world();
    const nested = (levels: number, inside: Json): Json => {
      let value = inside;
      for (let i = 0; i < levels; i += 1) value = i % 2 === 0 ? [value] : { a: value };
      return value;
    };
    expect(() => values.record(nested(100_000, 1))).toThrow(expect.objectContaining({ code: 'VALUE_TOO_DEEP' }));
    const inner = [nested(200, 1), ...rows];
    const recorded = values.record(inner);
    expect(await values.whole(values.record(nested(50, recorded)))).toEqual(nested(50, inner));
    const outer = values.record([recorded, nested(200, recorded)]);
    expect(() => values.whole(outer)).toThrow(expect.objectContaining({ code: 'VALUE_TOO_DEEP' }));
  });

  test('a few names that stand for more than fits into memory are refused', () => {
    const { values } = world();
    let value = values.record(big);
    for (let i = 0; i < 40; i += 1) value = values.record([value, value, ...rows.map((row) => ({ ...row, i }))]);
    expect(() => values.whole(value)).toThrow(expect.objectContaining({ code: 'VALUE_TOO_LARGE' }));
    expect(() => values.scope({ inputs: { a: value } }, [{ root: 'inputs', path: ['a'] }])).toThrow(
      expect.objectContaining({ code: 'VALUE_TOO_LARGE' }),
    );
  });

  test('more than is kept in memory is read once and not for ever', async () => {
    const { values, fresh, loads } = world();
    const large = Array.from({ length: 6 }, (_, i) => 'z'.repeat(5 * 1024 * 1024) + i);
    const recorded = reread(values.record(large));
    expect(await fresh().whole(recorded)).toEqual(large);
    expect(loads).toHaveLength(6);
  });

  test('secrets do not get into objects', async () => {
    const { values, objects } = world();
    const recorded = values.record({ text: `${big}hunter2`, rows: [...rows, { index: 0, text: 'hunter2' }] });
    expect([...objects.values()].join('')).not.toContain('hunter2');
    expect(JSON.stringify(await values.whole(recorded))).toContain('•••');
    expect(values.record({ text: `${big}hunter2` })).toEqual({ text: (recorded as JsonObject).text });
  });

  test('a step reads no more than it refers to', async () => {
    const { values, loads, fresh } = world();
    const recorded = reread(values.record({ text: big, small: 'fine', rows }));
    const scope = { steps: { a: { state: 'succeeded', output: recorded, error: null } } };
    const later = fresh();
    const seen = later.scope(scope, [{ root: 'steps', path: ['a', 'output', 'small'] }]);
    expect(seen).toBe(scope);
    expect(loads).toEqual([]);
    const read = await later.scope(scope, [{ root: 'steps', path: ['a', 'output', 'text'] }]);
    expect(loads).toHaveLength(1);
    expect(read).toMatchObject({ steps: { a: { output: { text: big, small: 'fine' } } } });
    const inList = await later.scope(scope, [{ root: 'steps', path: ['a', 'output', 'rows', 2, 'index'] }]);
    expect(inList).toMatchObject({ steps: { a: { output: { rows } } } });
    expect(loads).toHaveLength(2);
  });

  test('more than is kept in memory is read all the same, each part once', async () => {
    const { values, loads, fresh } = world();
    const texts = Array.from({ length: 30 }, (_, i) => String(i).padEnd(1024 * 1024, 'z'));
    const recorded = reread(values.record(texts));
    expect(await fresh().whole(recorded)).toEqual(texts);
    expect(loads).toHaveLength(30);
  });

  test('what grows without end on the way is refused', async () => {
    const { objects, fresh } = world();
    // Each object holds the one before twice, as no run would write it.
    let value: Json = [];
    for (let i = 0; i < 40; i += 1) {
      const text: string = JSON.stringify([value, value, i]);
      objects.set(sha256(text), text);
      value = { '$belay.object': sha256(text), bytes: text.length, kind: 'json', start: '' };
    }
    await expect((async () => fresh().whole(reread(value)))()).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' });
  });

  test('what is shown of one says how large it is and how it begins', () => {
    const [shown] = [world().values.record(big)].map((value) => objectRefIn(JSON.parse(JSON.stringify(value)) as Json));
    expect(shown).toMatchObject({ bytes: LARGE + 1, kind: 'text', start: 'x'.repeat(200) });
    expect(isObjectRef(JSON.parse(JSON.stringify(shown)) as Json)).toBe(false);
  });
});
