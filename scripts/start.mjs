// @ts-check
/**
 * `npm start`: opens the sample workspace at its flow in a real VS Code with this extension in it.
 *
 *   --host code|code-server   instead of choosing: the desktop VS Code if there is a fit one, else code-server
 *   --port N                  of code-server; a free one when it is taken (0: any free one)
 *   --data FOLDER             where code-server keeps its user, so that a second start is quick and remembers keys and layout
 *   --check                   starts code-server, sees that it answers, stops and ends with 0
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureCodeServer } from './lib/code-server.mjs';
import { ensureDependencies, ensureNode } from './lib/dependencies.mjs';
import { findDesktop } from './lib/desktop.mjs';
import { toolEnvironment } from './lib/environment.mjs';
import { installCommand, quietSettings, remoteFile, startServer, workbenchAddress } from './lib/host.mjs';
import { withLock } from './lib/lock.mjs';
import { report, SetupError, say, step } from './lib/log.mjs';
import { cacheFolder, root } from './lib/paths.mjs';
import { endAll, endWithUs, mustRun, run } from './lib/process.mjs';

const folder = join(root, 'examples');
const flow = join(folder, 'release-notes.flow.json');

async function main() {
  const { values: options } = parseArgs({
    options: {
      host: { type: 'string' },
      port: { type: 'string', default: '8137' },
      data: { type: 'string', default: join(cacheFolder, 'start') },
      check: { type: 'boolean', default: false },
    },
  });
  await ensureDependencies();
  const node = await ensureNode();
  const env = toolEnvironment(node.binary);
  if (options.host !== 'code-server' && !options.check) {
    const desktop = await findDesktop();
    if ('command' in desktop) return await openDesktop(desktop, env);
    if (options.host === 'code') throw new SetupError('DESKTOP', desktop.unfit, 'install VS Code, or leave out --host');
    say(`${desktop.unfit}: starting code-server, the same workbench in a browser`);
  }
  return await serve({ port: Number(options.port), data: options.data, check: options.check }, env);
}

/**
 * @param {{ command: string, version: string }} desktop
 * @param {NodeJS.ProcessEnv} env
 */
async function openDesktop(desktop, env) {
  await step('building the extension', () => npm('build', env));
  say(`opening VS Code ${desktop.version} with the extension from this folder; asked whether you trust the sample, look and say yes`);
  return await run(desktop.command, ['--new-window', `--extensionDevelopmentPath=${root}`, folder, flow], { env });
}

/**
 * @param {{ port: number, data: string, check: boolean }} options
 * @param {NodeJS.ProcessEnv} env
 */
async function serve({ port, data, check }, env) {
  const codeServer = await ensureCodeServer();
  // Installed as a user installs it: loading an extension from its folder is something a server allows only to tests.
  await step('packaging the extension', () => npm('package', env));
  const password = randomBytes(12).toString('base64url');
  const { viewType } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).contributes.customEditors[0];
  const place = { codeServer, dataFolder: data };
  const isFirst = !existsSync(join(data, 'user-data', 'User', 'settings.json'));
  const install = installCommand(place, join(root, 'belay.vsix'));
  await withLock('start', async () => {
    const log = join(cacheFolder, 'start.log');
    await mustRun('EXTENSION_INSTALL', install.command, install.args, {
      env,
      log,
      next: 'delete the folder given with --data and try again',
    });
  });
  const server = await startServer({
    ...place,
    // From then on they are the person's own. The association is also a default of the extension, but a workbench that has
    // never seen the extension opens the file before it knows that.
    ...(isFirst ? { settings: { ...quietSettings, 'workbench.editorAssociations': { '*.flow.json': viewType } } } : {}),
    password,
    port: await freePort(port),
    // This server is for our own sample, on the loopback, behind a password of its own: the question would be an empty one.
    trustEverything: true,
    testDriver: false,
    env,
  });
  const address = workbenchAddress(server.origin, { folder, payload: [['openFile', remoteFile(server.origin, flow)]] });
  if (check) {
    await checkAnswer(address, password);
    say('the workbench answers');
    await server.stop();
    return 0;
  }
  process.stdout.write(`\n  Open      ${address}\n  Password  ${password}\n\n  Ctrl+C ends it.\n\n`);
  const code = await server.ended;
  const asked = ending();
  if (asked !== undefined) return asked;
  throw new SetupError('CODE_SERVER_ENDED', `code-server ended with ${code}`, `look at ${server.log}`);
}

/**
 * @param {string} script of package.json
 * @param {NodeJS.ProcessEnv} env
 */
async function npm(script, env) {
  const log = join(cacheFolder, `${script}.log`);
  await mustRun(script.toUpperCase(), 'npm', ['run', '--silent', script], { cwd: root, env, log, next: 'mend what is named above' });
}

/**
 * Browsers keep keys and layout by address, port included: the same one is taken as long as it is free.
 * @param {number} wanted
 * @returns {Promise<number>} `wanted`, or 0 (any free one) when it is taken
 */
function freePort(wanted) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(wanted)));
  });
}

/**
 * @param {string} address
 * @param {string} password
 */
async function checkAnswer(address, password) {
  const stranger = await fetch(address, { redirect: 'manual' });
  if (!stranger.headers.get('location')?.includes('login'))
    throw new SetupError('CHECK', 'the workbench opens without a password', 'do not use it');
  const login = await fetch(new URL('/login', address), { method: 'POST', body: new URLSearchParams({ password }), redirect: 'manual' });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = await fetch(address, { headers: { cookie }, redirect: 'manual' });
  if (page.status !== 200 || !(await page.text()).includes('workbench'))
    throw new SetupError('CHECK', `the workbench answered ${page.status}`, 'look at the log of the server');
}

const ending = endWithUs(() => say('ending'));
try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = report(error);
}
await endAll();
