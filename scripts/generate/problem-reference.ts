import { EDIT_CODES } from '../../src/engine/format/edits-plan.ts';
import { LINT_CODES } from '../../src/engine/format/lint-codes.ts';
import type { CodeInfo } from '../../src/engine/format/problem-codes.ts';
import { PROBLEM_CODES } from '../../src/engine/format/problem-codes.ts';
import { code, GENERATED, table } from './markdown.ts';

/** Every code a document can be given, with its cure. */
export function problemReference(): string {
  return [
    GENERATED,
    '# Problems',
    'What the editor, the Problems panel and `belay validate` say about a flow. A flow with an error can be looked at and edited, not run. Codes are stable.',
    '## The document',
    codes(PROBLEM_CODES),
    '## Expressions, references and effects',
    codes(LINT_CODES),
    '## Refused edits',
    'Why a change in the graph editor was not made. The document stays as it is.',
    table(
      ['Code', 'Reason'],
      Object.entries(EDIT_CODES).map(([name, reason]) => [code(name), reason]),
    ),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function codes(infos: Readonly<Record<string, CodeInfo>>): string {
  return table(
    ['Code', 'Severity', 'What it means', 'What to do'],
    Object.entries(infos).map(([name, info]) => [code(name), info.severity, info.explanation, info.fix]),
  );
}
