/** Finding text in the files of the workspace, in time linear to their size. */
import * as z from 'zod';
import { BelayError } from '../errors.ts';
import { compilePattern } from '../format/expressions/index.ts';
import { optionalNumber, optionalText, text } from '../nodes/params.ts';
import { targetOf } from './file-tools.ts';
import { type BuiltInTool, builtInInfo, dataResult } from './tool.ts';
import { walk } from './walk.ts';

/** Larger files are no source: 1 MiB. */
const MAX_FILE = 1_048_576;
/** Characters of a line that are looked at and shown. */
const LONGEST_LINE = 2000;
const SHOWN = 300;
const MATCHES = 100;
const MOST_MATCHES = 500;

export const searchTool: BuiltInTool = {
  info: builtInInfo({
    name: 'files/search',
    title: 'Search files',
    description: 'Finds text in the files of the workspace, and gives the lines with their file and number.',
    parameters: () =>
      z.strictObject({
        text: z.string().min(1).max(1000).describe('What to look for.'),
        regex: z.boolean().describe('The text is a regular expression (RE2). Default: false.').optional(),
        caseSensitive: z.boolean().describe('Default: false.').optional(),
        path: z.string().min(1).describe('Only in this file or folder, relative to the workspace.').optional(),
        files: z.string().min(1).max(200).describe('Only in files whose path matches: **/*.md').optional(),
        most: z.int().min(1).max(MOST_MATCHES).describe(`How many lines at most. Default: ${MATCHES}.`).optional(),
      }),
    output: () =>
      z.object({ matches: z.array(z.object({ path: z.string(), line: z.int(), text: z.string() })), files: z.int(), more: z.boolean() }),
  }),
  async run(args, { ports, signal }) {
    const wanted = text(args.text, 'text');
    const pattern = patternOf(args.regex === true ? wanted : escaped(wanted), args.caseSensitive === true);
    const glob = optionalText(args.files);
    const accepts = glob === undefined ? undefined : patternOf(globPattern(glob), true);
    const most = optionalNumber(args.most) ?? MATCHES;
    const matches: { path: string; line: number; text: string }[] = [];
    let looked = 0;
    let more = false;
    for await (const path of filesIn(await targetOf(args, ports.files), ports.files, signal)) {
      if (accepts && !accepts.matcher(path).matches()) continue;
      const { absolute } = await ports.files.resolve(path, '');
      // What is too large or no text is no place to look in.
      const whole = await ports.files.read(absolute, MAX_FILE).catch(() => undefined);
      if (whole === undefined) continue;
      looked += 1;
      for (const [at, line] of whole.split('\n').entries()) {
        if (!pattern.matcher(line.slice(0, LONGEST_LINE)).find()) continue;
        more = matches.length === most;
        if (more) break;
        matches.push({ path, line: at + 1, text: line.trim().slice(0, SHOWN) });
      }
      if (more) break;
    }
    const lines = matches.map((match) => `${match.path}:${match.line}: ${match.text}`);
    const end = more ? ['[there are more]'] : matches.length === 0 ? [`[nothing in ${looked} files]`] : [];
    return dataResult({ matches, files: looked, more }, [...lines, ...end].join('\n'));
  },
};

/** A folder's files, or the one file. */
async function* filesIn(
  { absolute, relative }: { absolute: string; relative: string },
  files: Parameters<typeof walk>[1],
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (relative !== '.' && (await files.hash(absolute).catch(() => undefined)) !== undefined) yield relative;
  else yield* walk(relative, files, signal);
}

function patternOf(pattern: string, caseSensitive: boolean): ReturnType<typeof compilePattern> {
  try {
    return compilePattern(caseSensitive ? pattern : `(?i)${pattern}`);
  } catch (cause) {
    throw badPattern(cause);
  }
}

function badPattern(cause: unknown): BelayError {
  return new BelayError('TOOL_PATTERN_INVALID', cause instanceof Error ? cause.message : String(cause), {
    hint: 'Write it in the syntax of RE2, or search for plain text.',
    kind: 'badRequest',
    cause,
  });
}

function escaped(plain: string): string {
  return plain.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** `*` within a name, `**` over folders, `?` one character. */
function globPattern(glob: string): string {
  const parts = glob.split(/(\*\*\/|\*\*|\*|\?)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : escaped(part);
  });
  return glob.includes('/') ? parts.join('') : `(?:.*/)?${parts.join('')}`;
}
