import { checkFlowFile, type FileProblem, summaryOf } from '../check-flow.ts';
import type { CliContext } from '../context.ts';
import type { Exit } from '../exit-codes.ts';
import { oneLine } from '../text.ts';

export interface ValidateOptions {
  json?: boolean;
  /** Warnings fail too. */
  strict?: boolean;
  /** Mends what can be mended without thinking, and says what is left. */
  fix?: boolean;
}

export function validate(files: readonly string[], options: ValidateOptions, { terminal, cwd }: CliContext): Exit {
  const checked = files.map((file) => checkFlowFile(cwd, file, options.fix === true));
  const problems = checked.flatMap((it) => it.problems);
  const mended = checked.reduce((sum, it) => sum + it.mended, 0);
  for (const problem of problems) terminal.print(options.json ? JSON.stringify(shortOf(problem)) : describeProblem(problem));
  if (!options.json) terminal.complain(summaryOf(files.length, problems, mended));
  return exitOfProblems(problems, options.strict === true);
}

function shortOf({ endLine: _line, endColumn: _column, fixable: _fixable, ...problem }: FileProblem) {
  return problem;
}

export function describeProblem({ file, line, column, severity, code, message, hint }: FileProblem): string {
  return oneLine(`${file}:${line}:${column} ${severity} ${code} ${message} — ${hint}`);
}

export function exitOfProblems(problems: readonly FileProblem[], strict: boolean): Exit {
  return problems.some(({ severity }) => severity === 'error' || (strict && severity === 'warning')) ? 'failed' : 'ok';
}
