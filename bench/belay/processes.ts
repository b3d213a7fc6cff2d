/** What a process needs from its start to its end: the built command line on runs that this one has prepared. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../src/engine/format/json.ts';
import { benchEngine, Line } from './engine.ts';
import { loop } from './flows.ts';

/** Left to do when the run is let go, so that there is a next node whenever that is. */
const REST = 5;

/** A folder with a flow of three nodes. @returns the arguments of the command line */
export function prepareCold(root: string): string[] {
  mkdirSync(join(root, '.belay'), { recursive: true });
  const node = (value: Json, after?: string): Json => ({
    type: 'transform',
    ...(after === undefined ? {} : { after: { [after]: 'success' } }),
    with: { value },
  });
  const nodes = { a: node(1), b: node({ $expr: 'steps.a.output + 1' }, 'a'), c: node({ $expr: 'steps.b.output + 1' }, 'b') };
  const file = join(root, 'cold.flow.json');
  writeFileSync(file, JSON.stringify({ version: 1, nodes }));
  return ['run', file, '--root', root];
}

/** A run that was let go after so many passes of its loop. @returns the arguments of the command line, and what the journal holds */
export async function prepareResume(root: string, passes: number): Promise<{ args: string[]; events: number }> {
  mkdirSync(join(root, '.belay'), { recursive: true });
  const service = await benchEngine(root, 'disk', { ready: new Line(1), over: new Line(1) });
  const flowText = JSON.stringify({ version: 1, nodes: { improve: loop(passes + REST, 'pure') } });
  const handle = await service.start({
    flowPath: 'bench.flow.json',
    flowText,
    inputs: {},
    mode: 'byHand',
    readFile: async () => undefined,
  });
  const reached = new Promise<void>((resolve) => {
    handle.onEvent((event) => {
      if (event.type === 'node.finished' && event.node === `improve[${passes - 1}]`) resolve();
    });
  });
  // Whatever ends it before it gets there is told by what it has recorded.
  await Promise.race([reached, handle.done]);
  await handle.park();
  if ((await handle.done) !== 'parked') throw new Error(`the run ended before it had made ${passes} passes`);
  return { args: ['resume', handle.id, '--root', root], events: handle.events().length };
}
