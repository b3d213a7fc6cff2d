/** What the codes of `problem-codes.ts` mean, for the reference and for reports. */
import { type ExplainedCode, PROBLEM_CODES, type ProblemCode } from './problem-codes.ts';

const MEANINGS: Readonly<Record<ProblemCode, string>> = {
  FLOW_TOO_LARGE: 'The file is larger than 5 MB; it is not read.',
  JSON_TOO_DEEP: 'Objects and lists are nested more than 100 deep; the file is not read.',
  DOC_EMPTY: 'The file is empty.',
  DOC_CONFLICT: 'The file contains the markers of an unfinished merge.',
  JSON_BOM: 'The file starts with a byte order mark.',
  JSON_SYNTAX: 'The text is not JSON.',
  JSON_COMMENT: 'JSON has no comments.',
  JSON_TRAILING_COMMA: 'A comma stands before a closing bracket.',
  JSON_DUPLICATE_KEY: 'An object has the same key twice; readers of JSON differ in which one they take.',
  JSON_PROTO_KEY: 'The key "__proto__" would change the nature of an object instead of adding to it.',
  JSON_SURROGATE: 'A text contains half of a character pair (a lone surrogate), which cannot be written as UTF-8.',
  JSON_NUMBER: 'A number is too large for a JSON reader.',
  FLOW_SHAPE: 'The document, its "nodes" or a node is not an object.',
  FLOW_VERSION_MISSING: 'The flow does not say its format version.',
  FLOW_VERSION_INVALID: 'The format version is not one that exists.',
  FLOW_VERSION_NEWER: 'The flow was written for a newer format; it opens read-only and cannot be run.',
  KEY_UNKNOWN: 'A key is not part of the format. It is kept and has no effect.',
  KEY_MISSING: 'A required key is missing.',
  KEY_INVALID: 'A name cannot be used as a key here.',
  KEY_NOT_BUILT: 'A key of the format that this version of Belay does not act on yet.',
  BUDGET_COST_ALONE:
    'The budget of a run limits its cost but not its tokens. What a model call costs is known only where its service reports it.',
  VALUE_INVALID: 'A value has the wrong form.',
  NODE_ID_INVALID: 'The id of a node has to start with a small letter, followed by letters, digits and "_".',
  NODE_ID_RESERVED: 'The id of a node means something else in templates, conditions or JavaScript.',
  NODE_ID_TAKEN: 'Two nodes of the file have the same id. Ids are unique in the whole file, bodies included.',
  NODE_TYPE_UNKNOWN: 'There is no such type of node.',
  NODE_NOT_BUILT: 'A type of the format that this version of Belay cannot run yet.',
  EDGE_SOURCE_UNKNOWN: 'An edge comes from a node that does not exist.',
  EDGE_OUTLET_UNKNOWN: 'An edge leaves by an outlet that its source does not have.',
  EDGE_SELF: 'A node stands in its own "after".',
  EDGE_BORDER: 'An edge crosses the border of a body.',
  EDGE_DUPLICATE: 'The same edge is declared twice.',
  GRAPH_CYCLE: 'Edges go in a circle, so that none of its nodes could ever start.',
  JOIN_IMPOSSIBLE: 'A node waits for more edges than lead to it.',
  LOOP_UNBOUNDED: 'A loop does not say after how many passes it gives up.',
  LAYOUT_NODE_UNKNOWN: 'The layout has a place for a node that does not exist.',
  PROBLEMS_MANY: 'The document has more problems than are worth listing.',
};

export const EXPLAINED_PROBLEM_CODES = Object.fromEntries(
  Object.entries(PROBLEM_CODES).map(([code, info]) => [code, { ...info, explanation: MEANINGS[code as ProblemCode] }]),
) as Readonly<Record<ProblemCode, ExplainedCode>>;
