/**
 * Every code that parsing a flow can report, as data: the parser takes the severity from here, the reference its explanations.
 * Codes are stable: scripts, suppressions and documentation refer to them. What the linter adds stands in `lint-codes.ts`.
 */
import type { Severity } from './problem.ts';

export interface CodeInfo {
  severity: Severity;
  /** What it means, in a sentence. */
  explanation: string;
  /** What to do about it. */
  fix: string;
}

export const PROBLEM_CODES = {
  FLOW_TOO_LARGE: {
    severity: 'error',
    explanation: 'The file is larger than 5 MB; it is not read.',
    fix: 'Move long prompts and data into files of their own, or split the flow.',
  },
  FLOW_TOO_DEEP: {
    severity: 'error',
    explanation: 'Objects and lists are nested more than 100 deep; the file is not read.',
    fix: 'Move the nested data into a file of its own.',
  },
  DOC_EMPTY: { severity: 'error', explanation: 'The file is empty.', fix: 'Start with the snippet "belay flow".' },
  DOC_CONFLICT: {
    severity: 'error',
    explanation: 'The file contains the markers of an unfinished merge.',
    fix: 'Resolve the conflict, keeping one of the two sides or both nodes, and remove the marker lines.',
  },
  JSON_BOM: {
    severity: 'warning',
    explanation: 'The file starts with a byte order mark.',
    fix: 'Save it as UTF-8 without a byte order mark.',
  },
  JSON_SYNTAX: { severity: 'error', explanation: 'The text is not JSON.', fix: 'Correct it at the place that is shown.' },
  JSON_COMMENT: { severity: 'error', explanation: 'JSON has no comments.', fix: 'Remove the comment, or make it a "description".' },
  JSON_TRAILING_COMMA: {
    severity: 'error',
    explanation: 'A comma stands before a closing bracket.',
    fix: 'Remove the comma.',
  },
  JSON_DUPLICATE_KEY: {
    severity: 'error',
    explanation: 'An object has the same key twice; readers of JSON differ in which one they take.',
    fix: 'Rename or remove one of the two.',
  },
  JSON_PROTO_KEY: {
    severity: 'error',
    explanation: 'The key "__proto__" would change the nature of an object instead of adding to it.',
    fix: 'Use another key.',
  },
  JSON_SURROGATE: {
    severity: 'error',
    explanation: 'A text contains half of a character pair (a lone surrogate), which cannot be written as UTF-8.',
    fix: 'Remove the escape, or write both halves.',
  },
  JSON_NUMBER: { severity: 'error', explanation: 'A number is too large for a JSON reader.', fix: 'Use a smaller number, or a text.' },
  FLOW_SHAPE: {
    severity: 'error',
    explanation: 'The document, its "nodes" or a node is not an object.',
    fix: 'Follow the format reference, or start from a snippet.',
  },
  FLOW_VERSION_MISSING: { severity: 'error', explanation: 'The flow does not say its format version.', fix: 'Add "version": 1.' },
  FLOW_VERSION_INVALID: { severity: 'error', explanation: 'The format version is not one that exists.', fix: 'Write "version": 1.' },
  FLOW_VERSION_NEWER: {
    severity: 'error',
    explanation: 'The flow was written for a newer format; it opens read-only and cannot be run.',
    fix: 'Update Belay.',
  },
  KEY_UNKNOWN: {
    severity: 'warning',
    explanation: 'A key is not part of the format. It is kept and has no effect.',
    fix: 'Correct its spelling, or remove it.',
  },
  KEY_MISSING: { severity: 'error', explanation: 'A required key is missing.', fix: 'Add it.' },
  KEY_INVALID: { severity: 'error', explanation: 'A name cannot be used as a key here.', fix: 'Use letters, digits and "_".' },
  KEY_NOT_BUILT: {
    severity: 'error',
    explanation: 'A key of the format that this version of Belay does not act on yet.',
    fix: 'Remove it, or use a newer version once there is one.',
  },
  BUDGET_COST_ALONE: {
    severity: 'warning',
    explanation:
      'The budget of a run limits its cost but not its tokens. What a model call costs is known only where its service reports it.',
    fix: 'Limit `tokens` as well.',
  },
  VALUE_INVALID: { severity: 'error', explanation: 'A value has the wrong form.', fix: 'Write it as the message says.' },
  NODE_ID_INVALID: {
    severity: 'error',
    explanation: 'The id of a node has to start with a small letter, followed by letters, digits and "_".',
    fix: 'Rename the node; what people read belongs in "title".',
  },
  NODE_ID_RESERVED: {
    severity: 'error',
    explanation: 'The id of a node means something else in templates, conditions or JavaScript.',
    fix: 'Rename the node.',
  },
  NODE_ID_TAKEN: {
    severity: 'error',
    explanation: 'Two nodes of the file have the same id. Ids are unique in the whole file, bodies included.',
    fix: 'Rename one of them.',
  },
  NODE_TYPE_UNKNOWN: { severity: 'error', explanation: 'There is no such type of node.', fix: 'Correct the spelling.' },
  NODE_NOT_BUILT: {
    severity: 'error',
    explanation: 'A type of the format that this version of Belay cannot run yet.',
    fix: 'Use other types, or a newer version once there is one.',
  },
  EDGE_SOURCE_UNKNOWN: {
    severity: 'error',
    explanation: 'An edge comes from a node that does not exist.',
    fix: 'Correct the id in "after", or remove the edge.',
  },
  EDGE_OUTLET_UNKNOWN: {
    severity: 'error',
    explanation: 'An edge leaves by an outlet that its source does not have.',
    fix: 'Use one of the outlets that the message lists.',
  },
  EDGE_SELF: { severity: 'error', explanation: 'A node stands in its own "after".', fix: 'Remove the edge; to repeat steps, use a loop.' },
  EDGE_BORDER: {
    severity: 'error',
    explanation: 'An edge crosses the border of a body.',
    fix: 'Connect the node that owns the body instead; inside, steps from outside can be referred to without an edge.',
  },
  EDGE_DUPLICATE: { severity: 'warning', explanation: 'The same edge is declared twice.', fix: 'Remove one of the two.' },
  GRAPH_CYCLE: {
    severity: 'error',
    explanation: 'Edges go in a circle, so that none of its nodes could ever start.',
    fix: 'Remove one of the edges; to repeat steps, use a loop.',
  },
  JOIN_IMPOSSIBLE: {
    severity: 'error',
    explanation: 'A node waits for more edges than lead to it.',
    fix: 'Connect more nodes, or lower "atLeast".',
  },
  LOOP_UNBOUNDED: {
    severity: 'error',
    explanation: 'A loop does not say after how many passes it gives up.',
    fix: 'Add "maxIterations"; when it is reached, the flow goes on by "exhausted".',
  },
  LAYOUT_NODE_UNKNOWN: {
    severity: 'warning',
    explanation: 'The layout has a place for a node that does not exist.',
    fix: 'Remove the line.',
  },
  PROBLEMS_MANY: {
    severity: 'info',
    explanation: 'The document has more problems than are worth listing.',
    fix: 'Correct the first ones.',
  },
} as const satisfies Record<string, CodeInfo>;

export type ProblemCode = keyof typeof PROBLEM_CODES;
