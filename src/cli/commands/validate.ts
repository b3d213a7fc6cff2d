import { dirname, resolve } from 'node:path';
import { toErrorData } from '../../engine/errors.ts';
import { lintFlow } from '../../engine/format/lint.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { readBeside } from '../../providers/files/beside.ts';
import type { CliContext } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { readTextFile } from '../flow-file.ts';
import { chooseRoot } from '../root.ts';
import { oneLine } from '../text.ts';

export interface ValidateOptions {
  json?: boolean;
  /** Warnings fail too. */
  strict?: boolean;
}

/** What the command line says of a place in a file; what is wrong with the file itself has no node and stands at 1:1. */
type FileProblem = Pick<Problem, 'code' | 'severity' | 'message' | 'hint' | 'node'> & { file: string; line: number; column: number };

export function validate(files: readonly string[], options: ValidateOptions, { terminal, cwd }: CliContext): Exit {
  const problems = files.flatMap((file) => problemsOf(cwd, file));
  for (const problem of problems) terminal.print(options.json ? JSON.stringify(problem) : describe(problem));
  if (!options.json) terminal.complain(summary(files.length, problems));
  return problems.some(({ severity }) => severity === 'error' || (options.strict && severity === 'warning')) ? 'failed' : 'ok';
}

function problemsOf(cwd: string, file: string): FileProblem[] {
  try {
    const parsed = parseFlow(readTextFile(cwd, file), catalog);
    const folder = dirname(resolve(cwd, file));
    const root = chooseRoot(undefined, cwd, folder);
    const linted = lintFlow(parsed, catalog, { readPrompt: (path) => readBeside(root, folder, path) });
    return [...parsed.problems, ...linted]
      .sort((a, b) => a.place.offset - b.place.offset)
      .map(({ code, severity, message, hint, node, place }) => {
        const { line, column } = place;
        return { file, line, column, severity, code, message, hint, ...(node === undefined ? {} : { node }) };
      });
  } catch (error) {
    const { code, message, hint } = toErrorData(error);
    return [{ file, line: 1, column: 1, severity: 'error', code, message, hint }];
  }
}

function describe({ file, line, column, severity, code, message, hint }: FileProblem): string {
  return oneLine(`${file}:${line}:${column} ${severity} ${code} ${message} — ${hint}`);
}

function summary(files: number, problems: readonly FileProblem[]): string {
  const checked = files === 1 ? '1 flow' : `${files} flows`;
  if (problems.length === 0) return `${checked}, no problems.`;
  const count = (severity: Problem['severity']): number => problems.filter((problem) => problem.severity === severity).length;
  return `${checked}: ${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes.`;
}
