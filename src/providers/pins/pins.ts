/**
 * Pinned results on disk: `.belay/local/pins/<sha256 of the flow's path>.json`. They stand in for running a node while a flow is made,
 * so they belong to the person and not into the flow file. Secrets are redacted in them. A file that was not written here is passed over: one that came with a
 * repository could have its values taken for trusted ones.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../engine/errors.ts';
import { lazily } from '../../engine/format/lazily.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import { redactJson } from '../../engine/policy/redact.ts';
import { trustSchema } from '../../engine/run/events.ts';
import { replaceFile } from '../journal/atomic-file.ts';
import { isErrno } from '../journal/errno.ts';
import { FOLDER_MODE, JournalLayout } from '../journal/layout.ts';
import { systemProcesses } from '../journal/processes.ts';

const FORMAT = 1;

const pinSchema = lazily(() =>
  z.object({
    outlet: z.string(),
    output: z.json(),
    trust: trustSchema(),
    /** Who pinned it. */
    by: z.string(),
    /** Epoch ms. */
    at: z.number(),
    /** The run whose result it is; absent: a person typed it. */
    run: z.string().exactOptional(),
  }),
);
export type Pin = z.infer<ReturnType<typeof pinSchema>>;

const fileSchema = lazily(() =>
  z.object({ format: z.literal(FORMAT), machine: z.string(), flow: z.string(), pins: z.record(z.string(), pinSchema()) }),
);

/** Everything here throws `PINS_FAILED` where the disk does not do as it is told, and `JOURNAL_FOLDER` for a link that leads elsewhere. */
export class Pins {
  readonly #layout: JournalLayout;
  readonly #redact: (text: string) => string;
  readonly #machine: () => Promise<string>;
  /** Changes of this process happen one after another. Of two processes the last one wins: pins are one person's. */
  #changes: Promise<unknown> = Promise.resolve();

  /** `root`: absolute path of the folder that holds (or will hold) `.belay`. */
  constructor(root: string, redact: (text: string) => string, machine: () => Promise<string> = () => systemProcesses().machine()) {
    this.#layout = new JournalLayout(root);
    this.#redact = redact;
    this.#machine = machine;
  }

  /** By id of the node. `flow`: the flow file, relative to the root, with forward slashes. */
  async of(flow: string): Promise<Record<string, Pin>> {
    this.#layout.refuseLinks();
    const text = await readFile(this.#file(flow), 'utf8').catch((error: unknown) => {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw failed(error);
    });
    if (text === undefined) return {};
    const found = fileSchema().safeParse(jsonOf(text));
    if (!found.success || found.data.machine !== (await this.#machine())) return {};
    return found.data.pins;
  }

  set(flow: string, node: string, pin: Pin): Promise<void> {
    return this.#change(flow, (pins) => ({ ...pins, [node]: { ...pin, output: redactJson(pin.output, this.#redact) } }));
  }

  /** Of all nodes, where none is named. Returns the nodes that were pinned. */
  async remove(flow: string, node?: string): Promise<string[]> {
    let removed: string[] = [];
    await this.#change(flow, (pins) => {
      removed = Object.keys(pins).filter((id) => node === undefined || id === node);
      return Object.fromEntries(Object.entries(pins).filter(([id]) => !removed.includes(id)));
    });
    return removed;
  }

  #change(flow: string, change: (pins: Record<string, Pin>) => Record<string, Pin>): Promise<void> {
    const own = this.#changes.then(async () => {
      const pins = change(await this.of(flow));
      await this.#write(flow, pins).catch((error: unknown) => {
        throw error instanceof BelayError ? error : failed(error);
      });
    });
    this.#changes = own.catch(() => undefined);
    return own;
  }

  async #write(flow: string, pins: Record<string, Pin>): Promise<void> {
    if (Object.keys(pins).length === 0) return rm(this.#file(flow), { force: true });
    await this.#layout.ready();
    await mkdir(this.#layout.pins, { recursive: true, mode: FOLDER_MODE });
    const file: z.infer<ReturnType<typeof fileSchema>> = { format: FORMAT, machine: await this.#machine(), flow, pins };
    await replaceFile(this.#file(flow), `${JSON.stringify(file, null, 2)}\n`, this.#layout.tmp, true);
  }

  #file(flow: string): string {
    return join(this.#layout.pins, `${sha256(flow)}.json`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(cause: unknown): BelayError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new BelayError('PINS_FAILED', `Pinned results cannot be kept or read${why}.`, {
    hint: 'See whether .belay/local can be written and the disk has room.',
    kind: 'internal',
    cause,
  });
}
