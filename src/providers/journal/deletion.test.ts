import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../engine/nodes/catalog.ts';
import { executors } from '../../engine/nodes/executors.ts';
import type { RunEvent } from '../../engine/run/events.ts';
import { encodeEvent } from '../../engine/run/journal-codec.ts';
import { RunService } from '../../engine/run/service.ts';
import { fakeHost } from '../../engine/testing/fake-ports.ts';
import type { FileRunStore } from './file-run-store.ts';
import { systemProcesses } from './processes.ts';
import { header, RUN, storeIn, temporaryRoot } from './testing/fixture.ts';

const folder = (root: string, ...path: string[]): string => join(root, '.belay/local', ...path);
const id = (n: number): string => `20261122-1345${String(n).padStart(2, '0')}-k3f9x2`;

/** As if all objects had been stored an hour ago. */
async function age(root: string): Promise<void> {
  const then = new Date(Date.now() - 3_600_000);
  for (const name of await readdir(folder(root, 'objects'))) await utimes(folder(root, 'objects', name), then, then);
}

async function objects(root: string): Promise<string[]> {
  return (await readdir(folder(root, 'objects'))).toSorted();
}

async function begin(store: FileRunStore, runId: string, text: string): Promise<string> {
  const bundle = await store.putObject(text);
  await (await store.create({ ...header(runId), bundle })).release('parked');
  return bundle;
}

describe('objects that no run names', () => {
  test('are none of those that a run was started with and moved to', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    // A header that does not fit into the beginning of a segment, as inputs can be long.
    const bundle = await store.putObject('first');
    const inputs = { text: 'x'.repeat(10_000) };
    await (await store.create({ ...header(), bundle, inputs })).release('parked');
    const moved: string[] = [];
    for (const text of ['second', 'third']) {
      moved.push(await store.putObject(text));
      const journal = await store.acquire(RUN);
      journal.append({ type: 'run.moved', bundle: moved.at(-1) ?? '', by: 'ada' });
      for (let n = 0; n < 100; n += 1) journal.append({ type: 'node.started', node: `n${n}` });
      await journal.release('parked');
    }
    await store.putObject('nobody names it');
    await age(root);
    await store.collect();
    expect(await objects(root)).toEqual([bundle, ...moved].toSorted());
  });

  test('are deleted when they are not quite new; those of a run stay, also where its journal is damaged or of a newer Belay', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const kept = [await begin(store, id(1), 'one'), await begin(store, id(2), 'two'), await begin(store, id(3), 'three')];
    const journal = (n: number): string => folder(root, 'runs', id(n), '0001.jsonl');
    await writeFile(journal(2), (await readFile(journal(2), 'utf8')).replace('run.created', 'run.createx'));
    const [opened = '', created = ''] = (await readFile(journal(3), 'utf8')).split('\n');
    const newer = encodeEvent({ ...JSON.parse(created), type: 'run.made', crc: undefined } as unknown as RunEvent);
    await writeFile(journal(3), `${opened}\n${newer}\n`);
    await store.putObject('nobody needs this');
    await store.collect();
    expect(await objects(root)).toHaveLength(4);
    await age(root);
    await store.collect();
    expect(await objects(root)).toEqual(kept.toSorted());

    for (const n of [1, 2, 3]) await store.remove(id(n));
    await store.collect();
    expect(await objects(root)).toEqual([]);
    expect(await readdir(folder(root, 'tmp'))).toEqual([]);
  });

  test('count as new when they are stored again', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const name = await store.putObject('again');
    await age(root);
    await store.putObject('again');
    await store.collect();
    expect(await objects(root)).toEqual([name]);
  });

  test('a bundle that follows a long list of inputs is found', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const bundle = await store.putObject('long');
    const journal = await store.create({ ...header(), inputs: { text: 'x'.repeat(20_000) }, bundle });
    await journal.release('parked');
    await age(root);
    await store.collect();
    expect(await objects(root)).toEqual([bundle]);
  });

  test('a run that starts meanwhile keeps its bundle', async () => {
    const root = await temporaryRoot();
    const [starter, one, other] = [storeIn(root), storeIn(root), storeIn(root)];
    for (let n = 0; n < 30; n += 1) {
      const text = `flow ${n}`;
      const bundle = await starter.putObject(text);
      // It was suspended for an hour here.
      await age(root);
      const start = async (): Promise<void> => {
        const journal = await starter.create({ ...header(id(n)), bundle });
        await starter.putObject(text);
        await journal.release('parked');
      };
      await Promise.all([start(), one.collect(), other.collect()]);
      expect(await starter.getObject(bundle)).toBe(text);
      await starter.remove(id(n));
    }
  });
});

describe('deleting old runs', () => {
  const flowText = JSON.stringify({ version: 1, nodes: { say: { type: 'template', with: { template: 'Hello' } } } });

  function serviceOf(store: FileRunStore): RunService {
    return new RunService({ ports: { ...fakeHost({}).ports, runs: store }, catalog, executors, hostKind: 'test', version: '0' });
  }

  async function run(service: RunService, title: string): Promise<string> {
    const text = JSON.stringify({ ...JSON.parse(flowText), title });
    const handle = await service.start({
      flowPath: 'a.flow.json',
      flowText: text,
      inputs: {},
      mode: 'live',
      readFile: async () => undefined,
    });
    await handle.done;
    return handle.id;
  }

  /** A run that is over, though its owner, a process that lives, has not let go of it yet. */
  async function heldElsewhere(root: string): Promise<void> {
    const table = systemProcesses();
    const owner = {
      kind: 'cli' as const,
      nonce: 'n',
      pid: process.ppid,
      processStart: (await table.startOf(process.ppid)) ?? '',
      bootId: await table.bootId(),
      host: table.host,
      machine: await table.machine(),
    };
    const events: RunEvent[] = [
      { seq: 0, t: 1, type: 'segment.opened', segment: 1, owner },
      { seq: 1, t: 1, type: 'run.created', run: header() },
      { seq: 2, t: 2, type: 'run.finished', outcome: 'succeeded' },
    ];
    await mkdir(folder(root, 'runs', RUN), { recursive: true });
    await writeFile(folder(root, 'runs', RUN, '0001.jsonl'), events.map((event) => `${encodeEvent(event)}\n`).join(''));
  }

  test('removes their folders and what was frozen for them, and leaves alone what somebody has', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const service = serviceOf(store);
    await heldElsewhere(root);
    const finished = [await run(service, 'A'), await run(service, 'B')];
    await store.create(header(id(50)));
    expect(await objects(root)).toHaveLength(2);
    await age(root);

    await expect(service.remove(RUN)).rejects.toMatchObject({ code: 'RUN_OWNED', details: { pid: process.ppid } });
    expect((await service.prune({ keep: 0 })).toSorted()).toEqual(finished.toSorted());
    expect((await readdir(folder(root, 'runs'))).toSorted()).toEqual([RUN, id(50)].toSorted());
    expect([await objects(root), await readdir(folder(root, 'tmp'))]).toEqual([[], []]);
    expect(await readdir(folder(root, 'changes'))).toEqual([id(50)]);
  });

  test('is not stopped by another process that deletes them too', async () => {
    const root = await temporaryRoot();
    const services = [serviceOf(storeIn(root)), serviceOf(storeIn(root)), serviceOf(storeIn(root))];
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) ids.push(await run(services[0]!, String(n)));
    await age(root);
    const removed = await Promise.all(services.map((service) => service.prune({ keep: 2 })));
    expect(removed.flat().toSorted()).toHaveLength(10);
    expect(new Set(removed.flat()).size).toBe(10);
    expect(await readdir(folder(root, 'runs'))).toHaveLength(2);
    expect(await objects(root)).toHaveLength(2);
  });

  test('succeeds where what was frozen cannot be deleted', async () => {
    const root = await temporaryRoot();
    const store = storeIn(root);
    const service = serviceOf(store);
    const id = await run(service, 'A');
    await mkdir(folder(root, 'runs', RUN, '0001.jsonl'), { recursive: true });
    await age(root);
    expect(await service.prune({ keep: 0 })).toEqual([id]);
    expect(await objects(root)).toHaveLength(1);
  });
});
