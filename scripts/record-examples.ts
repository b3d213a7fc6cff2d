/**
 * Records the replies of the examples anew: `node scripts/record-examples.ts [NAME …]`. To be run after every change to their prompts
 * or data. The flows really run, in record mode and in a copy, and everything they ask is answered with yes; only the models are
 * played, by the replies in `lib/example-replies.ts`.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../src/engine/format/json.ts';
import { textOf as messageText } from '../src/engine/messages.ts';
import { catalog } from '../src/engine/nodes/catalog.ts';
import { executors } from '../src/engine/nodes/executors.ts';
import type { ModelEvent, ModelRequest, Models } from '../src/engine/ports.ts';
import { RunService } from '../src/engine/run/service.ts';
import { openSignals } from '../src/engine/run/view.ts';
import { fakeModels } from '../src/engine/testing/fake-models.ts';
import { MemoryRuns } from '../src/engine/testing/memory-runs.ts';
import { createCassettes } from '../src/providers/cassettes/cassettes.ts';
import { systemClock } from '../src/providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../src/providers/files/files.ts';
import { createHttpClient } from '../src/providers/http/http-client.ts';
import { createEnvironmentSecrets } from '../src/providers/secrets/environment.ts';
import { createCommandRunner } from '../src/providers/shell/runner.ts';
import { FileState } from '../src/providers/state/file-state.ts';
import { joinTools } from '../src/providers/tools/tools.ts';
import { isUse, SCENES, type Scene } from './lib/example-replies.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
/** Said with every reply: no model wrote it. */
const MODEL = 'sample/written-by-hand';

const chosen = process.argv.slice(2);
for (const [name, scenes] of Object.entries(SCENES)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const root = await mkdtemp(join(tmpdir(), 'belay-record-'));
  try {
    await cp(EXAMPLES, root, { recursive: true, filter: (path) => !/[\\/](\.belay|out)$/.test(path) });
    for (const scene of scenes) await record(root, `${name}.flow.json`, scene);
    const cassette = `.belay/cassettes/${name}.jsonl`;
    await writeFile(join(EXAMPLES, cassette), inOrder(await readFile(join(root, cassette), 'utf8'), scenes));
    console.log(`${cassette} is recorded.`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Runs the flow once in the copy; its replies join the cassette there. */
async function record(root: string, flow: string, { inputs, replies }: Scene): Promise<void> {
  const secrets = createEnvironmentSecrets({});
  const quiet = () => undefined;
  const runs = new RunService({
    ports: {
      clock: systemClock,
      log: { debug: quiet, info: quiet, warn: console.warn, error: console.error },
      models: played(replies),
      cassettes: createCassettes(root, secrets.redact),
      tools: joinTools(new Map()),
      commands: createCommandRunner(),
      http: createHttpClient(),
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
  const text = (path: string) => readFile(join(root, path), 'utf8');
  const run = await runs.start({ flowPath: flow, flowText: await text(flow), inputs, mode: 'record', model: MODEL, readFile: text });
  run.onIdle(() => {
    for (const { key } of openSignals(run.view())) void runs.decide(run.id, key, { decision: 'approved', by: 'recording', at: 0 });
  });
  const outcome = await run.done;
  if (outcome !== 'succeeded') throw new Error(`The flow ${flow} ${outcome}: ${JSON.stringify(run.view().error)}`);
}

/** The recordings in the order in which the replies are written: prompts that are asked at the same time are recorded in any. */
function inOrder(cassette: string, scenes: readonly Scene[]): string {
  const said = scenes.flatMap(({ replies }) => replies.map(([, reply]) => textOf(reply)));
  const lines = cassette.trimEnd().split('\n');
  const places = new Map(lines.map((line) => [line, said.indexOf(JSON.parse(line).events.at(-1).text)]));
  return lines
    .sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
    .map((line) => `${line}\n`)
    .join('');
}

function textOf(reply: Json): string {
  return typeof reply === 'string' ? reply : JSON.stringify(reply);
}

function played(replies: Scene['replies']): Models {
  const answer = async function* ({ messages }: ModelRequest): AsyncGenerator<ModelEvent> {
    const asked = messages.map((message) => messageText(message)).join('\n');
    const found = replies.find(([words]) => words.every((word) => asked.includes(word)));
    if (!found) throw new Error(`No reply is written for:\n${asked}`);
    yield { type: 'start', model: MODEL };
    if (isUse(found[1])) {
      const { use, arguments: args } = found[1];
      const call = { type: 'toolCall' as const, id: `call${messages.length}`, name: use, arguments: JSON.stringify(args) };
      yield { type: 'finish', reason: 'toolCalls', message: { role: 'assistant', content: [call] } };
      return;
    }
    const text = textOf(found[1]);
    yield { type: 'textDelta', text };
    yield { type: 'finish', reason: 'stop', message: { role: 'assistant', content: text } };
  };
  return fakeModels(answer, { resolve: async () => MODEL });
}
