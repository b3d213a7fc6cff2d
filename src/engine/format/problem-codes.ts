/**
 * Every code that parsing a flow can report, as data. Codes are stable: scripts, suppressions and documentation refer to them. What
 * the linter adds stands in `lint-codes.ts`; what they mean in `problem-meanings.ts`, which the graph editor does not need.
 */
import type { Severity } from './problem.ts';

export interface CodeInfo {
  severity: Severity;
  /** What to do about it. */
  fix: string;
}

export interface ExplainedCode extends CodeInfo {
  /** What it means, in a sentence. */
  explanation: string;
}

export const PROBLEM_CODES = {
  FLOW_TOO_LARGE: {
    severity: 'error',
    fix: 'Move long prompts and data into files of their own, or split the flow.',
  },
  JSON_TOO_DEEP: {
    severity: 'error',
    fix: 'Move the nested data into a file of its own.',
  },
  DOC_EMPTY: { severity: 'error', fix: 'Start with the snippet "belay flow".' },
  DOC_CONFLICT: {
    severity: 'error',
    fix: 'Resolve the conflict, keeping one of the two sides or both nodes, and remove the marker lines.',
  },
  JSON_BOM: {
    severity: 'warning',
    fix: 'Save it as UTF-8 without a byte order mark.',
  },
  JSON_SYNTAX: { severity: 'error', fix: 'Correct it at the place that is shown.' },
  JSON_COMMENT: { severity: 'error', fix: 'Remove the comment, or make it a "description".' },
  JSON_TRAILING_COMMA: {
    severity: 'error',
    fix: 'Remove the comma.',
  },
  JSON_DUPLICATE_KEY: {
    severity: 'error',
    fix: 'Rename or remove one of the two.',
  },
  JSON_PROTO_KEY: {
    severity: 'error',
    fix: 'Use another key.',
  },
  JSON_SURROGATE: {
    severity: 'error',
    fix: 'Remove the escape, or write both halves.',
  },
  JSON_NUMBER: { severity: 'error', fix: 'Use a smaller number, or a text.' },
  FLOW_SHAPE: {
    severity: 'error',
    fix: 'Follow the format reference, or start from a snippet.',
  },
  FLOW_VERSION_MISSING: { severity: 'error', fix: 'Add "version": 1.' },
  FLOW_VERSION_INVALID: { severity: 'error', fix: 'Write "version": 1.' },
  FLOW_VERSION_NEWER: {
    severity: 'error',
    fix: 'Update Belay.',
  },
  KEY_UNKNOWN: {
    severity: 'warning',
    fix: 'Correct its spelling, or remove it.',
  },
  KEY_MISSING: { severity: 'error', fix: 'Add it.' },
  KEY_INVALID: { severity: 'error', fix: 'Use letters, digits and "_".' },
  KEY_NOT_BUILT: {
    severity: 'error',
    fix: 'Remove it, or use a newer version once there is one.',
  },
  BUDGET_COST_ALONE: {
    severity: 'warning',
    fix: 'Limit `tokens` as well.',
  },
  VALUE_INVALID: { severity: 'error', fix: 'Write it as the message says.' },
  NODE_ID_INVALID: {
    severity: 'error',
    fix: 'Rename the node; what people read belongs in "title".',
  },
  NODE_ID_RESERVED: {
    severity: 'error',
    fix: 'Rename the node.',
  },
  NODE_ID_TAKEN: {
    severity: 'error',
    fix: 'Rename one of them.',
  },
  NODE_TYPE_UNKNOWN: { severity: 'error', fix: 'Correct the spelling.' },
  NODE_NOT_BUILT: {
    severity: 'error',
    fix: 'Use other types, or a newer version once there is one.',
  },
  EDGE_SOURCE_UNKNOWN: {
    severity: 'error',
    fix: 'Correct the id in "after", or remove the edge.',
  },
  EDGE_OUTLET_UNKNOWN: {
    severity: 'error',
    fix: 'Use one of the outlets that the message lists.',
  },
  EDGE_SELF: { severity: 'error', fix: 'Remove the edge; to repeat steps, use a loop.' },
  EDGE_BORDER: {
    severity: 'error',
    fix: 'Connect the node that owns the body instead; inside, steps from outside can be referred to without an edge.',
  },
  EDGE_DUPLICATE: { severity: 'warning', fix: 'Remove one of the two.' },
  GRAPH_CYCLE: {
    severity: 'error',
    fix: 'Remove one of the edges; to repeat steps, use a loop.',
  },
  JOIN_IMPOSSIBLE: {
    severity: 'error',
    fix: 'Connect more nodes, or lower "atLeast".',
  },
  LOOP_UNBOUNDED: {
    severity: 'error',
    fix: 'Add "maxIterations"; when it is reached, the flow goes on by "exhausted".',
  },
  LAYOUT_NODE_UNKNOWN: {
    severity: 'warning',
    fix: 'Remove the line.',
  },
  PROBLEMS_MANY: {
    severity: 'info',
    fix: 'Correct the first ones.',
  },
} as const satisfies Record<string, CodeInfo>;

export type ProblemCode = keyof typeof PROBLEM_CODES;
