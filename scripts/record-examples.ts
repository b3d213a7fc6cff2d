/**
 * Records the replies of examples/release-notes.flow.json anew: `node scripts/record-examples.ts`. To be run after every change to its
 * prompts or its data. The flow really runs, in record mode and in a copy; only the model is played, by the replies below.
 */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '../src/engine/nodes/catalog.ts';
import { executors } from '../src/engine/nodes/executors.ts';
import type { Models } from '../src/engine/ports.ts';
import { RunService } from '../src/engine/run/service.ts';
import { MemoryRuns } from '../src/engine/testing/memory-runs.ts';
import { createCassettes } from '../src/providers/cassettes/cassettes.ts';
import { systemClock } from '../src/providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../src/providers/files/files.ts';
import { createEnvironmentSecrets } from '../src/providers/secrets/environment.ts';
import { createCommandRunner } from '../src/providers/shell/runner.ts';
import { FileState } from '../src/providers/state/file-state.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const FLOW = 'release-notes.flow.json';
const CASSETTE = '.belay/cassettes/release-notes.jsonl';
/** Said with every reply: no model wrote it. */
const MODEL = 'sample/written-by-hand';

/** Lacks "Upgrade notes", so that the sample shows a check that fails and is mended. */
const FIRST_DRAFT = `# Switchback 2.4.0

## Highlights
- **Take whole regions with you.** Download a region before you leave, elevation included, and forget about the signal. (#418)
- **Share a route with anyone.** Send a planned route as a link; it opens without an account. (#431)

## Improvements
- The map opens where you left it. (#402)
- A day of recording costs about a third less battery: while you walk, your position is taken every five seconds. (#427)

## Fixes
- Elevation gain is no longer counted twice on out-and-back routes. (#409)
- GPX files with spaces in their names can be imported. (#422)
- Adding a photo without a location to a track no longer closes the app. (#436)`;

const SECOND_DRAFT = `${FIRST_DRAFT}

## Upgrade notes
- Route files of version 1 are no longer read. Open and save them once in version 2.3 before you update. (#415)`;

const models: Models = {
  resolve: async () => MODEL,
  listModels: async () => [],
  async *stream({ messages }) {
    const text = messages.at(-1)?.content.includes('are not complete') ? SECOND_DRAFT : FIRST_DRAFT;
    yield { type: 'start', model: MODEL };
    yield { type: 'textDelta', text };
    yield { type: 'finish', reason: 'stop', text };
  },
};

const root = await mkdtemp(join(tmpdir(), 'belay-record-'));
try {
  await cp(EXAMPLES, root, { recursive: true, filter: (path) => !/[\\/](\.belay|out)$/.test(path) });
  const secrets = createEnvironmentSecrets({});
  const quiet = () => undefined;
  const runs = new RunService({
    ports: {
      clock: systemClock,
      log: { debug: quiet, info: quiet, warn: console.warn, error: console.error },
      models,
      cassettes: createCassettes(root, secrets.redact),
      commands: createCommandRunner(),
      files: createWorkspaceFiles(root),
      secrets,
      state: new FileState(root),
      runs: new MemoryRuns(systemClock.now),
    },
    catalog,
    executors,
    hostKind: 'test',
    version: '0.0.0',
  });
  const run = await runs.start({
    flowPath: FLOW,
    flowText: await readFile(join(root, FLOW), 'utf8'),
    inputs: {},
    mode: 'record',
    model: MODEL,
    approved: ['approve'],
    readFile: async () => undefined,
  });
  const outcome = await run.done;
  if (outcome !== 'succeeded') throw new Error(`The flow ${outcome}: ${JSON.stringify(run.view().error)}`);
  await cp(join(root, CASSETTE), join(EXAMPLES, CASSETTE), { force: true });
  console.log(`${CASSETTE} is recorded.`);
} finally {
  await rm(root, { recursive: true, force: true });
}
