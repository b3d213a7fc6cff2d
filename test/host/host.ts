import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { ensureCodeServer } from '../../scripts/lib/code-server.mjs';
import { withoutSecrets } from '../../scripts/lib/environment.mjs';
import { quietSettings, remoteFile, startServer, workbenchAddress, writeSettings } from '../../scripts/lib/host.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { descendants, isAlive } from '../../scripts/lib/process.mjs';

export interface HostOptions {
  /** The workspace folder, absolute. */
  readonly folder: string;
  /** Folder of the extension under development; the repository itself unless told otherwise. */
  readonly extension?: string;
  /** Folders of more extensions, installed as a user would have them. */
  readonly installed?: readonly string[];
  /** Added to, and winning over, the quiet settings. */
  readonly settings?: Record<string, unknown>;
  /** False: the workspace is untrusted until somebody says yes, as in a desktop VS Code. */
  readonly trust?: boolean;
  /** Added to an environment without secrets. */
  readonly env?: Record<string, string>;
}

/** A real VS Code workbench, its extension host and a user of its own, on the loopback. */
export interface Host {
  readonly folder: string;
  readonly userDataDir: string;
  /** What the server said so far. */
  log(): string;
  /** The address of the workbench, on another folder if need be. `openFile` and `tests` are absolute paths; `tests` exports `run()`. */
  url(options?: { folder?: string; openFile?: string; tests?: string }): string;
  /** Rewrites the user's settings; an open workbench follows within a moment. */
  configure(settings: Record<string, unknown>): void;
  /** The extension hosts that run now: none before a page is open, one for each open page. */
  extensionHosts(): Promise<number[]>;
  /** `kill -9` on every extension host of this server and of no other; gives the pids once they are gone. */
  killExtensionHost(): Promise<number[]>;
  /** Ends the server and starts it again with the same user and port: what a person calls quitting VS Code. */
  restart(): Promise<void>;
  /** Ends the server and all that it started, and removes its user. */
  stop(): Promise<void>;
}

export async function startHost(options: HostOptions): Promise<Host> {
  const codeServer = await ensureCodeServer();
  const dataFolder = mkdtempSync(join(tmpdir(), 'belay-host-'));
  const extension = options.extension ?? root;
  for (const folder of options.installed ?? []) cpSync(folder, join(dataFolder, 'extensions', basename(folder)), { recursive: true });
  let settings: Record<string, unknown> = { ...quietSettings, ...options.settings };
  const start = (port: number) =>
    startServer({
      codeServer,
      dataFolder,
      settings,
      port,
      trustEverything: options.trust !== false,
      testDriver: true,
      graceSeconds: 5,
      env: { ...withoutSecrets(process.env), ...options.env },
    });
  let server = await start(0);
  const { port, origin, userDataDir } = server;
  const extensionHosts = async () =>
    (await descendants(server.pid)).filter(({ command }) => command.includes('--type=extensionHost')).map(({ pid }) => pid);
  return {
    folder: options.folder,
    userDataDir,
    log: () => readFileSync(server.log, 'utf8'),
    url: ({ folder = options.folder, openFile, tests } = {}) => {
      const payload: [string, string][] = [
        ['extensionDevelopmentPath', remoteFile(origin, extension)],
        ['skipWelcome', 'true'],
      ];
      // Without a name: whatever proposals of the API they ask for. Belay asks for none.
      if (options.installed) payload.push(['enableProposedApi', '']);
      if (tests !== undefined) payload.push(['extensionTestsPath', remoteFile(origin, tests)]);
      if (openFile !== undefined) payload.push(['openFile', remoteFile(origin, resolve(folder, openFile))]);
      return workbenchAddress(origin, { folder, payload });
    },
    configure: (more) => {
      settings = { ...settings, ...more };
      writeSettings(userDataDir, settings);
    },
    extensionHosts,
    killExtensionHost: async () => {
      const pids = await extensionHosts();
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      while (pids.some((pid) => isAlive(pid))) await new Promise((next) => setImmediate(next));
      return pids;
    },
    restart: async () => {
      await server.stop();
      server = await start(port);
    },
    stop: async () => {
      await server.stop();
      rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
