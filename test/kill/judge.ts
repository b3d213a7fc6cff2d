/** What "Repeat or ask" demands of a run that was killed and resumed, told from its journal and from what its effects left behind. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunEvent } from '../../src/engine/run/events.ts';
import { FileRunStore } from '../../src/providers/journal/file-run-store.ts';
import { silentLog } from '../../src/providers/journal/testing/silent-log.ts';
import { effectsIn, filesOf, labelsOf, outputsOf } from './workspace.ts';

/** All runs of the folder, which were given the numbers from 0. */
export async function judge(root: string, count: number): Promise<void> {
  const store = new FileRunStore({ root, kind: 'test', log: silentLog, now: Date.now });
  const runs = await store.list();
  expect(runs).toHaveLength(count);
  const stories = await Promise.all(runs.map(async ({ id }) => (await store.read(id)).events));
  for (const events of stories) judgeStory(events);

  const effects = effectsIn(root);
  for (let n = 0; n < count; n += 1) {
    for (const label of labelsOf(n)) expect([label, effects.filter((it) => it === label).length]).toEqual([label, 1]);
    expect(effects).toContain(`fx-look-${n}`);
    for (const [path, content] of Object.entries(filesOf(n)))
      expect([path, readFileSync(join(root, path), 'utf8')]).toEqual([path, content]);
  }
  const numbers = stories.map(([, created]) => (created?.type === 'run.created' ? Number(created.run.inputs.n) : -1));
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
}

function judgeStory(events: readonly RunEvent[]): void {
  const n = events.flatMap((event) => (event.type === 'run.created' ? [Number(event.run.inputs.n)] : []))[0] ?? -1;
  const end = events.find((event) => event.type === 'run.finished');
  expect(end?.type === 'run.finished' ? [end.outcome, end.error ?? null, end.outputs ?? null] : []).toEqual([
    'succeeded',
    null,
    outputsOf(n),
  ]);

  const finished = events.flatMap((event) => (event.type === 'step.finished' && event.error === undefined ? [event.step] : []));
  expect(twice(finished)).toEqual([]);
  const left = events.flatMap((event) => (event.type === 'node.finished' ? [event.node] : []));
  expect(twice(left)).toEqual([]);

  // Questions of doubt: one for each death in the middle of an irreversible step, and no other.
  const open = new Map<string, string>();
  const doubtful = new Set<string>();
  const asked: string[] = [];
  for (const event of events) {
    if (event.type === 'segment.opened') for (const [node, effect] of open) if (effect === 'irreversible') doubtful.add(node);
    if (event.type === 'step.started') open.set(event.node, event.effect);
    if (event.type === 'step.finished') open.delete(event.node);
    if (event.type === 'node.finished') open.delete(event.node);
    if (event.type === 'signal.requested' && event.request.kind === 'inDoubt') {
      asked.push(event.node);
      expect([event.node, doubtful.has(event.node)]).toEqual([event.node, true]);
    }
  }
  expect([...doubtful].filter((node) => !asked.includes(node))).toEqual([]);
}

function twice(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i);
}
