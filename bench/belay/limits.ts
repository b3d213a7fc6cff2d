/** What the machine needs for the same work without any engine. */
import { closeSync, fdatasync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Limit, Measured, Work } from '../work.ts';
import { payloadText } from './flows.ts';

const sync = promisify(fdatasync);

/** About as long as what the journal holds for a step. */
function line(step: number, output: string | number): string {
  const event = {
    seq: step,
    t: 1_780_000_000_000,
    type: 'node.finished',
    node: `n${step}`,
    outlet: 'success',
    output,
    trust: 'trusted',
    crc: '00000000',
  };
  return `${JSON.stringify(event)}\n`;
}

/** `width` sequences at once, each of `depth` steps, each with a value of its own to write. */
interface Shape {
  width: number;
  depth: number;
  /** The files: one for each run. */
  files: number;
  value(step: number): string | number;
}

function shapeOf(work: Work): Shape {
  const value = (step: number): number => step;
  switch (work.kind) {
    case 'chain':
      return { width: 1, depth: work.nodes, files: 1, value };
    case 'loop':
      return { width: 1, depth: work.passes, files: 1, value };
    case 'fan':
      return { width: work.branches, depth: 1, files: 1, value };
    case 'many':
      return { width: work.runs, depth: work.nodes, files: work.runs, value };
    case 'payload': {
      const text = payloadText(work.bytes);
      // What stays the same has to be written once.
      return { width: 1, depth: work.nodes, files: 1, value: (step) => (work.changed ? `${text}${step}` : step === 0 ? text : step) };
    }
  }
}

export async function measureLimit(limit: Limit, work: Work, folder: string): Promise<Measured> {
  const shape = shapeOf(work);
  const files = limit === 'shared' ? 1 : shape.files;
  const fds = Array.from({ length: files }, (_, i) => openSync(join(folder, `${i}.jsonl`), 'a'));
  try {
    const began = performance.now();
    if (limit === 'shared') await sharedSyncs(shape, fds[0] ?? 0);
    else await Promise.all(Array.from({ length: shape.width }, (_, i) => sequence(limit, shape, fds[i % files] ?? 0)));
    return { ms: performance.now() - began };
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

async function sequence(limit: Exclude<Limit, 'shared'>, { depth, value }: Shape, fd: number): Promise<void> {
  for (let step = 0; step < depth; step += 1) {
    if (limit === 'turn') await turn();
    else if (limit === 'stringify') line(step, value(step));
    else {
      await undefined;
      writeSync(fd, line(step, value(step)));
      if (limit === 'fdatasync') fdatasyncSync(fd);
    }
  }
}

/** All that happens at once is told to one file: the intents, a sync, the results, a sync. */
async function sharedSyncs({ width, depth, value }: Shape, fd: number): Promise<void> {
  for (let step = 0; step < depth; step += 1) {
    for (const _ of ['intent', 'result']) {
      for (let i = 0; i < width; i += 1) writeSync(fd, line(step, value(step)));
      await sync(fd);
    }
  }
}
