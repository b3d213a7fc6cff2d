/**
 * A process of its own that works on a run: `contender.ts ROOT RUN create|acquire`. Says in one line of JSON what it got, then, as
 * the owner, records a step for every line it is sent until it is killed.
 */
import { createInterface } from 'node:readline';
import { toErrorData } from '../../../engine/errors.ts';
import type { RunJournal } from '../../../engine/ports.ts';
import { FileRunStore } from '../file-run-store.ts';
import { silentLog } from './silent-log.ts';

const [root = '', run = '', how = ''] = process.argv.slice(2);
const store = new FileRunStore({ root, kind: 'cli', log: silentLog, now: Date.now });
const lines = createInterface({ input: process.stdin });
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

function take(): Promise<RunJournal> {
  if (how === 'acquire') return store.acquire(run);
  return store.create({ id: run, flow: 'f', title: 'F', bundle: 'b', inputs: {}, mode: 'live', startedBy: 'cli', belay: '0' });
}

async function work(journal: RunJournal): Promise<void> {
  say({ got: journal.recorded.length, pid: process.pid });
  for await (const node of lines) {
    journal.append({ type: 'node.started', node });
    await journal.sync();
    say({ recorded: node });
  }
}

say({ ready: true });
lines.once('line', () => {
  take().then(work, (error: unknown) => {
    say({ refused: toErrorData(error).code, message: toErrorData(error).message });
    lines.close();
  });
});
