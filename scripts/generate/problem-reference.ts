import { EDIT_CODES } from '../../src/engine/format/edits-plan.ts';
import { LINT_CODES } from '../../src/engine/format/lint-codes.ts';
import type { ExplainedCode } from '../../src/engine/format/problem-codes.ts';
import { EXPLAINED_PROBLEM_CODES } from '../../src/engine/format/problem-meanings.ts';
import { FAULT_GROUPS } from './fault-codes.ts';
import { code, GENERATED, table } from './markdown.ts';

/** Every code a document or a run can be given, with its cure. */
export function problemReference(): string {
  return [
    GENERATED,
    '# Problems and errors',
    'Every problem has a code, a place and a way out. Codes are stable: scripts may rely on them.',
    '[Flows](#problems-of-flows): what the editor, the Problems panel and `belay validate` say. A flow with an error can be looked at and edited, not run. [Edits](#refused-edits): why a change in the graph editor was not made. [Runs](#errors-of-runs-and-commands): why a step, a run or a command failed.',
    '## Problems of flows',
    '### The document',
    codes(EXPLAINED_PROBLEM_CODES),
    '### Expressions, references and effects',
    codes(LINT_CODES),
    '## Refused edits',
    'Why a change in the graph editor was not made. The document stays as it is.',
    table(
      ['Code', 'Reason'],
      Object.entries(EDIT_CODES).map(([name, reason]) => [code(name), reason]),
    ),
    '## Errors of runs and commands',
    'A step that fails hands its error to the `failure` path as `steps.ID.error`, with `code`, `kind`, `message` and `hint`. `kind` is what `retry` chooses by: the same code always has the same cause, several codes may have the same kind.',
    ...FAULT_GROUPS.flatMap(({ title, codes }) => [
      `### ${title}`,
      table(
        ['Code', 'What it means', 'What to do'],
        Object.entries(codes).map(([name, { meaning, fix }]) => [code(name), meaning, fix]),
      ),
    ]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function codes(infos: Readonly<Record<string, ExplainedCode>>): string {
  return table(
    ['Code', 'Severity', 'What it means', 'What to do'],
    Object.entries(infos).map(([name, info]) => [code(name), info.severity, info.explanation, info.fix]),
  );
}
