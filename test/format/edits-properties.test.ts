import { describe, expect, it } from 'vitest';
import type { EditPlan, ReferenceScanner } from '../../src/engine/format/edits.ts';
import { applyTextEdits, planEdits } from '../../src/engine/format/edits.ts';
import type { FlowEdit } from '../../src/engine/format/flow-edit.ts';
import { flowEditSchema } from '../../src/engine/format/flow-edit.ts';
import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';
import { parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { fc } from '../../src/engine/testing/fast-check.ts';
import { applied, INPUT_REFERENCE, REFERENCE } from './flow-model.ts';
import { flow, formatting, IDS, jsonValue, regularFormatting } from './random-flow.ts';

const RUNS = 200;
/** A busy machine of two cores takes its time. */
const PATIENCE = { timeout: 60_000 };
const scan: ReferenceScanner = (text, _kind, of = 'steps') =>
  [...text.matchAll(of === 'steps' ? REFERENCE : INPUT_REFERENCE)].map((it) => ({
    id: it[1]!,
    offset: it.index + `${of}.`.length,
    length: it[1]!.length,
  }));
const plan = (text: string, edits: readonly FlowEdit[]) => planEdits(text, edits, { catalog, scan });

const id = fc.constantFrom(...IDS, 'fresh', 'other9');
const outlet = fc.constantFrom('success', 'failure', 'approved', 'rejected', 'timedOut', 'else', 'case:bug', 'case:task', 'case:no way');
const input = fc.constantFrom('topic', 'more');
const coordinate = fc.integer({ min: -9999, max: 9999 });
const position = fc.record({ x: coordinate, y: coordinate });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const defined = (edit: Record<string, unknown>) =>
  flowEditSchema.parse(Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)));

const newNode = fc.constantFrom<JsonObject>(
  { type: 'template', with: { template: 'Hello "you"\n' } },
  { type: 'prompt', title: 'Ask', retry: { attempts: 2 }, with: { prompt: 'hi' } },
  { type: 'branch', with: { cases: [{ name: 'bug', when: 'true' }] } },
);
const copied = fc.constantFrom<JsonObject>(
  { type: 'template', after: { a: 'success' }, with: { template: 'See {{ steps.a.output.text }} and {{ steps.fresh.output.text }}' } },
  { type: 'prompt', title: 'Ask', after: { draft: ['success', 'approved'], b: 'else' }, with: { prompt: '{{ steps.draft.output.text }}' } },
  { type: 'approval', gate: { message: '{{ steps.check2.output }}' }, with: { message: 'Go?' } },
);
const nodePath = fc.constantFrom(
  ['title'],
  ['retry', 'attempts'],
  ['with', 'temperature'],
  ['x-unknown'],
  ['output'],
  ['with', 'file', 'deep'],
);

const edit: fc.Arbitrary<FlowEdit> = fc.oneof(
  fc.record({ kind: fc.constant('addNode'), id, node: newNode, position: optional(position), behind: optional(id) }).map(defined),
  fc
    .record({
      kind: fc.constant('pasteNodes'),
      nodes: fc.dictionary(id, copied, { minKeys: 1, maxKeys: 3 }),
      names: fc.dictionary(id, fc.constantFrom('fresh', 'other9', 'third', 'a'), { maxKeys: 3 }),
      positions: fc.constantFrom({}, { third: { x: 3, y: -3 } }),
      behind: optional(id),
    })
    .map(defined),
  fc.record({ kind: fc.constant('changeType'), node: id, type: fc.constantFrom('template', 'prompt', 'approval', 'branch') }).map(defined),
  fc
    .record({
      kind: fc.constant('moveToBody'),
      nodes: fc.array(id, { minLength: 1, maxLength: 3 }),
      owner: optional(id),
      positions: fc.constant({}),
    })
    .map(defined),
  fc.record({ kind: fc.constant('removeNode'), id }).map(defined),
  fc.record({ kind: fc.constant('moveNodes'), positions: fc.dictionary(id, position, { minKeys: 1, maxKeys: 4 }) }).map(defined),
  fc.record({ kind: fc.constant('connect'), source: id, outlet, target: id }).map(defined),
  fc.record({ kind: fc.constant('disconnect'), source: id, outlet, target: id }).map(defined),
  fc
    .record({ kind: fc.constant('setParam'), node: id, path: nodePath, value: optional(jsonValue) })
    .map((it) => defined(it.path[0] === 'x-unknown' ? { ...it, value: undefined } : it)),
  fc
    .record({
      kind: fc.constant('setFlow'),
      path: fc.constantFrom(['title'], ['description'], ['inputs', 'topic'], ['inputs', 'more']),
      value: optional(jsonValue),
    })
    .map(defined),
  fc.record({ kind: fc.constant('renameNode'), id, to: id }).map(defined),
  fc.record({ kind: fc.constant('renameInput'), name: input, to: input }).map(defined),
);

/** The texts of what was kept and what was replaced, so that a mistake shows where it is. */
function expectMinimal(before: string, planned: Extract<EditPlan, { ok: true }>): void {
  let end = 0;
  for (const { offset, length, newText } of planned.edits) {
    expect(offset).toBeGreaterThanOrEqual(end);
    expect(before.slice(offset, offset + length)).not.toBe(newText);
    end = offset + length;
  }
  expect(end).toBeLessThanOrEqual(before.length);
  expect(applyTextEdits(before, planned.edits)).toBe(planned.text);
}

/** Keys that an object had before and has after stand in the same order. */
function expectSameOrder(before: Json | undefined, after: Json | undefined): void {
  if (before === undefined || after === undefined || !isJsonObject(before) || !isJsonObject(after)) return;
  const common = Object.keys(before).filter((key) => Object.hasOwn(after, key));
  expect(Object.keys(after).filter((key) => Object.hasOwn(before, key))).toEqual(common);
  for (const key of common) expectSameOrder(before[key], after[key]);
}

const lines = (text: string) => text.split(/\r?\n/);

/** Lines of `a` that `b` does not have, counted as often as they occur. */
function missing(a: string[], b: string[]): string[] {
  const left = [...b];
  return a.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

describe('edits of random flows in random formatting', PATIENCE, () => {
  it('mean what the model says, and touch nothing else', async () => {
    await fc.assert(
      fc.property(flow, formatting, edit, (data, format, gesture) => {
        const text = format.print(data);
        const expected = applied(data, gesture);
        const planned = plan(text, [gesture]);
        expect(planned.ok, JSON.stringify(planned)).toBe(expected !== undefined);
        if (!planned.ok) return;
        const result = JSON.parse(planned.text) as JsonObject;
        expect(result).toEqual(expected);
        expectMinimal(text, planned);
        if (gesture.kind !== 'renameNode' && gesture.kind !== 'renameInput') expectSameOrder(data, result);
        else expect(Object.keys(result.nodes as JsonObject)).toEqual(Object.keys(expected?.nodes as JsonObject));
        if (gesture.kind === 'addNode') expect(Object.keys(result.nodes as JsonObject)).toEqual(Object.keys(expected?.nodes as JsonObject));
      }),
      { numRuns: RUNS },
    );
  });

  it('several at once are the same as one after the other', async () => {
    await fc.assert(
      fc.property(flow, formatting, fc.array(edit, { minLength: 2, maxLength: 5 }), (data, format, gestures) => {
        const text = format.print(data);
        let expected: string | undefined = text;
        for (const gesture of gestures) {
          const step: EditPlan | undefined = expected === undefined ? undefined : plan(expected, [gesture]);
          expected = step?.ok ? step.text : undefined;
        }
        const planned = plan(text, gestures);
        expect(planned.ok ? JSON.parse(planned.text) : undefined).toEqual(expected === undefined ? undefined : JSON.parse(expected));
        if (planned.ok) expectMinimal(text, planned);
      }),
      { numRuns: RUNS },
    );
  });

  it('keep a sound flow sound', async () => {
    await fc.assert(
      fc.property(flow, formatting, edit, (data, format, gesture) => {
        const text = format.print(data);
        fc.pre(gesture.kind !== 'setParam' && gesture.kind !== 'setFlow');
        expect(parseFlow(text, catalog).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        const planned = plan(text, [gesture]);
        if (planned.ok) expect(parseFlow(planned.text, catalog).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('lines of regularly formatted flows', PATIENCE, () => {
  it('moving a node that has a place changes its line', async () => {
    await fc.assert(
      fc.property(flow, regularFormatting, position, (data, format, { x, y }) => {
        const layout = (data.layout ?? {}) as Record<string, Json>;
        const [first] = Object.keys(layout);
        fc.pre(first !== undefined && JSON.stringify(layout[first]) !== JSON.stringify([x, y]));
        const text = format.print(data);
        const planned = plan(text, [{ kind: 'moveNodes', positions: { [first!]: { x, y } } }]);
        if (!planned.ok) throw new Error(planned.problem.message);
        expect(lines(planned.text).length).toBe(lines(text).length);
        expect(lines(planned.text).filter((line, index) => line !== lines(text)[index])).toHaveLength(1);
      }),
      { numRuns: RUNS },
    );
  });

  it('moving a node that has none adds one line to a layout that is there', async () => {
    await fc.assert(
      fc.property(flow, regularFormatting, position, (data, format, place) => {
        const layout = (data.layout ?? {}) as Record<string, Json>;
        const without = Object.keys(data.nodes as JsonObject).find((it) => !Object.hasOwn(layout, it));
        fc.pre(without !== undefined && Object.keys(layout).length > 0);
        const text = format.print(data);
        const planned = plan(text, [{ kind: 'moveNodes', positions: { [without!]: place } }]);
        if (!planned.ok) throw new Error(planned.problem.message);
        expect(missing(lines(text), lines(planned.text))).toEqual([]);
        expect(lines(planned.text).length).toBe(lines(text).length + 1);
      }),
      { numRuns: RUNS },
    );
  });

  it('adding a node adds its block and its layout line, and at most a comma', async () => {
    await fc.assert(
      fc.property(flow, regularFormatting, newNode, position, optional(id), (data, format, node, place, behind) => {
        fc.pre(Object.keys((data.layout ?? {}) as JsonObject).length > 0);
        const text = format.print(data);
        const planned = plan(text, [{ kind: 'addNode', id: 'fresh', node, position: place, ...(behind === undefined ? {} : { behind }) }]);
        fc.pre(planned.ok);
        if (!planned.ok) return;
        const gone = missing(lines(text), lines(planned.text));
        const come = missing(lines(planned.text), lines(text));
        expect(gone.length).toBeLessThanOrEqual(1);
        for (const line of gone) expect(come).toContain(`${line},`);
        expect(come.filter((line) => line.includes('"fresh"'))).toHaveLength(2);
      }),
      { numRuns: RUNS },
    );
  });
});
