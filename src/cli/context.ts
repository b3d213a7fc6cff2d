import type { Cassettes, Models } from '../engine/ports.ts';
import type { Runs } from '../engine/run/api.ts';
import type { Pins } from '../providers/pins/pins.ts';
import type { DriveOptions } from './drive.ts';
import type { McpSettings } from './mcp/servers.ts';
import type { Terminal } from './terminal.ts';

/** What the commands stand on, given by the composition root. */
export interface CliContext extends Pick<DriveOptions, 'onInterrupt' | 'kill' | 'now' | 'by'> {
  terminal: Terminal;
  /** Absolute. */
  cwd: string;
  /** What clients of `belay mcp --http` have to send; undefined: one is drawn. */
  mcpToken?: string | undefined;
  /** Opens a journal root. Loads the engine, so it is called only by commands that need runs. */
  open(root: string): Promise<Workspace>;
}

/** One journal root and what runs in it. */
export interface Workspace {
  root: string;
  runs: Runs;
  models: Models;
  /** Whether there is a model service to ask. */
  modelsConfigured: boolean;
  cassettes: Cassettes;
  pins: Pins;
  /** Which MCP servers may be started, as the command line says. Read at each use. */
  mcpSettings: McpSettings;
  /** Ends what was started for runs. */
  dispose(): Promise<void>;
}

/** Options that several commands have. */
export interface CommonOptions {
  root?: string;
  json?: boolean;
}

/** Options of commands that let a run go on. */
export interface DrivingOptions extends CommonOptions {
  /** Names of MCP servers. */
  allowServer?: string[];
}

/** Tells the workspace which MCP servers the command line allows, and whether somebody can be asked about the others. */
export function allowServers({ mcpSettings }: Workspace, { allowServer, json }: DrivingOptions): void {
  mcpSettings.allowed = allowServer ?? [];
  mcpSettings.quiet = json === true;
}
