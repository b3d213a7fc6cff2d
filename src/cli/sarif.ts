/** Problems as SARIF 2.1.0 (OASIS), which code scanning services read. */
import { LINT_CODES } from '../engine/format/lint-codes.ts';
import type { Severity } from '../engine/format/problem.ts';
import type { ExplainedCode } from '../engine/format/problem-codes.ts';
import { EXPLAINED_PROBLEM_CODES } from '../engine/format/problem-meanings.ts';
import type { FileProblem } from './check-flow.ts';

const LEVELS: { readonly [S in Severity]: 'error' | 'warning' | 'note' } = { error: 'error', warning: 'warning', info: 'note' };

interface Options {
  version: string;
  uriOf(file: string): { uri: string; uriBaseId?: string };
}

/** Only the rules that are broken are described; all of them are in docs/problems.md. */
export function sarifLog(problems: readonly FileProblem[], { version, uriOf }: Options): object {
  const ids = [...new Set(problems.map(({ code }) => code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Belay', semanticVersion: version, rules: ids.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => ({
          ruleId: problem.code,
          ruleIndex: ids.indexOf(problem.code),
          level: LEVELS[problem.severity],
          message: { text: `${problem.message} ${problem.hint}`.trim() },
          locations: [locationOf(problem, uriOf)],
          partialFingerprints: { 'belay/v1': fingerprint(problem, uriOf) },
        })),
      },
    ],
  };
}

const CODES: Readonly<Record<string, ExplainedCode>> = { ...EXPLAINED_PROBLEM_CODES, ...LINT_CODES };

function ruleOf(id: string): object {
  const info = CODES[id];
  if (!info) return { id };
  return {
    id,
    name: pascal(id),
    shortDescription: { text: info.explanation },
    fullDescription: { text: info.explanation },
    help: { text: info.fix, markdown: `**What it means.** ${info.explanation}\n\n**What to do.** ${info.fix}` },
    defaultConfiguration: { level: LEVELS[info.severity] },
  };
}

function pascal(code: string): string {
  return code
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}

function locationOf({ file, line, column, endLine, endColumn, node }: FileProblem, uriOf: Options['uriOf']): object {
  return {
    physicalLocation: {
      artifactLocation: uriOf(file),
      region: { startLine: line, startColumn: column, endLine, endColumn },
    },
    ...(node === undefined ? {} : { logicalLocations: [{ name: node, kind: 'object' }] }),
  };
}

/** Stays the same while lines above come and go. */
function fingerprint({ file, code, node, message }: FileProblem, uriOf: Options['uriOf']): string {
  return [uriOf(file).uri, code, node ?? '', message].join('|').slice(0, 500);
}
