/** What the editor's lint says of a flow file, for the commands that check files. */
import { basename, dirname, resolve } from 'node:path';
import { agentFaults } from '../engine/agents/check.ts';
import { toErrorData } from '../engine/errors.ts';
import { fixAll } from '../engine/format/fix.ts';
import { lintFlow } from '../engine/format/lint.ts';
import { parseFlow } from '../engine/format/parse.ts';
import type { Place, Problem } from '../engine/format/problem.ts';
import { scanReferences } from '../engine/format/references.ts';
import { catalog } from '../engine/nodes/catalog.ts';
import { readBeside } from '../providers/files/beside.ts';
import { readTextFile, writeTextFile } from './flow-file.ts';
import { chooseRoot } from './root.ts';

/** What is wrong at a place in a file; what is wrong with the file itself has no node and stands at 1:1. */
export type FileProblem = Pick<Problem, 'code' | 'severity' | 'message' | 'hint' | 'node'> &
  Pick<Place, 'line' | 'column' | 'endLine' | 'endColumn'> & { file: string; fixable: boolean };

/** Never throws: a file that cannot be read is a problem of its own. `mended`: how many problems were. */
export function checkFlowFile(cwd: string, file: string, fix: boolean): { problems: FileProblem[]; mended: number } {
  try {
    const folder = dirname(resolve(cwd, file));
    const root = chooseRoot(undefined, cwd, folder);
    const files = {
      readPrompt: (path: string) => readBeside(root, folder, path),
      agent: (name: string) => agentFaults(name, { read: (path) => readBeside(root, root, path) }),
      self: basename(file),
    };
    const check = (text: string): Problem[] => {
      const parsed = parseFlow(text, catalog);
      return [...parsed.problems, ...lintFlow(parsed, catalog, files)];
    };
    const text = readTextFile(cwd, file);
    if (!fix) return { problems: listed(file, check(text)), mended: 0 };
    const fixed = fixAll(text, check, { catalog, scan: scanReferences });
    if (fixed.text !== text) writeTextFile(cwd, file, fixed.text);
    return { problems: listed(file, fixed.problems), mended: fixed.mended.length };
  } catch (error) {
    const { code, message, hint } = toErrorData(error);
    const nowhere = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    return { problems: [{ file, ...nowhere, severity: 'error', code, message, hint, fixable: false }], mended: 0 };
  }
}

function listed(file: string, problems: readonly Problem[]): FileProblem[] {
  return problems
    .toSorted((a, b) => a.place.offset - b.place.offset)
    .map(({ code, severity, message, hint, node, place, fix }) => {
      const { line, column, endLine, endColumn } = place;
      return {
        file,
        line,
        column,
        endLine,
        endColumn,
        severity,
        code,
        message,
        hint,
        fixable: fix !== undefined,
        ...(node === undefined ? {} : { node }),
      };
    });
}

/** `2 flows: 1 error, 0 warnings, 3 notes.` */
export function summaryOf(files: number, problems: readonly FileProblem[], mended: number): string {
  const checked = `${counted(files, 'flow')}${mended > 0 ? `, ${mended} mended` : ''}`;
  if (problems.length === 0) return `${checked}, no problems.`;
  const count = (severity: Problem['severity'], word: string): string =>
    counted(problems.filter((problem) => problem.severity === severity).length, word);
  return `${checked}: ${count('error', 'error')}, ${count('warning', 'warning')}, ${count('info', 'note')}.`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
