/** The command line as people and scripts meet it: a process of its own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { Json } from '../../engine/format/json.ts';

const { script: CLI, cache } = inject('cli');
const SCRIPT = '/usr/bin/script';

/** `script` gives a process a real terminal. */
export const hasTerminal = existsSync(SCRIPT) && process.platform === 'linux';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class Belay {
  readonly ended: Promise<Ended>;
  readonly #child: ReturnType<typeof spawn>;
  #stdout = '';
  #stderr = '';
  /** Both streams, as they came. */
  #said = '';
  /** How much of it has been waited for. */
  #heard = 0;
  #look = (): void => undefined;

  constructor(cwd: string, args: readonly string[], options: { terminal?: boolean; env?: Record<string, string> } = {}) {
    const env = { PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm', XDG_CACHE_HOME: cache, ...options.env };
    const command = [process.execPath, CLI, ...args];
    const quoted = command.map((part) => `'${part}'`).join(' ');
    const [program = '', ...rest] = options.terminal ? [SCRIPT, '-qefc', quoted, '/dev/null'] : command;
    const child = spawn(program, rest, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#hear(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#hear(text);
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await this.ended;
    });
  }

  /** Resolves when the text has been written, behind what was waited for before. */
  async until(text: string): Promise<void> {
    const found = (): boolean => {
      const at = this.#said.indexOf(text, this.#heard);
      if (at >= 0) this.#heard = at + text.length;
      return at >= 0;
    };
    const said = new Promise<void>((resolve) => {
      this.#look = () => {
        if (found()) resolve();
      };
      this.#look();
    });
    const silent = this.ended.then(({ code }) => {
      if (!this.#said.includes(text)) throw new Error(`It ended with ${code} without saying "${text}":\n${this.#said}`);
    });
    await Promise.race([said, silent]);
    this.#look = () => undefined;
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  #hear(text: string): void {
    this.#said += text;
    this.#look();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

/** Runs to the end, with nobody to ask. */
export async function belay(cwd: string, ...args: string[]): Promise<Ended> {
  const process = new Belay(cwd, args);
  process.type('');
  return await process.ended;
}

/** A workspace with the given files, gone when the test is over. */
export async function workspaceWith(files: Record<string, Json | string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'belay-cli-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, '.belay'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  return root;
}

/** The events a `--json` run has printed. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
