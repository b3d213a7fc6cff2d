/** The engine with the providers of a terminal. Loaded only by commands that deal with runs. */
import { catalog } from '../engine/nodes/catalog.ts';
import { executors } from '../engine/nodes/executors.ts';
import type { Log } from '../engine/ports.ts';
import { RunService } from '../engine/run/service.ts';
import { createCassettes } from '../providers/cassettes/cassettes.ts';
import { systemClock } from '../providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../providers/files/files.ts';
import { createHttpClient } from '../providers/http/http-client.ts';
import { FileRunStore } from '../providers/journal/file-run-store.ts';
import { modelsFromEnvironment } from '../providers/models/environment.ts';
import { createModels } from '../providers/models/registry.ts';
import { Pins } from '../providers/pins/pins.ts';
import { createEnvironmentSecrets } from '../providers/secrets/environment.ts';
import { createCommandRunner } from '../providers/shell/runner.ts';
import { FileState } from '../providers/state/file-state.ts';
import { joinTools } from '../providers/tools/tools.ts';
import type { Workspace } from './context.ts';
import type { McpSettings } from './mcp/servers.ts';
import { createTerminalMcp } from './mcp/servers.ts';
import type { Terminal } from './terminal.ts';
import { harmless } from './text.ts';

export interface RuntimeOptions {
  environment: Readonly<Record<string, string | undefined>>;
  terminal: Terminal;
  version: string;
}

export async function openWorkspace(root: string, { environment, terminal, version }: RuntimeOptions): Promise<Workspace> {
  const log = createLog(terminal, environment.BELAY_DEBUG !== undefined);
  const fromEnvironment = modelsFromEnvironment(environment);
  const models = createModels(fromEnvironment.settings);
  const secrets = createEnvironmentSecrets(environment, fromEnvironment.keys);
  const cassettes = createCassettes(root, (text) => secrets.redact(text));
  const mcpSettings: McpSettings = { allowed: [], quiet: false };
  const mcp = createTerminalMcp({
    root,
    environment,
    terminal,
    version,
    log,
    secrets,
    learn: (secret) => secrets.learn(secret),
    settings: () => mcpSettings,
  });
  const ports = {
    clock: systemClock,
    log,
    models,
    cassettes,
    tools: joinTools(new Map(), mcp),
    commands: createCommandRunner({ environment }),
    http: createHttpClient(),
    files: await createWorkspaceFiles(root),
    secrets,
    state: new FileState(root),
    runs: new FileRunStore({ root, kind: 'cli', log, now: systemClock.now }),
  };
  const runs = new RunService({ ports, catalog, executors, hostKind: 'cli', version });
  return {
    root,
    runs,
    mcpSettings,
    dispose: () => mcp.dispose(),
    models,
    modelsConfigured: fromEnvironment.configured,
    cassettes,
    pins: new Pins(root, (text) => secrets.redact(text)),
  };
}

/** What goes wrong is said; the rest only where somebody asked for it (`BELAY_DEBUG`). */
function createLog(terminal: Terminal, debug: boolean): Log {
  const say = (level: string) => (message: string, data?: unknown) =>
    terminal.complain(harmless(`belay ${level}: ${message}${data === undefined ? '' : ` ${JSON.stringify(data)}`}`));
  const quiet = (): void => undefined;
  return {
    debug: debug ? say('debug') : quiet,
    info: debug ? say('info') : quiet,
    warn: debug ? say('warning') : quiet,
    error: say('error'),
  };
}
