// @ts-check
/**
 * A process of one peer: `host.mjs PEER serve` does measurements by message (serve.mjs), `cold`, `prepare FOLDER PASSES` and
 * `resume FOLDER PASSES` do one thing and end. Each peer is a module of its own that is loaded here and nowhere else:
 *
 *   measure(work, folder)      milliseconds from the call that starts to the end; undefined where the peer has no such thing
 *   cold()                     a flow of three nodes, to its end
 *   prepare(folder, passes)    a run that has made so many passes of a loop and is kept in the folder
 *   resume(folder, passes)     goes on with it, to its end
 *
 * Plain JavaScript that no compiler looks at: the packages are there only once the bench has installed them.
 */
import { serve } from '../serve.mjs';

/** Modules by peer, and what tells two contenders of one module apart. @type {Record<string, [file: string, storage: string]>} */
const MODULES = {
  langgraph: ['./langgraph.mjs', 'memory'],
  'langgraph-sqlite': ['./langgraph.mjs', 'sqlite'],
  mastra: ['./mastra.mjs', 'none'],
  'mastra-libsql': ['./mastra.mjs', 'libsql'],
  rivet: ['./rivet.mjs', ''],
  'node-red': ['./node-red.mjs', ''],
};

const [name = '', mode, folder = '', passes] = process.argv.slice(2);
const [file, storage] = MODULES[name] ?? [`./${name}.mjs`, ''];
const peer = (await import(file)).create(storage);

if (mode === 'serve') {
  serve(async (_contender, work, /** @type {string} */ place) => {
    const ms = await peer.measure(work, place);
    return ms === undefined ? undefined : { ms };
  });
} else {
  if (peer[mode ?? ''] === undefined) throw new Error(`${name} has no ${mode}`);
  await peer[mode ?? ''](folder, Number(passes));
  // Runtimes keep servers and timers; what is asked is when the work is done.
  process.exit(0);
}
