import { basename, dirname, resolve } from 'node:path';
import { toErrorData } from '../../engine/errors.ts';
import { fixAll } from '../../engine/format/fix.ts';
import { lintFlow } from '../../engine/format/lint.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { scanStepReferences } from '../../engine/format/references.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { CliContext } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { readTextFile, writeTextFile } from '../flow-file.ts';
import { chooseRoot } from '../root.ts';
import { oneLine } from '../text.ts';

export interface ValidateOptions {
  json?: boolean;
  /** Warnings fail too. */
  strict?: boolean;
  /** Mends what can be mended without thinking, and says what is left. */
  fix?: boolean;
}

/** What the command line says of a place in a file; what is wrong with the file itself has no node and stands at 1:1. */
type FileProblem = Pick<Problem, 'code' | 'severity' | 'message' | 'hint' | 'node'> & { file: string; line: number; column: number };

export function validate(files: readonly string[], options: ValidateOptions, { terminal, cwd }: CliContext): Exit {
  const checked = files.map((file) => checkFile(cwd, file, options.fix === true));
  const problems = checked.flatMap((it) => it.problems);
  const mended = checked.reduce((sum, it) => sum + it.mended, 0);
  for (const problem of problems) terminal.print(options.json ? JSON.stringify(problem) : describe(problem));
  if (!options.json) terminal.complain(summary(files.length, problems, mended));
  return problems.some(({ severity }) => severity === 'error' || (options.strict && severity === 'warning')) ? 'failed' : 'ok';
}

function checkFile(cwd: string, file: string, fix: boolean): { problems: FileProblem[]; mended: number } {
  try {
    const folder = dirname(resolve(cwd, file));
    const root = chooseRoot(undefined, cwd, folder);
    const files = { readPrompt: (path: string) => readBeside(root, folder, path), self: basename(file) };
    const check = (text: string): Problem[] => {
      const parsed = parseFlow(text, catalog);
      return [...parsed.problems, ...lintFlow(parsed, catalog, files)];
    };
    const text = readTextFile(cwd, file);
    if (!fix) return { problems: listed(file, check(text)), mended: 0 };
    const fixed = fixAll(text, check, { catalog, scan: scanStepReferences });
    if (fixed.text !== text) writeTextFile(cwd, file, fixed.text);
    return { problems: listed(file, fixed.problems), mended: fixed.mended.length };
  } catch (error) {
    const { code, message, hint } = toErrorData(error);
    return { problems: [{ file, line: 1, column: 1, severity: 'error', code, message, hint }], mended: 0 };
  }
}

function listed(file: string, problems: readonly Problem[]): FileProblem[] {
  return problems
    .toSorted((a, b) => a.place.offset - b.place.offset)
    .map(({ code, severity, message, hint, node, place }) => {
      const { line, column } = place;
      return { file, line, column, severity, code, message, hint, ...(node === undefined ? {} : { node }) };
    });
}

function describe({ file, line, column, severity, code, message, hint }: FileProblem): string {
  return oneLine(`${file}:${line}:${column} ${severity} ${code} ${message} — ${hint}`);
}

function summary(files: number, problems: readonly FileProblem[], mended: number): string {
  const checked = `${files === 1 ? '1 flow' : `${files} flows`}${mended > 0 ? `, ${mended} mended` : ''}`;
  if (problems.length === 0) return `${checked}, no problems.`;
  const count = (severity: Problem['severity']): number => problems.filter((problem) => problem.severity === severity).length;
  return `${checked}: ${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes.`;
}
