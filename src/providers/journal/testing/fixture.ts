/** What the tests of the journal share: a root on the real disk, and a small run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NewRunEvent, RunHeader } from '../../../engine/run/events.ts';
import type { FileRunStoreOptions } from '../file-run-store.ts';
import { FileRunStore } from '../file-run-store.ts';
import { silentLog } from './silent-log.ts';

export const RUN = '20261122-134501-k3f9x2';

export function header(id: string = RUN): RunHeader {
  return { id, flow: 'hello.flow.json', title: 'Hello', bundle: 'b', inputs: {}, mode: 'live', startedBy: 'test', belay: '0' };
}

export function started(node: string): NewRunEvent {
  return { type: 'node.started', node, input: { text: 'grüße 🧗' }, trust: 'trusted' };
}

export const asked: NewRunEvent = {
  type: 'signal.requested',
  node: 'approve',
  key: 'approve/ask',
  request: { kind: 'approval', title: 'Approve', message: 'Good?', argsHash: 'h', untrusted: false },
};

/** A folder that is gone when the test is over. */
export async function temporaryRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'belay-journal-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

export function storeIn(root: string, options: Partial<FileRunStoreOptions> = {}): FileRunStore {
  return new FileRunStore({ root, kind: 'test', log: silentLog, now: Date.now, ...options });
}
