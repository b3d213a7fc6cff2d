/**
 * How others speak to the owner of a run: files that appear whole and only once. Of several commands with the same key the first
 * one published wins, whoever asked.
 */
import type { FSWatcher } from 'node:fs';
import { readdirSync, readFileSync, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../engine/errors.ts';
import { lazily } from '../../engine/format/lazily.ts';
import type { Disposable, Log, RunCommand } from '../../engine/ports.ts';
import { signalReplySchema } from '../../engine/run/events.ts';
import { isTooDeep } from '../../engine/run/replies.ts';
import { publishExclusively } from './atomic-file.ts';
import { isErrno } from './errno.ts';
import type { JournalLayout } from './layout.ts';

/** How long a command can stay unseen where the file system tells nothing of changes. */
const POLL_MS = 1000;
const NAME = /^[0-9a-f]{64}\.json$/;

const commandSchema = lazily(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('reply'), key: z.string(), reply: signalReplySchema() }),
    z.object({ type: z.literal('cancel'), key: z.literal('cancel'), by: z.string(), reason: z.string().optional() }),
  ]),
);

/** Publishes a command. Throws `RUN_UNKNOWN`, and `INBOX_CORRUPT` where an earlier one cannot be read. */
export async function publishCommand(
  layout: JournalLayout,
  runId: string,
  command: RunCommand,
): Promise<{ published: true } | { published: false; earlier: RunCommand }> {
  layout.segments(runId);
  layout.makeInbox(runId);
  const path = layout.inboxFile(runId, command.key);
  if (await publishExclusively(path, `${JSON.stringify(command)}\n`, layout.tmp)) return { published: true };
  const earlier = await readCommand(path);
  if (earlier) return { published: false, earlier };
  throw new BelayError('INBOX_CORRUPT', `Another answer to "${command.key}" of run ${runId} is there but cannot be read.`, {
    hint: `Remove ${path} and answer again.`,
    kind: 'internal',
  });
}

async function readCommand(path: string): Promise<RunCommand | undefined> {
  return parseCommand(
    await readFile(path, 'utf8').catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return '';
      throw error;
    }),
  );
}

/** Undefined for what is no command, or too deep for one: who sends with Belay is told before. */
function parseCommand(text: string): RunCommand | undefined {
  try {
    const parsed = commandSchema().safeParse(JSON.parse(text));
    const command = parsed.success ? (parsed.data as RunCommand) : undefined;
    return command?.type === 'reply' && isTooDeep(command.reply) ? undefined : command;
  } catch {
    return undefined;
  }
}

/**
 * Hands every command of a run to its listeners, each once. Those that are there already are handed over before `listen` returns: a
 * run that goes on because it was answered must not look unanswered first.
 */
export class Inbox {
  readonly #layout: JournalLayout;
  readonly #runId: string;
  readonly #log: Log;
  readonly #seen = new Set<string>();
  readonly #commands: RunCommand[] = [];
  readonly #listeners = new Set<(command: RunCommand) => void>();
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #scanning = false;
  #again = false;
  #open = false;

  constructor(layout: JournalLayout, runId: string, log: Log) {
    this.#layout = layout;
    this.#runId = runId;
    this.#log = log;
  }

  /** The inbox's folder has to be there. */
  listen(listener: (command: RunCommand) => void): Disposable {
    const own = (command: RunCommand): void => listener(command);
    this.#start();
    this.#listeners.add(own);
    for (const command of this.#commands) own(command);
    return { dispose: () => this.#listeners.delete(own) };
  }

  dispose(): void {
    this.#open = false;
    this.#listeners.clear();
    this.#watcher?.close();
    clearInterval(this.#poll);
  }

  #start(): void {
    if (this.#open) return;
    this.#open = true;
    try {
      this.#watcher = watch(this.#layout.inbox(this.#runId), () => this.#scan());
      this.#watcher.on('error', (error) => this.#log.warn('The inbox of a run is only polled', { run: this.#runId, error: error.message }));
    } catch (error) {
      this.#log.warn('The inbox of a run is only polled', { run: this.#runId, error: String(error) });
    }
    this.#poll = setInterval(() => this.#scan(), POLL_MS);
    const folder = this.#layout.inbox(this.#runId);
    for (const name of readdirSync(folder)) if (this.#isNew(name)) this.#take(name, parseCommand(readFileSync(join(folder, name), 'utf8')));
  }

  /** One look at a time; a change while looking means another look. */
  #scan(): void {
    if (this.#scanning) {
      this.#again = true;
      return;
    }
    this.#scanning = true;
    this.#read()
      .catch((error: unknown) => this.#log.warn('The inbox of a run cannot be read', { run: this.#runId, error: String(error) }))
      .finally(() => {
        this.#scanning = false;
        if (!this.#again || !this.#open) return;
        this.#again = false;
        this.#scan();
      });
  }

  async #read(): Promise<void> {
    const folder = this.#layout.inbox(this.#runId);
    for (const name of await readdir(folder)) {
      if (!this.#isNew(name)) continue;
      const command = await readCommand(join(folder, name));
      if (!this.#open) return;
      this.#take(name, command);
    }
  }

  #isNew(name: string): boolean {
    return NAME.test(name) && !this.#seen.has(name);
  }

  #take(name: string, command: RunCommand | undefined): void {
    if (!command) {
      // Without hard links a file may still be on its way: the next look decides.
      this.#log.debug('A command cannot be read yet', { run: this.#runId, name });
      return;
    }
    this.#seen.add(name);
    this.#commands.push(command);
    for (const listener of [...this.#listeners]) listener(command);
  }
}
