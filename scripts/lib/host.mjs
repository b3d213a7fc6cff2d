// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './log.mjs';
import { adopt, endTree } from './process.mjs';

/**
 * @typedef {object} ServerOptions
 * @property {{ entry: string, nodeBinary: string }} codeServer from `ensureCodeServer`
 * @property {string} dataFolder keeps `user-data`, `extensions` and the log
 * @property {Record<string, unknown>} [settings] of the user, written before the start; absent: whatever stands there stays
 * @property {string} [password] without one nobody is asked: only for tests
 * @property {number} [port] on the loopback; 0 or absent: a free one
 * @property {boolean} trustEverything no question about workspace trust
 * @property {boolean} testDriver lets an address load an extension under development and its tests
 * @property {number} [graceSeconds] how long an extension host outlives a browser that went away without a word; VS Code's own: 3 hours
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * @typedef {object} Server
 * @property {number} pid
 * @property {number} port
 * @property {string} origin
 * @property {string} userDataDir
 * @property {string} extensionsDir
 * @property {string} log the file that holds what the server said
 * @property {Promise<number>} ended the exit code
 * @property {() => Promise<void>} stop ends the server, its extension hosts and its terminals
 */

/**
 * @param {Pick<ServerOptions, 'dataFolder'>} options
 * @returns {{ userDataDir: string, extensionsDir: string, args: string[] }}
 */
function prepareFolders({ dataFolder }) {
  const userDataDir = join(dataFolder, 'user-data');
  const extensionsDir = join(dataFolder, 'extensions');
  const config = join(dataFolder, 'config.yaml');
  mkdirSync(extensionsDir, { recursive: true });
  // Without a configuration of its own it would take the one of a code-server that this user runs for real.
  writeFileSync(config, 'disable-telemetry: true\n');
  return { userDataDir, extensionsDir, args: ['--config', config, '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir] };
}

/**
 * @param {string} userDataDir
 * @param {Record<string, unknown>} settings
 */
export function writeSettings(userDataDir, settings) {
  mkdirSync(join(userDataDir, 'User'), { recursive: true });
  writeFileSync(join(userDataDir, 'User', 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Settings for a workbench that shows nothing but the work: no welcome, no news, no questions. */
export const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.startupPrompt': 'never',
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
};

/**
 * Starts code-server on the loopback and waits until it answers.
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export async function startServer(options) {
  const { userDataDir, extensionsDir, args } = prepareFolders(options);
  if (options.settings !== undefined) writeSettings(userDataDir, options.settings);
  const log = join(options.dataFolder, 'server.log');
  const child = spawn(
    options.codeServer.nodeBinary,
    [
      options.codeServer.entry,
      ...args,
      '--auth',
      options.password === undefined ? 'none' : 'password',
      '--bind-addr',
      `127.0.0.1:${options.port ?? 0}`,
      '--disable-update-check',
      ...(options.trustEverything ? ['--disable-workspace-trust'] : []),
      ...(options.graceSeconds === undefined ? [] : ['--reconnection-grace-time', String(options.graceSeconds)]),
      ...(options.testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: serverEnvironment(options) },
  );
  adopt(child);
  const pid = child.pid;
  const output = createWriteStream(log, { flags: 'a' });
  child.stderr.pipe(output, { end: false });
  child.stdout.pipe(output, { end: false });
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 128));
  });
  const port = await Promise.race([listeningPort(child.stdout), ended.then(() => undefined)]);
  if (port === undefined || pid === undefined) {
    throw new SetupError('CODE_SERVER_START', 'code-server ended before it listened', `look at ${log}`);
  }
  const origin = `http://127.0.0.1:${port}`;
  return { pid, port, origin, userDataDir, extensionsDir, log, ended, stop: () => endTree(pid) };
}

/**
 * What installs a packaged extension the way a user does.
 * @param {Pick<ServerOptions, 'codeServer' | 'dataFolder'>} options
 * @param {string} vsix
 * @returns {{ command: string, args: string[] }}
 */
export function installCommand(options, vsix) {
  const args = [options.codeServer.entry, ...prepareFolders(options).args, '--install-extension', vsix, '--force'];
  return { command: options.codeServer.nodeBinary, args };
}

/**
 * @param {string} origin of the server
 * @param {{ folder: string, payload?: [string, string][] }} what absolute folder, and pairs as VS Code's web workbench takes them
 */
export function workbenchAddress(origin, { folder, payload = [] }) {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${origin}/?${query}`;
}

/**
 * A file as the workbench addresses it through its server.
 * @param {string} origin
 * @param {string} file absolute
 */
export function remoteFile(origin, file) {
  return `vscode-remote://${new URL(origin).host}${encodeURI(file)}`;
}

/** @param {ServerOptions} options */
function serverEnvironment(options) {
  const { PASSWORD, HASHED_PASSWORD, VSCODE_IPC_HOOK_CLI, CODE_SERVER_CONFIG, ...env } = options.env;
  return options.password === undefined ? env : { ...env, PASSWORD: options.password };
}

/**
 * @param {import('node:stream').Readable} stdout
 * @returns {Promise<number>}
 */
function listeningPort(stdout) {
  return new Promise((resolve) => {
    let text = '';
    stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const match = /listening on https?:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (match) resolve(Number(match[1]));
    });
  });
}
