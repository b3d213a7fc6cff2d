/** The inspector of another Node process on this machine. */
import { setTimeout as later } from 'node:timers/promises';

/** Where Node listens when it is asked to by a signal. */
const ADDRESS = 'http://127.0.0.1:9229/json/list';
const TRIES = 50;

/** Without an id: an event, which nobody waits for. */
interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
  }

  /** Opens the inspector of a process. Throws where another one has it open already. */
  static async open(pid: number): Promise<Inspector> {
    if (await list().catch(() => undefined)) throw new Error(`Somebody listens at ${ADDRESS} already: end it first`);
    process.kill(pid, 'SIGUSR1');
    for (let tries = 0; ; tries += 1) {
      const [found] = (await list().catch(() => undefined)) ?? [];
      if (found) {
        const socket = new WebSocket(found.webSocketDebuggerUrl);
        await new Promise((resolve, reject) => {
          socket.addEventListener('open', resolve, { once: true });
          socket.addEventListener('error', reject, { once: true });
        });
        return new Inspector(socket);
      }
      if (tries >= TRIES) throw new Error(`The process ${pid} has no inspector`);
      await later(100);
    }
  }

  post(method: string, params: object = {}): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }
}

async function list(): Promise<{ webSocketDebuggerUrl: string }[]> {
  return (await (await fetch(ADDRESS)).json()) as { webSocketDebuggerUrl: string }[];
}
