/**
 * A process that brings the runs of a folder to their end, or is killed before: `worker ROOT COUNT EVENTS` starts what is not there of
 * the runs with the numbers below COUNT and resumes the others. After so many recorded events (0: never) it kills itself. Answers what it is asked as a careful person would: where a step is in doubt, it
 * looks at what the step leaves behind. Says in lines of JSON how its runs end. `LARGE`: characters of what the model says.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorData } from '../../src/engine/errors.ts';
import type { Json } from '../../src/engine/format/json.ts';
import { textOf } from '../../src/engine/messages.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { executors } from '../../src/engine/nodes/executors.ts';
import type { AssistantPart, EnginePorts } from '../../src/engine/ports.ts';
import type { RunHandle } from '../../src/engine/run/api.ts';
import type { SignalReply } from '../../src/engine/run/events.ts';
import { RunService } from '../../src/engine/run/service.ts';
import type { SignalView } from '../../src/engine/run/view.ts';
import { openSignals } from '../../src/engine/run/view.ts';
import { fakeModels } from '../../src/engine/testing/fake-models.ts';
import { createCassettes } from '../../src/providers/cassettes/cassettes.ts';
import { systemClock } from '../../src/providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../../src/providers/files/files.ts';
import { createHttpClient } from '../../src/providers/http/http-client.ts';
import { FileRunStore } from '../../src/providers/journal/file-run-store.ts';
import { createEnvironmentSecrets } from '../../src/providers/secrets/environment.ts';
import { createCommandRunner } from '../../src/providers/shell/runner.ts';
import { FileState } from '../../src/providers/state/file-state.ts';
import { joinTools } from '../../src/providers/tools/tools.ts';
import { effectsIn, FLOW, LABEL } from './workspace.ts';

const [root = '', count = '', dieAfter = ''] = process.argv.slice(2);

const say = (what: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

/** Says what it was asked, after a moment. As an agent it does what it was told, and then says what came of it. */
const models = fakeModels(async function* ({ model, messages, tools = [] }) {
  const last = messages.at(-1);
  const said = textOf(last ?? { content: '' });
  yield { type: 'start', model };
  await systemClock.sleep(1);
  const [tool] = tools;
  const told = tool && last?.role === 'user' ? /^Do (.*)$/.exec(said)?.[1] : undefined;
  if (tool && told !== undefined) {
    const args = JSON.stringify({ run: ['sh', 'effect.sh', told] });
    const call: AssistantPart = { type: 'toolCall', id: 'only', name: tool.name, arguments: args };
    yield { type: 'finish', reason: 'toolCalls', message: { role: 'assistant', content: [call] } };
  } else {
    const text = `${said}${'.'.repeat(Number(process.env.LARGE ?? 0))}`;
    yield { type: 'finish', reason: 'stop', message: { role: 'assistant', content: text } };
  }
});

function service(): RunService {
  const nothing = (): void => undefined;
  const log = {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (message: string, data?: unknown) => say({ complaint: message, data }),
  };
  const secrets = createEnvironmentSecrets({});
  const ports: EnginePorts = {
    clock: systemClock,
    log,
    models,
    cassettes: createCassettes(root, secrets.redact),
    tools: joinTools(new Map()),
    commands: createCommandRunner(),
    http: createHttpClient(),
    files: createWorkspaceFiles(root),
    secrets,
    state: new FileState(root),
    runs: new FileRunStore({ root, kind: 'cli', log, now: systemClock.now }),
  };
  return new RunService({ ports, catalog, executors, hostKind: 'cli', version: '0.0.0' });
}

/** The label of the effect that a command is there for. */
function labelOf(args: Json): string {
  return LABEL.exec(JSON.stringify(args))?.[0] ?? '';
}

function replyTo({ request }: SignalView): Omit<SignalReply, 'by' | 'at'> {
  switch (request.kind) {
    case 'approval':
    case 'gate':
      return { decision: 'approved' };
    case 'signal':
      return { decision: 'received', value: { go: true } };
    case 'inDoubt': {
      const happened = effectsIn(root).includes(labelOf(request.args));
      return happened ? { decision: 'happened', value: { stdout: '', stderr: '', exitCode: 0, truncated: false } } : { decision: 'retry' };
    }
    default:
      throw new Error(`nobody was to ask: ${JSON.stringify(request)}`);
  }
}

let recorded = 0;
function watch(runs: RunService, run: RunHandle): Promise<void> {
  const answered = new Set<string>();
  const answer = (): void => {
    for (const signal of openSignals(run.view())) {
      if (answered.has(signal.key)) continue;
      answered.add(signal.key);
      runs.decide(run.id, signal.key, { ...replyTo(signal), by: 'ada, test', at: Date.now() }).catch((error: unknown) => {
        failed(run.id)(error);
        // An answer that cannot be written is given another day.
        run.park().catch(failed(run.id));
      });
    }
  };
  run.onEvent((event) => {
    if (!('seq' in event)) return;
    recorded += 1;
    if (recorded === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
    if (event.type === 'signal.requested') queueMicrotask(answer);
  });
  void answer();
  return run.done.then((outcome) => say({ run: run.id, outcome }), failed(run.id));
}

function failed(run: string | null): (error: unknown) => void {
  return (error) => {
    say({ run, failed: toErrorData(error).code, message: toErrorData(error).message });
    process.exitCode = 1;
  };
}

async function main(): Promise<void> {
  const runs = service();
  const flowText = readFileSync(join(root, FLOW), 'utf8');
  const readFile = async (path: string): Promise<string> => readFileSync(join(root, path), 'utf8');
  const begin = (n: number): Promise<RunHandle> => runs.start({ flowPath: FLOW, flowText, inputs: { n }, mode: 'live', readFile });
  const there = await Promise.all((await runs.list()).map(({ id }) => runs.open(id)));
  const missing = Array.from({ length: Number(count) }, (_, n) => n).filter((n) => there.every(({ view }) => view.inputs.n !== n));
  const unfinished = there.filter(({ view }) => view.finishedAt === undefined);
  const handles = [...missing.map(begin), ...unfinished.map(({ id }) => runs.resume(id))];
  say({ ready: handles.length });
  await Promise.all(handles.map((handle) => handle.then((run) => watch(runs, run), failed(null))));
}

main().catch(failed(null));
