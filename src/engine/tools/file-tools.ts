/** Tools for the files of the workspace. Confinement is the port's; here is what an agent may see and change. */
import * as z from 'zod';
import { BelayError } from '../errors.ts';
import type { JsonObject } from '../format/json.ts';
import type { Effect } from '../format/model.ts';
import { MAX_READ, reconcileFile } from '../nodes/file/reconcile.ts';
import { optionalNumber, text } from '../nodes/params.ts';
import { sha256 } from '../policy/hash.ts';
import type { WorkspaceFiles } from '../ports.ts';
import { type BuiltInTool, builtInInfo, dataResult } from './tool.ts';
import { isHidden, walk } from './walk.ts';

const path = (what: string) => z.string().min(1).describe(`${what}, relative to the workspace: src/main.ts`);
const pathOf = (args: JsonObject): string => (args.path === undefined ? '.' : text(args.path, 'path'));

type Target = Awaited<ReturnType<WorkspaceFiles['resolve']>>;

/** Where an agent wants to read or write. The repository's own data and what runs left are no files of the workspace. */
export async function targetOf(args: JsonObject, files: WorkspaceFiles): Promise<Target> {
  const target = await files.resolve(pathOf(args), '');
  if (!isHidden(target.relative)) return target;
  throw new BelayError('TOOL_PATH_HIDDEN', `"${target.relative}" is not shown to tools.`, {
    hint: 'What git and Belay keep for themselves is read with their own commands.',
    kind: 'permission',
  });
}

async function writeEffect(args: JsonObject, { files }: { files: WorkspaceFiles }): Promise<Effect> {
  return (await targetOf(args, files)).protected ? 'irreversible' : 'write';
}

/** Lines given at once, where nobody says how many. */
const LINES = 2000;

export const readTool: BuiltInTool = {
  info: builtInInfo({
    name: 'files/read',
    title: 'Read a file',
    description: 'Reads a text file of the workspace. Long files are read in pieces: say the first line and how many.',
    parameters: () =>
      z.strictObject({
        path: path('The file'),
        line: z.int().min(1).describe('The first line to read, from 1.').optional(),
        lines: z.int().min(1).max(LINES).describe(`How many lines. Default and most: ${LINES}.`).optional(),
      }),
    output: () => z.object({ path: z.string(), line: z.int(), lines: z.int(), totalLines: z.int(), text: z.string() }),
  }),
  async run(args, { ports }) {
    const { absolute, relative } = await targetOf(args, ports.files);
    const all = (await ports.files.read(absolute, MAX_READ)).split('\n');
    const first = optionalNumber(args.line) ?? 1;
    const part = all.slice(first - 1, first - 1 + (optionalNumber(args.lines) ?? LINES));
    const rest =
      first - 1 + part.length < all.length
        ? `\n[${all.length - (first - 1 + part.length)} more lines; read on from line ${first + part.length}]`
        : '';
    const shown = part.join('\n');
    return dataResult({ path: relative, line: first, lines: part.length, totalLines: all.length, text: shown }, shown + rest);
  },
};

/** Entries given at once. */
const ENTRIES = 1000;

export const listTool: BuiltInTool = {
  info: builtInInfo({
    name: 'files/list',
    title: 'List files',
    description: 'Lists the files of a folder of the workspace; folders end in a slash.',
    parameters: () =>
      z.strictObject({
        path: path('The folder; default: the whole workspace').optional(),
        recursive: z.boolean().describe('Everything below it too, as paths. Default: false.').optional(),
      }),
    output: () => z.object({ path: z.string(), entries: z.array(z.string()), more: z.boolean() }),
  }),
  async run(args, { ports, signal }) {
    const { absolute, relative } = await targetOf(args, ports.files);
    const entries: string[] = [];
    let more = false;
    const at = relative === '.' ? '' : `${relative}/`;
    if (args.recursive === true) {
      for await (const file of walk(relative, ports.files, signal)) {
        if (entries.length === ENTRIES) {
          more = true;
          break;
        }
        entries.push(file);
      }
    } else {
      const found = (await ports.files.list(absolute)).filter(({ name }) => !isHidden(at + name));
      more = found.length > ENTRIES;
      entries.push(...found.slice(0, ENTRIES).map(({ name, kind }) => (kind === 'folder' ? `${name}/` : name)));
    }
    return dataResult({ path: relative, entries, more }, [...entries, ...(more ? ['[there are more]'] : [])].join('\n') || '[empty]');
  },
};

const hashBefore: BuiltInTool['before'] = async (args, { files }) => (await files.hash((await targetOf(args, files)).absolute)) ?? null;

export const writeTool: BuiltInTool = {
  info: builtInInfo({
    name: 'files/write',
    title: 'Write a file',
    description: 'Writes a whole text file of the workspace; what stood there before is replaced. Folders are made.',
    parameters: () => z.strictObject({ path: path('The file'), content: z.string().describe('All of its text.') }),
    output: () => z.object({ path: z.string(), bytes: z.int(), sha256: z.string() }),
  }),
  effect: writeEffect,
  before: hashBefore,
  async reconcile(args, before, { files }) {
    const { absolute, relative } = await targetOf(args, files);
    const found = await reconcileFile({ action: 'write', absolute, path: relative, content: text(args.content, 'content'), before }, files);
    return found.is === 'done' ? { is: 'done', output: { ...dataResult(found.output as JsonObject) } as unknown as JsonObject } : found;
  },
  async run(args, { ports }) {
    const { absolute, relative } = await targetOf(args, ports.files);
    return dataResult({ path: relative, ...(await ports.files.write(absolute, text(args.content, 'content'))) });
  },
};

/** The text with the change made. Throws `TOOL_EDIT_UNCLEAR` where it cannot be made at exactly one place. */
async function edited(args: JsonObject, { absolute, relative }: Target, files: WorkspaceFiles): Promise<{ text: string; places: number }> {
  const whole = await files.read(absolute, MAX_READ);
  const old = text(args.old, 'old');
  const places = whole.split(old).length - 1;
  if (places === 1 || (places > 1 && args.all === true)) return { text: whole.split(old).join(text(args.new, 'new')), places };
  throw new BelayError(
    'TOOL_EDIT_UNCLEAR',
    places === 0
      ? `"${relative}" does not contain the text to be replaced.`
      : `"${relative}" contains the text to be replaced ${places} times.`,
    {
      hint:
        places === 0 ? 'Read the file, and give the text exactly as it stands there.' : 'Give more of the text around it, or set "all".',
      kind: 'badRequest',
    },
  );
}

export const editTool: BuiltInTool = {
  info: builtInInfo({
    name: 'files/edit',
    title: 'Edit a file',
    description: 'Replaces a piece of text in a file of the workspace. The old text has to stand there exactly once.',
    parameters: () =>
      z.strictObject({
        path: path('The file'),
        old: z.string().min(1).describe('The text to be replaced, exactly as it stands in the file.'),
        new: z.string().describe('What takes its place.'),
        all: z.boolean().describe('Replace it wherever it stands. Default: false.').optional(),
      }),
    output: () => z.object({ path: z.string(), places: z.int(), bytes: z.int(), sha256: z.string() }),
  }),
  effect: writeEffect,
  /** Also what it will be: afterwards the old text is gone. */
  async before(args, { files }) {
    const target = await targetOf(args, files);
    const { text: wanted, places } = await edited(args, target, files);
    return { sha256: (await files.hash(target.absolute)) ?? null, wanted: sha256(wanted), bytes: Buffer.byteLength(wanted), places };
  },
  async reconcile(args, before, { files }) {
    const { absolute, relative } = await targetOf(args, files);
    const was = before as { sha256: string; wanted: string; bytes: number; places: number };
    const now = await files.hash(absolute);
    if (now === was.sha256) return { is: 'repeat' };
    if (now !== was.wanted)
      return { is: 'ask', why: `"${relative}" is neither as it was before this step nor as the step would have left it.` };
    const done = dataResult({ path: relative, places: was.places, bytes: was.bytes, sha256: now });
    return { is: 'done', output: { ...done } as unknown as JsonObject };
  },
  async run(args, { ports }) {
    const target = await targetOf(args, ports.files);
    const change = await edited(args, target, ports.files);
    return dataResult({ path: target.relative, places: change.places, ...(await ports.files.write(target.absolute, change.text)) });
  },
};
