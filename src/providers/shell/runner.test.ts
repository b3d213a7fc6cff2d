import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandRequest, CommandResult } from '../../engine/ports.ts';
import { createCommandRunner } from './runner.ts';
import { MARK } from './tree.ts';

const node = process.execPath;
let cwd: string;
beforeAll(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'belay-shell-')));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

interface Ran {
  result: Promise<CommandResult>;
  abort: AbortController;
  output: string;
  until(text: string): Promise<void>;
}

function run(command: string[] | string, more: Partial<CommandRequest> = {}, options: Parameters<typeof createCommandRunner>[0] = {}): Ran {
  const abort = new AbortController();
  const waiting: { text: string; resolve: () => void }[] = [];
  const ran = { output: '' };
  const result = createCommandRunner(options).run(
    { command: Array.isArray(command) ? { argv: command } : { shell: command }, cwd, env: {}, maxOutputBytes: 100_000, ...more },
    {
      signal: abort.signal,
      onOutput(_stream, text) {
        ran.output += text;
        for (const it of waiting) if (ran.output.includes(it.text)) it.resolve();
      },
    },
  );
  return Object.assign(ran, {
    result,
    abort,
    until: (text: string) =>
      ran.output.includes(text) ? Promise.resolve() : new Promise<void>((resolve) => void waiting.push({ text, resolve })),
  });
}

const js = (code: string, ...args: string[]) => [node, '-e', code, ...args];

describe('what a command gives', () => {
  type Row = [what: string, command: string[] | string, more: Partial<CommandRequest>, expected: Partial<CommandResult>];
  it.each<Row>([
    [
      'stdout, stderr, exit code',
      js('console.log("out"); console.error("err"); process.exitCode = 3'),
      {},
      { stdout: 'out\n', stderr: 'err\n', exitCode: 3 },
    ],
    [
      'arguments as they are',
      js('console.log(JSON.stringify(process.argv.slice(1)))', 'a b', '$HOME; rm', "'*'"),
      {},
      { stdout: '["a b","$HOME; rm","\'*\'"]\n' },
    ],
    ['an environment of its own', js('console.log(process.env.X)'), { env: { X: 'ü' } }, { stdout: 'ü\n' }],
    ['its input', js('process.stdin.pipe(process.stdout)'), { stdin: 'héllo' }, { stdout: 'héllo' }],
    ['an empty input, closed', js('process.stdin.on("end", () => console.log("end")).resume()'), {}, { stdout: 'end\n' }],
    ['an input nobody reads', js('process.exit(0)'), { stdin: 'x'.repeat(1_000_000) }, { exitCode: 0 }],
    ['a shell line', 'echo one && echo two | tr a-z A-Z', {}, { stdout: 'one\nTWO\n' }],
    ['a signal', js('process.kill(process.pid, "SIGKILL")'), {}, { exitCode: null, signal: 'SIGKILL' }],
    [
      'no more than its limit',
      js('process.stdout.write("a".repeat(3000000))'),
      { maxOutputBytes: 2000 },
      {
        stdout: `${'a'.repeat(1000)}\n… 2998000 bytes left out …\n${'a'.repeat(1000)}`,
        truncated: true,
      },
    ],
    [
      'output to the last byte',
      js('process.stdout.write("a".repeat(2000000) + "z")'),
      { maxOutputBytes: 4_000_000 },
      { stdout: `${'a'.repeat(2_000_000)}z` },
    ],
  ])('%s', async (_what, command, more, expected) => {
    expect(await run(command, more).result).toMatchObject(expected);
  });

  it('shows a character that came in two pieces as one', async () => {
    const ran = run(js('process.stdout.write(Buffer.from([0xe2, 0x82])); setTimeout(() => process.stdout.write(Buffer.from([0xac])), 50)'));
    expect((await ran.result).stdout).toBe('€');
    expect(ran.output).toBe('€');
  });

  it('is not held up by what it leaves in the background', async () => {
    const ran = run('sleep 60 & echo started $!');
    const { stdout } = await ran.result;
    const pid = Number(/started (\d+)/.exec(stdout)?.[1]);
    process.kill(pid, 'SIGKILL');
  });
});

describe('what it inherits', () => {
  it('is what programs need, and no keys', async () => {
    const environment = {
      ...process.env,
      OPENAI_API_KEY: 'sk-1',
      GITHUB_TOKEN: 'x',
      LC_ALL: 'C',
      https_proxy: 'http://u:p@h',
      HTTP_PROXY: 'http://h',
      ELECTRON_RUN_AS_NODE: '1',
    };
    const { stdout } = await run(js('console.log(JSON.stringify(process.env))'), { env: { GIVEN: '1' } }, { environment }).result;
    const env = JSON.parse(stdout);
    expect(env).toMatchObject({ PATH: process.env.PATH, LC_ALL: 'C', HTTP_PROXY: 'http://h', GIVEN: '1' });
    for (const name of ['OPENAI_API_KEY', 'GITHUB_TOKEN', 'https_proxy', 'ELECTRON_RUN_AS_NODE']) expect(env).not.toHaveProperty(name);
  });
});

describe('what cannot be started', () => {
  it.each<[code: string, kind: string, command: string[], more: Partial<CommandRequest>]>([
    ['COMMAND_NOT_FOUND', 'notFound', ['no-such-program-here'], {}],
    ['COMMAND_NOT_ALLOWED', 'permission', ['./plain.txt'], {}],
    ['COMMAND_INVALID', 'badRequest', [''], {}],
    ['COMMAND_INVALID', 'badRequest', ['echo', 'a\0b'], {}],
    ['COMMAND_FOLDER', 'notFound', ['echo'], { cwd: '/no/such/folder' }],
    ['COMMAND_INVALID', 'badRequest', ['echo', 'x'.repeat(3_000_000)], {}],
  ])('%s: %s', async (code, kind, command, more) => {
    await writeFile(join(cwd, 'plain.txt'), 'text', { mode: 0o644 });
    await expect(run(command, more).result).rejects.toMatchObject({ code, kind, hint: expect.stringMatching(/./) });
  });
});

/** Living processes whose environment holds `TREE=id`: told by the kernel, not by what the runner believes. */
async function living(id: string): Promise<number[]> {
  const needle = Buffer.from(`TREE=${id}\0`);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environment, stat] = await Promise.all([readFile(`/proc/${pid}/environ`), readFile(`/proc/${pid}/stat`, 'utf8')]).catch(
        () => [],
      );
      return environment?.includes(needle) && !/\) Z /.test(stat ?? '') ? Number(pid) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** A tree of sleeping processes: children, grandchildren, and one that left group, session and parent. Says `ready` when all are there. */
const TREE = `
const { spawn } = require('node:child_process');
const [role = 'root', stubborn] = process.argv.slice(1);
if (stubborn === 'stubborn') process.on('SIGTERM', () => {});
const child = (role, options) => spawn(process.execPath, ['-e', process.env.CODE, role, stubborn ?? ''], { stdio: ['ignore', 'inherit', 'inherit'], ...options });
if (role === 'root') { child('branch'); child('branch'); child('leaver', { detached: true }).on('exit', () => console.log('left')); }
if (role === 'branch') { child('leaf'); child('leaf'); }
if (role === 'leaver') { child('leaf', { detached: true, stdio: 'ignore' }).unref(); process.exit(0); }
if (role === 'leaf') console.log('leaf');
setInterval(() => {}, 1000);
`;

describe.runIf(process.platform === 'linux')('ending a command', () => {
  it.each(['', 'stubborn'])(
    'leaves nothing of its tree behind %s',
    async (manner) => {
      const id = `${process.pid}-${manner}-${Date.now()}`;
      const ran = run(js(TREE, 'root', manner), { env: { CODE: TREE, TREE: id } }, { graceMs: manner === '' ? 5000 : 200 });
      await ran.until('leaf\nleaf\nleaf\nleaf\n');
      await ran.until('left');
      expect((await living(id)).length).toBeGreaterThanOrEqual(7);
      const reason = new Error('cancelled');
      ran.abort.abort(reason);
      await expect(ran.result).rejects.toBe(reason);
      expect(await living(id)).toEqual([]);
    },
    30_000,
  );

  it('does not start what is cancelled already', async () => {
    const abort = new AbortController();
    abort.abort(new Error('too late'));
    const started = createCommandRunner().run(
      { command: { argv: ['touch', 'made'] }, cwd, env: {}, maxOutputBytes: 1000 },
      { signal: abort.signal, onOutput() {} },
    );
    await expect(started).rejects.toThrow('too late');
    expect(await readdir(cwd)).not.toContain('made');
  });

  it('also when it ends by itself at that very moment', async () => {
    const ran = run(js('process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)'));
    await ran.until('up');
    ran.abort.abort(new Error('stop'));
    await expect(ran.result).rejects.toThrow('stop');
  });

  it('marks what belongs to it', async () => {
    const { stdout } = await run(js(`console.log(process.env.${MARK})`)).result;
    expect(stdout).toMatch(/^[0-9a-f-]{36}\n$/);
  });
});

describe.runIf(process.platform === 'linux')('what an earlier host left running', () => {
  const stays = 'console.log("up"); setInterval(() => {}, 1000)';

  it('is ended before the same piece of work begins again', async () => {
    const left = run(js(stays), { id: 'run/step' });
    const other = run(js(stays), { id: 'run/other' });
    await Promise.all([left.until('up'), other.until('up')]);
    const again = await run(js('console.log("again")'), { id: 'run/step' }).result;
    expect(again).toMatchObject({ stdout: 'again\n', exitCode: 0 });
    expect(await left.result).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    other.abort.abort(new Error('enough'));
    await expect(other.result).rejects.toThrow('enough');
  });

  it('is killed where it does not end by itself', async () => {
    const left = run(js(`process.on('SIGTERM', () => {}); ${stays}`), { id: 'run/stubborn' });
    await left.until('up');
    await run(js(''), { id: 'run/stubborn' }, { graceMs: 50 }).result;
    expect(await left.result).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });
});
