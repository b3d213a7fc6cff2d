import { globSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BelayError } from '../../engine/errors.ts';
import { checkFlowFile, type FileProblem, summaryOf } from '../check-flow.ts';
import type { CliContext } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { sarifLog } from '../sarif.ts';
import { describeProblem, exitOfProblems } from './validate.ts';

export const LINT_FORMATS = ['text', 'json', 'sarif'] as const;
type LintFormat = (typeof LINT_FORMATS)[number];

export interface LintOptions {
  format: LintFormat;
  /** Warnings fail too. */
  strict?: boolean;
}

/** Folders in which nobody keeps flows of their own. */
const SKIPPED = new Set(['node_modules', '.git', '.belay']);

/**
 * The lint of the editor for files, folders (every `*.flow.json` below them) and globs.
 *
 * @param names none: the folder one is in.
 * @throws `LINT_NOTHING` where no file is found.
 */
export function lint(names: readonly string[], options: LintOptions, { terminal, cwd }: CliContext, version: string): Exit {
  const files = [...new Set((names.length === 0 ? ['.'] : names).flatMap((name) => filesOf(cwd, name)))];
  const problems = files.flatMap((file) => checkFlowFile(cwd, file, false).problems);
  const text = written(options.format, files, problems, cwd, version);
  if (text !== '') terminal.print(text);
  if (options.format === 'text') terminal.complain(summaryOf(files.length, problems, 0));
  return exitOfProblems(problems, options.strict === true);
}

function written(format: LintFormat, files: readonly string[], problems: readonly FileProblem[], cwd: string, version: string): string {
  switch (format) {
    case 'text':
      return problems.map(describeProblem).join('\n');
    case 'json':
      return JSON.stringify({ files, problems }, null, 2);
    case 'sarif':
      return JSON.stringify(sarifLog(problems, { version, uriOf: (file) => uriOf(cwd, file) }), null, 2);
    default:
      return format satisfies never;
  }
}

function filesOf(cwd: string, name: string): string[] {
  const found = statSync(resolve(cwd, name), { throwIfNoEntry: false });
  // One that is named and not there is told as a problem of its own.
  if (found && !found.isDirectory()) return [name];
  const isGlob = !found && /[*?[{]/.test(name);
  if (!found && !isGlob) return [name];
  const pattern = found ? '**/*.flow.json' : name;
  const files = globSync(pattern, {
    cwd: found ? resolve(cwd, name) : cwd,
    withFileTypes: true,
    exclude: (entry) => SKIPPED.has(entry.name),
  })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.flow.json'))
    .map((entry) => shown(cwd, join(entry.parentPath, entry.name)))
    .sort();
  if (files.length > 0) return files;
  throw new BelayError('LINT_NOTHING', `There is no flow in ${name}.`, {
    hint: 'Name files, folders or globs with *.flow.json files.',
    kind: 'notFound',
  });
}

/** As short as it can be written. */
function shown(cwd: string, file: string): string {
  const short = relative(cwd, file);
  return short.startsWith(`..${sep}..`) || isAbsolute(short) ? file : short;
}

/** From the folder one is in, which in CI is the repository; of other files the whole address. */
function uriOf(cwd: string, file: string): { uri: string; uriBaseId?: string } {
  const full = resolve(cwd, file);
  const path = relative(cwd, full);
  const encoded = (parts: string) => parts.split(sep).map(encodeURIComponent).join('/');
  if (path.startsWith('..') || isAbsolute(path)) return { uri: `file://${full.startsWith('/') ? '' : '/'}${encoded(full)}` };
  return { uri: encoded(path), uriBaseId: '%SRCROOT%' };
}
