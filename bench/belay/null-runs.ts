/** Runs that are written nowhere: what is left is the engine's own time. */
import { sha256 } from '../../src/engine/policy/hash.ts';
import type { Disposable, RunJournal, RunRecord, RunStore } from '../../src/engine/ports.ts';
import type { NewRunEvent, Owner, RunEvent, RunHeader } from '../../src/engine/run/events.ts';

const nothing: Disposable = { dispose: () => undefined };
const owner: Owner = { kind: 'test', nonce: 'bench', pid: 0, processStart: '', bootId: '', host: 'here' };

export class NullRuns implements RunStore {
  readonly root: string;
  readonly #objects = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  async create(header: RunHeader): Promise<RunJournal> {
    return nullJournal(header, this.#objects);
  }

  async putObject(text: string): Promise<string> {
    const hash = sha256(text);
    this.#objects.set(hash, text);
    return hash;
  }

  getObject(hash: string): Promise<string> {
    const text = this.#objects.get(hash);
    return text === undefined ? Promise.reject(new Error(`There is no object ${hash}`)) : Promise.resolve(text);
  }

  readObject(_runId: string, hash: string): Promise<string> {
    return this.getObject(hash);
  }

  watch(): Disposable {
    return nothing;
  }

  /** Nobody else has these runs. */
  exclusive<T>(_name: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  list = async (): Promise<never[]> => [];
  collect = async (): Promise<void> => undefined;
  remove = async (): Promise<void> => undefined;
  removeOld = async (): Promise<boolean> => false;
  keep = async (): Promise<void> => undefined;
  sizes = async (): Promise<ReadonlyMap<string, number>> => new Map();
  lastTidied = async (): Promise<undefined> => undefined;
  noteTidied = async (): Promise<void> => undefined;
  acquire = (): Promise<never> => notKept();
  read = (): Promise<RunRecord> => notKept();
  publish = (): Promise<never> => notKept();
}

function notKept(): Promise<never> {
  return Promise.reject(new Error('These runs are not kept'));
}

function nullJournal(header: RunHeader, objects: Map<string, string>): RunJournal {
  const recorded: RunEvent[] = [];
  let seq = 0;
  const append = (event: NewRunEvent): RunEvent => {
    const stamped = { seq, t: Date.now(), ...event } as RunEvent;
    seq += 1;
    return stamped;
  };
  recorded.push(append({ type: 'segment.opened', segment: 1, owner } as NewRunEvent), append({ type: 'run.created', run: header }));
  return {
    runId: header.id,
    owner,
    recorded,
    append,
    store(text) {
      const hash = sha256(text);
      objects.set(hash, text);
      return hash;
    },
    sync: async () => undefined,
    expectSyncs: () => undefined,
    onCommand: () => nothing,
    summarize: async () => undefined,
    release: async () => undefined,
  };
}
