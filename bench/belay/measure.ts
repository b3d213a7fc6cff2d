/** Runs one piece of work by Belay and says how long its steps took. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { RunHandle } from '../../src/engine/run/api.ts';
import type { Measured, Variant, Work } from '../work.ts';
import { benchEngine, Line } from './engine.ts';
import { benchFlow } from './flows.ts';

/** Told when the steps begin, which waits for it, and when they have ended. */
export interface Watch {
  opening(): Promise<void>;
  ended(): void;
}

/** @param root an empty folder of its own */
export async function measureBelay(variant: Variant, work: Work, root: string, watch?: Watch): Promise<Measured> {
  const { text, runs, last } = benchFlow(work, variant);
  const ready = new Line(runs, watch?.opening);
  const service = await benchEngine(root, variant === 'probe' ? 'none' : 'disk', { ready, over: new Line(runs) });
  let ended = Number.NaN;
  let left = runs;
  const began = performance.now();
  const start = async (): Promise<void> => {
    const handle = await service.start({
      flowPath: 'bench.flow.json',
      flowText: text,
      inputs: {},
      mode: 'byHand',
      readFile: async () => undefined,
    });
    handle.onEvent((event) => {
      if (event.type !== 'node.finished' || event.node !== last) return;
      ended = performance.now();
      left -= 1;
      if (left === 0) watch?.ended();
    });
    await succeeded(handle);
  };
  await Promise.all(Array.from({ length: runs }, start));
  const wholeMs = performance.now() - began;
  return { ms: ended - ready.openedAt, wholeMs, bytes: variant === 'probe' ? 0 : bytesBelow(join(root, '.belay', 'local', 'runs')) };
}

async function succeeded(handle: RunHandle): Promise<void> {
  const outcome = await handle.done;
  if (outcome === 'succeeded') return;
  const failure = handle.events().findLast((event) => event.type === 'node.finished' && event.error !== undefined);
  const error = failure?.type === 'node.finished' ? failure.error : undefined;
  throw new Error(`a run ended as ${outcome}: ${error?.code ?? ''} ${error?.message ?? ''}`);
}

function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
