/**
 * A server that is a program: started without a shell, in a process group of its own, ended with everything it started. What it writes
 * is bounded. The SDK's own transport kills only the program itself, and keeps whatever it is sent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { deserializeMessage, type JSONRPCMessage, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import { inheritedEnvironment } from '../shell/environment.ts';
import { CappedOutput } from '../shell/output.ts';
import { endTree, killGroup, MARK } from '../shell/tree.ts';
import type { ReadyServer } from './definitions.ts';
import { notFound, unreachable } from './errors.ts';
import type { McpLimits } from './limits.ts';

const LINE_FEED = 10;

/** Programs that run now: ended with this process, where it ends in good order. */
const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) killGroup(pid);
});

/** Why the connection ended, if that is known better than "closed". */
export interface Ending {
  reason?: string;
  exit?: { code: number | null; signal: string | null };
}

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;
  readonly ending: Ending = {};
  readonly #name: string;
  readonly #server: Extract<ReadyServer, { type: 'stdio' }>;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #limits: McpLimits;
  readonly #mark = randomUUID();
  readonly #stderr: CappedOutput;
  #process: ChildProcess | undefined;
  #ended: Promise<void> | undefined;
  #line: Buffer[] = [];
  #lineLength = 0;
  #unanswered = 0;
  #garbage = 0;

  /** @param environment of the host, of which a program inherits what commands do: no keys */
  constructor(
    name: string,
    server: Extract<ReadyServer, { type: 'stdio' }>,
    environment: Readonly<Record<string, string | undefined>>,
    limits: McpLimits,
  ) {
    this.#name = name;
    this.#server = server;
    this.#environment = environment;
    this.#limits = limits;
    this.#stderr = new CappedOutput(limits.stderrBytes);
  }

  /** The beginning and the end of what the program said on its standard error. Also tells the SDK that this is a program and no address. */
  get stderr(): string {
    return this.#stderr.finish().text;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): Promise<void> {
    const { command, args, env, cwd } = this.#server;
    const windows = process.platform === 'win32';
    return new Promise((resolve, reject) => {
      let child: ChildProcess;
      try {
        child = spawn(command, args, {
          cwd,
          env: { ...inheritedEnvironment(this.#environment), ...env, [MARK]: this.#mark },
          stdio: 'pipe',
          detached: !windows,
          windowsHide: true,
        });
      } catch (cause) {
        reject(unreachable(this.#name, cause instanceof Error ? cause.message : String(cause), { cause }));
        return;
      }
      this.#process = child;
      child.once('error', (cause: NodeJS.ErrnoException) => {
        reject(cause.code === 'ENOENT' ? notFound(this.#name, command) : unreachable(this.#name, cause.message, { cause }));
        this.#over();
      });
      child.once('spawn', () => {
        if (child.pid !== undefined) running.add(child.pid);
        resolve();
      });
      child.once('exit', (code, signal) => {
        this.ending.exit = { code, signal };
      });
      // What it had begun to say is read to the end; but a child of it may hold the pipe open for ever.
      child.once('exit', () => setTimeout(() => this.#over(), 200).unref());
      child.once('close', () => this.#over());
      child.stdin?.on('error', (error) => this.onerror?.(error));
      child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
      child.stderr?.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#process?.stdin;
    if (!stdin?.writable) throw new Error(this.ending.reason ?? 'the program has ended');
    // A program that does not read holds up nobody: the pipe's buffer grows by our own messages only, which are bounded.
    stdin.write(serializeMessage(message));
  }

  /** Ends the program and everything it started. Resolves when nothing of it is left. */
  close(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const pid = this.#process?.pid;
    this.#process?.stdin?.end();
    if (pid !== undefined) {
      await endTree(pid, this.#mark, this.#limits.graceMs);
      running.delete(pid);
    }
    this.#process?.stdout?.destroy();
    this.#process?.stderr?.destroy();
    this.#over();
  }

  #over(): void {
    const { onclose } = this;
    delete this.onclose;
    if (!onclose) return;
    onclose();
    void this.close();
  }

  #read(chunk: Buffer): void {
    this.#unanswered += chunk.length;
    if (this.#unanswered > this.#limits.unansweredBytes) {
      this.#cut('it sends without end');
      return;
    }
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0 && this.#ended === undefined; end = chunk.indexOf(LINE_FEED, from)) {
      this.#line.push(chunk.subarray(from, end));
      from = end + 1;
      // Joined once for each message: joining with every chunk would take seconds for a long one.
      const line = Buffer.concat(this.#line).toString('utf8');
      this.#line = [];
      this.#lineLength = 0;
      this.#take(line);
    }
    if (this.#ended !== undefined) return;
    this.#line.push(chunk.subarray(from));
    this.#lineLength += chunk.length - from;
    if (this.#lineLength > this.#limits.messageBytes) this.#cut(`it sent a message of more than ${this.#limits.messageBytes} bytes`);
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch {
      // Greetings and logs on the wrong stream are passed over, within reason.
      this.#garbage += 1;
      if (this.#garbage > this.#limits.garbageLines) this.#cut('what it writes are no messages');
      return;
    }
    if ('result' in message || 'error' in message) this.#unanswered = 0;
    this.onmessage?.(message);
  }

  #cut(reason: string): void {
    this.ending.reason ??= reason;
    this.#process?.stdout?.destroy();
    this.#over();
    void this.close();
  }
}
