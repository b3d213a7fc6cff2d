/** Recorded replies, beside the flows of a workspace: `.belay/cassettes/NAME.jsonl` for `NAME.flow.json`, committed with them. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BelayError } from '../../engine/errors.ts';
import type { Json } from '../../engine/format/json.ts';
import { hashJson } from '../../engine/policy/hash.ts';
import { redactJson } from '../../engine/policy/redact.ts';
import type { Cassettes, ModelRequest } from '../../engine/ports.ts';
import { realInside } from '../files/paths.ts';
import type { Recording } from './format.ts';
import { canonical, compact, expand, formatCassette, parseCassette } from './format.ts';

/** Where the recordings of a flow stand, relative to the root. `flow` is its path from the root. */
export function cassettePath(flow: string): string {
  const name = flow.replace(/\.flow\.json$/, '');
  if (name.split('/').some((part) => part === '..' || part === '' || part === '.') || /[\\:\0]/.test(name)) {
    throw new BelayError('FILE_PATH_INVALID', `"${flow}" is no path of a flow.`, {
      hint: 'Give it relative to the workspace.',
      kind: 'badRequest',
    });
  }
  return `.belay/cassettes/${name}.jsonl`;
}

/**
 * @param root The journal root.
 * @param redact Applied to everything that is recorded.
 *
 * Every method throws `CASSETTE_INVALID` (with file and line) where the file is damaged: a miss would only hide it.
 */
export function createCassettes(root: string, redact: (text: string) => string): Cassettes {
  /** Recordings of one process are written one after another; each writes the whole file anew. */
  let lastWrite: Promise<unknown> = Promise.resolve();

  /** Where the file really is. A repository can carry links: recordings are neither read nor written outside of the root. */
  async function placeOf(flow: string): Promise<string> {
    const path = cassettePath(flow);
    const real = await realpath(root);
    return await realInside(real, join(real, path), path);
  }

  /** Redacted before it is hashed: a recorded reply goes into the next request as it is kept, and has to be found by that. */
  function kept(request: ModelRequest): Recording['request'] {
    return redactJson(canonical(request), redact) as Recording['request'];
  }

  async function load(flow: string): Promise<Recording[]> {
    const path = cassettePath(flow);
    const text = await readFile(await placeOf(flow), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
      throw error;
    });
    return parseCassette(text.replace(/^\uFEFF/, ''), path);
  }

  return {
    async find(flow, request) {
      const key = hashJson(kept(request));
      const found = (await load(flow)).find((recording) => recording.key === key);
      return found && expand(found.events, request.schema !== undefined);
    },

    async template(flow, node) {
      return (await load(flow)).findLast((recording) => recording.node === node)?.template;
    },

    async record(flow, node, template, request, events) {
      const recording: Recording = {
        key: hashJson(kept(request)),
        node,
        template: redact(template),
        request: kept(request),
        events: redactJson(compact(events) as unknown as Json, redact) as Recording['events'],
      };
      const write = lastWrite.then(async () => {
        const others = await load(flow);
        const at = others.findIndex(({ key }) => key === recording.key);
        if (at === -1) others.push(recording);
        else others[at] = recording;
        await replace(await placeOf(flow), formatCassette(others));
      });
      lastWrite = write.catch(() => undefined);
      return write;
    },

    async exists(flow) {
      const found = await stat(join(root, cassettePath(flow))).catch(() => undefined);
      return found !== undefined && found.size > 0;
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
