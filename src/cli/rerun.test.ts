import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../engine/format/json.ts';
import { encodeBundle } from '../engine/run/bundle.ts';
import { FileRunStore } from '../providers/journal/file-run-store.ts';
import { systemProcesses } from '../providers/journal/processes.ts';
import { header } from '../providers/journal/testing/fixture.ts';
import { silentLog } from '../providers/journal/testing/silent-log.ts';
import type { Ended } from './testing/belay.ts';
import { Belay, belay, jsonLines, workspaceWith } from './testing/belay.ts';

/** Appends its input to a file, joins it with more, and stores that. */
const flow: Json = {
  version: 1,
  title: 'Notes',
  inputs: { word: { type: 'string' }, times: { type: 'integer', default: 2 } },
  nodes: {
    log: { type: 'file', with: { action: 'append', path: 'log.txt', content: '{{ inputs.word }}\n' } },
    join: { type: 'template', after: { log: 'success' }, with: { template: '{{ inputs.word }} {{ steps.log.output.bytes }}' } },
    store: {
      type: 'file',
      after: { join: 'success' },
      with: { action: 'write', path: 'out.txt', content: '{{ steps.join.output.text }}' },
    },
    tell: { type: 'command', after: { store: 'success' }, with: { run: ['touch', 'told {{ inputs.word }}'] } },
  },
};

interface Place {
  root: string;
  file(name: string): Promise<string>;
  run(...args: string[]): Promise<Ended>;
}

async function place(): Promise<Place> {
  const root = await workspaceWith({ 'notes.flow.json': flow });
  return { root, file: (name) => readFile(join(root, name), 'utf8'), run: (...args) => belay(root, ...args) };
}

const FIRST = ['run', 'notes.flow.json', '--approve', 'tell'];

describe('belay run --from', () => {
  test('runs again with the inputs of the run, as changed; from a node, or that node alone, on its results', async () => {
    const { run, file, root } = await place();
    expect((await run(...FIRST, '-i', 'word=one')).code).toBe(0);
    const again = await run('run', '--from', 'last', '--approve', 'tell', '-i', 'times=3');
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toMatch(/Again: run \d{8}-/);
    expect(await file('log.txt')).toBe('one\none\n');
    await writeFile(join(root, 'out.txt'), 'changed');
    const from = await run('run', 'notes.flow.json', '--from', 'last:join', '--approve', 'tell', '-i', 'word=two');
    expect(from.stdout).toContain('From "join": the other nodes keep their results of run');
    expect(from.stdout).toContain('log: succeeded (kept from the earlier run)');
    expect(await file('log.txt')).toBe('one\none\n');
    expect(await file('out.txt')).toBe('two 4');
    await writeFile(join(root, 'out.txt'), 'changed');
    const only = await run('run', '--from', 'last', '--only', 'store');
    expect([only.code, only.stderr]).toEqual([0, '']);
    expect(await file('out.txt')).toBe('two 4');
  }, 60_000);

  test.each<[string[], RegExp]>([
    [['run'], /FROM_SYNTAX/],
    [['run', '--from', 'nothing'], /RUN_UNKNOWN/],
    [['run', 'notes.flow.json', '--only', 'none', '-i', 'word=x'], /NODE_UNKNOWN/],
    [['run', 'notes.flow.json', '--only', 'store', '-i', 'word=x'], /RERUN_NO_RESULT/],
    [['pin', 'notes.flow.json', 'log'], /RUN_UNKNOWN/],
    [['pin', 'notes.flow.json', 'none', '--value', '1'], /NODE_UNKNOWN: The flow has no node "none"\.\nIts nodes are: /],
    [
      ['pin', 'notes.flow.json', 'log', '--value', '1', '--outlet', 'up'],
      /GIVEN_REFUSED: "log" has no outlet "up" to leave by\.\nIts outlets are: success, failure\./,
    ],
  ])(
    'belay %j says what is wrong',
    async (args, expected) => {
      const { run } = await place();
      const { code, stderr } = await run(...args);
      expect(stderr).toMatch(expected);
      expect(code).toBe(2);
    },
    30_000,
  );
});

test('a run that came with a repository is nobody’s last one, and where it says its flow is is not read before that is checked', async () => {
  const { root, run } = await place();
  const processes = { ...systemProcesses(), machine: async () => 'there' };
  const store = new FileRunStore({ root, kind: 'test', log: silentLog, now: Date.now, processes });
  const bundle = await store.putObject(encodeBundle({ flow: JSON.stringify(flow), files: {} }));
  const id = '20261122-134501-k3f9x2';
  await (await store.create({ ...header(id), bundle, flow: '../elsewhere.flow.json' })).release('parked');
  expect((await run('show', id)).code).toBe(0);
  expect((await run('show', 'last')).stderr).toMatch(/RUN_UNKNOWN/);
  expect((await run('run', '--from', id)).stderr).toMatch(/FLOW_OUTSIDE/);
  expect((await run('resume', id, '--update-flow')).stderr).toMatch(/FLOW_OUTSIDE/);
}, 30_000);

describe('belay run --dry-run', () => {
  test('shows what would be done, and does nothing of it', async () => {
    const { run, root } = await place();
    const { code, stdout, stderr } = await run('run', 'notes.flow.json', '--dry-run', '-i', 'word=one');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Dry run: nothing is asked, started, written or sent.');
    expect(stdout).toContain('$ touch "told one"');
    expect(stdout).toContain('would ask for a yes');
    expect(stdout).toContain('"path": "out.txt"');
    expect(stdout).toContain('Nothing of this was done.');
    expect(['log.txt', 'out.txt', 'told one'].filter((name) => existsSync(join(root, name)))).toEqual([]);
    expect((await run('runs')).stdout).toContain('dry run');
    expect((await run('show', 'last')).stdout).toContain('Dry run: nothing was done');
  }, 60_000);

  test('as JSON has the steps with their arguments', async () => {
    const { run } = await place();
    const { stdout } = await run('run', 'notes.flow.json', '--dry-run', '--json', '-i', 'word=one');
    const events = jsonLines(stdout);
    expect(events.find(({ type, node }) => type === 'step.started' && node === 'tell')).toMatchObject({
      effect: 'irreversible',
      args: { run: ['touch', 'told one'] },
    });
    expect(events.filter(({ type, dry }) => type === 'step.finished' && dry)).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ type: 'result', outcome: 'succeeded' });
  }, 30_000);
});

describe('belay pin', () => {
  test('pins a value or the result of a run, which runs take until it is removed', async () => {
    const { run, file, root } = await place();
    await writeFile(join(root, 'value.json'), '{"text":"from a file"}');
    expect((await run('pin', 'notes.flow.json', 'log', '--value', '{"bytes":7}')).stdout).toContain('does not happen in those runs');
    expect((await run('pin', 'notes.flow.json', 'join', '--value', '@value.json')).code).toBe(0);
    const listed = JSON.parse((await run('pin', 'notes.flow.json', '--json')).stdout) as Json;
    expect(listed).toMatchObject({
      log: { trust: 'trusted', output: { bytes: 7 } },
      join: { trust: 'untrusted', output: { text: 'from a file' } },
    });
    const pinned = await run('run', 'notes.flow.json', '-i', 'word=x', '--only', 'store');
    expect(pinned.stdout).toContain('Pinned, so not run and without effect: log, join');
    expect(await file('out.txt')).toBe('from a file');
    expect(existsSync(join(root, 'log.txt'))).toBe(false);
    expect((await run(...FIRST, '-i', 'word=y', '--no-pins')).code).toBe(0);
    expect(await file('out.txt')).toBe('y 2');
    expect((await run('pin', 'notes.flow.json', 'join')).code).toBe(0);
    expect((await run('pin', 'notes.flow.json')).stdout).toContain('of run');
    expect((await run('unpin', 'notes.flow.json', 'join')).stdout).toContain('join');
    expect((await run('unpin', 'notes.flow.json')).stdout).toContain('log');
    expect((await run('unpin', 'notes.flow.json')).stdout).toContain('Nothing was pinned.');
  }, 90_000);

  test('keeps no secret that was typed', async () => {
    const { root } = await place();
    const secret = { BELAY_SECRET_KEY: 'hunter2hunter2' };
    expect(
      (await new Belay(root, ['pin', 'notes.flow.json', 'join', '--value', '{"text":"hunter2hunter2"}'], { env: secret }).ended).code,
    ).toBe(0);
    const { stdout } = await new Belay(root, ['pin', 'notes.flow.json', '--json'], { env: secret }).ended;
    expect(JSON.parse(stdout)).toMatchObject({ join: { output: { text: '•••' } } });
  }, 30_000);
});
