import { expect, test } from 'vitest';
import type { RunSummary } from '../engine/run/view.ts';
import { findRun } from './find-run.ts';

const run = (id: string, local: boolean): RunSummary => ({
  id,
  flow: 'a.flow.json',
  title: 'A',
  mode: 'live',
  startedBy: 'cli',
  status: 'succeeded',
  createdAt: 1,
  waiting: [],
  local,
});
/** Newest first; the newest came with a repository. */
const runs = [run('20261122-134503-ccccc1', false), run('20261122-134502-bbbbb2', true), run('20261122-134501-aaaaa3', true)];

test.each<[string, string]>([
  ['last', '20261122-134502-bbbbb2'],
  ['ccccc1', '20261122-134503-ccccc1'],
  ['20261122-134501-aaaaa3', '20261122-134501-aaaaa3'],
])('%s is run %s', (name, id) => {
  expect(findRun(runs, name)).toBe(id);
});

test.each<[string, RunSummary[], string]>([
  ['last', runs.slice(0, 1), 'RUN_UNKNOWN'],
  ['2026', runs, 'RUN_AMBIGUOUS'],
  ['', runs, 'RUN_UNKNOWN'],
  ['other', runs, 'RUN_UNKNOWN'],
])('"%s" is none of them', (name, of, code) => {
  expect(() => findRun(of, name)).toThrow(expect.objectContaining({ code }));
});
