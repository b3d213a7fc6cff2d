/** The engine with the providers of an editor. Nothing here knows VS Code: what comes from it arrives as data and callbacks. */
import type { Json, JsonObject } from '../engine/format/json.ts';
import type { Effect, Flow } from '../engine/format/model.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import { executors } from '../engine/nodes/executors.ts';
import { checkSchema } from '../engine/nodes/json-schema.ts';
import { growingRedactor } from '../engine/policy/redact.ts';
import type { Log, Tools } from '../engine/ports.ts';
import type { Runs } from '../engine/run/api.ts';
import { checkPin, resultToPin } from '../engine/run/given.ts';
import { RunService } from '../engine/run/service.ts';
import { createCassettes } from '../providers/cassettes/cassettes.ts';
import { systemClock } from '../providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../providers/files/files.ts';
import { createHttpClient } from '../providers/http/http-client.ts';
import { CommitGroup } from '../providers/journal/commit-group.ts';
import { FileRunStore } from '../providers/journal/file-run-store.ts';
import { createMcpTools, type McpHost } from '../providers/mcp/tools.ts';
import type { Connection } from '../providers/models/connection.ts';
import { createModels, type ModelSettings } from '../providers/models/registry.ts';
import { type Pin, Pins } from '../providers/pins/pins.ts';
import { createCommandRunner } from '../providers/shell/runner.ts';
import { FileState } from '../providers/state/file-state.ts';
import { joinTools } from '../providers/tools/tools.ts';

export interface RuntimeHost {
  models: ModelSettings;
  /** A secret that flows may refer to as `secrets.NAME`. */
  secret(name: string): Promise<string | undefined>;
  /** Every secret value handed out so far. */
  known(): Iterable<string>;
  /** The editor's own tools: `vscode/NAME`. */
  tools: Tools;
  log: Log;
  version: string;
  /** What MCP servers need of people; undefined: none is started. */
  servers?: Pick<McpHost, 'allow' | 'howToAllow' | 'elicit' | 'oauth' | 'note'> | undefined;
  /** Calls the listener when the host lets go of its runs. */
  onDispose(listener: () => void): void;
}

/** Runs of all folders of the window share their syncs. */
const group = new CommitGroup();

/** The runs of one journal root. */
export async function createRuns(root: string, host: RuntimeHost): Promise<Runs> {
  const redact = growingRedactor(() => host.known());
  const { log, version } = host;
  const secrets = { get: (name: string) => host.secret(name), redact };
  const mcp = host.servers && createMcpTools({ root, version, environment: process.env, secrets, ...host.servers });
  if (mcp) host.onDispose(() => void mcp.dispose());
  const ports = {
    clock: systemClock,
    log,
    models: createModels(host.models),
    cassettes: createCassettes(root, redact),
    tools: joinTools(new Map([['vscode', host.tools]]), mcp),
    commands: createCommandRunner({ environment: process.env }),
    http: createHttpClient(),
    files: await createWorkspaceFiles(root),
    secrets,
    state: new FileState(root),
    runs: new FileRunStore({ root, kind: 'editor', log, now: systemClock.now, group }),
  };
  return new RunService({ ports, catalog, executors, hostKind: 'editor', version });
}

export { reusedInputs } from '../engine/run/inputs.ts';

export function createPins(root: string, known: () => Iterable<string>): Pins {
  return new Pins(root, growingRedactor(known));
}

/** Pins the result that a node had in a run. Throws `PIN_NONE` where it had none, and what `checkPin` throws. */
export async function pinResult(
  { runs, pin, readFile }: { runs: Runs; pin(node: string, pin: Pin): Promise<void>; readFile(path: string): Promise<string | undefined> },
  { flow, node, run, by }: { flow: Flow; node: string; run: string; by: string },
): Promise<{ effect: Effect }> {
  const { view, local } = await runs.open(run);
  const result = await resultToPin(view, node, local, (value) => runs.whole(run, value));
  await checkPin(node, result, flow, { catalog, readFile });
  await pin(node, { ...result, by, at: systemClock.now(), run });
  const spec = flow.nodes[node];
  return { effect: (spec && catalog.get(spec.type)?.effect(spec.with ?? {})) ?? 'none' };
}

export { readField } from '../providers/mcp/elicitation.ts';
export { PRESETS, presetAddress } from '../providers/models/gateways/presets.ts';
export { findLocalServers } from '../providers/models/local/discover.ts';
export { priceOf } from '../providers/models/prices.ts';
export { createModels as createModelRegistry };

/** Full names of the models a connection offers. Throws what the service answered. */
export async function listModels(connection: Connection): Promise<string[]> {
  const models = createModels({ connections: async () => [connection], aliases: () => ({}), defaultModel: () => undefined });
  const checked = await models.check(connection.id);
  if (!checked.ok) throw checked.error;
  return (await models.listModels()).map(({ id }) => id).sort();
}

/** What is wrong with the value of an input, in a few words; undefined where it fits. */
export async function checkInput(schema: JsonObject, value: Json): Promise<string | undefined> {
  const [problem] = await checkSchema(schema, value, 'The schema of this input');
  return problem && `${problem.path ? `${problem.path}: ` : ''}${problem.message}`;
}
