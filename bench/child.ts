/** A process that does measurements when it is told to, one at a time. */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import type { Answer, Contender, Work } from './work.ts';

/** A measurement that takes longer (ms) is given up, and its process with it. */
const PATIENCE = 180_000;

export class Child {
  readonly #script: string;
  readonly #args: readonly string[];
  readonly #node: string;
  readonly #tmp: string;
  readonly #heapMegabytes: number | undefined;
  #process: ChildProcess | undefined;

  /**
   * @param tmp folder on the disk that is measured
   * @param heapMegabytes how large the heap may grow: V8 puts off collecting as long as there is room
   */
  constructor(script: string, args: readonly string[], node: string, tmp: string, heapMegabytes?: number) {
    this.#script = script;
    this.#args = args;
    this.#node = node;
    this.#tmp = tmp;
    this.#heapMegabytes = heapMegabytes;
  }

  async measure(contender: Contender, work: Work): Promise<Answer> {
    this.#process ??= await this.#start();
    this.#process.send({ contender, work, tmp: this.#tmp });
    return (await this.#answer()) as Answer;
  }

  stop(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(this.#script, this.#args, {
      execPath: this.#node,
      execArgv: ['--expose-gc', ...(this.#heapMegabytes === undefined ? [] : [`--max-old-space-size=${this.#heapMegabytes}`])],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process = child;
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
    child.once('exit', (code, signal) => {
      if (this.#process === child) this.#process = undefined;
      const why = /heap out of memory/.test(said) ? 'out of memory' : (said.match(/^\w*Error.*$/m)?.[0] ?? `ended with ${signal ?? code}`);
      child.emit('message', { failed: why });
    });
    const first = await this.#answer();
    if ('failed' in first) throw new Error(String(first.failed));
    return child;
  }

  #answer(): Promise<object> {
    const child = this.#process;
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        this.stop();
        resolve({ failed: `not done after ${PATIENCE / 1000} s` });
      }, PATIENCE);
      child?.once('message', (answer: object) => {
        clearTimeout(limit);
        resolve(answer);
      });
    });
  }
}
