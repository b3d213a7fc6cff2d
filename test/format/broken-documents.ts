/** Documents with exactly one thing wrong, and what has to be said about it. Most are files in test/fixtures/broken. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const BROKEN_FOLDER = join(import.meta.dirname, '..', 'fixtures', 'broken');

export interface BrokenDocument {
  /** Of the fixture without `.flow.json`, or a name for a document that is made rather than kept. */
  name: string;
  text: string;
  /** `line:column CODE` of each problem, in the order of the text. */
  problems: string[];
  /** Words of the first message. */
  says: RegExp;
}

/** Name, problems, words of the first message. */
const kept: readonly [string, string[], RegExp][] = [
  ['empty', ['1:1 DOC_EMPTY'], /empty/],
  ['only-white-space', ['1:1 DOC_EMPTY'], /empty/],
  ['not-an-object', ['1:1 FLOW_SHAPE'], /not a list/],
  ['byte-order-mark', ['1:2 JSON_BOM'], /byte order mark/],
  ['conflict', ['4:1 DOC_CONFLICT'], /merge conflict/],
  ['missing-comma', ['3:3 JSON_SYNTAX'], /comma is missing/],
  ['trailing-comma', ['4:66 JSON_TRAILING_COMMA'], /comma stands before/],
  ['comment', ['2:3 JSON_COMMENT'], /no comments/],
  ['single-quotes', ['2:3 JSON_SYNTAX'], /double quotes/],
  ['cut-off', ['4:24 JSON_SYNTAX'], /not closed/],
  ['text-behind-the-end', ['2:1 JSON_SYNTAX'], /Nothing may follow/],
  ['control-character', ['1:26 JSON_SYNTAX'], /control character/],
  ['duplicate-id', ['5:5 JSON_DUPLICATE_KEY'], /"greet" stands here a second time/],
  ['id-taken-in-body', ['11:11 NODE_ID_TAKEN'], /another node/],
  ['proto-key', ['4:5 JSON_PROTO_KEY'], /"__proto__" is not allowed/],
  ['proto-key-deep', ['4:60 JSON_PROTO_KEY'], /"__proto__" is not allowed/],
  ['constructor-id', ['4:5 NODE_ID_RESERVED'], /every JavaScript object has/],
  ['constructor-source', ['4:43 EDGE_SOURCE_UNKNOWN'], /"constructor", which does not exist/],
  ['reserved-id', ['4:5 NODE_ID_RESERVED'], /a word of templates/],
  ['bad-id', ['4:5 NODE_ID_INVALID'], /"Greet them" cannot be the id/],
  ['lone-surrogate', ['4:54 JSON_SURROGATE'], /half of a character pair/],
  ['endless-number', ['4:71 JSON_NUMBER', '4:71 VALUE_INVALID'], /too large/],
  ['version-missing', ['2:1 FLOW_VERSION_MISSING'], /does not say its format version/],
  ['version-newer', ['2:14 FLOW_VERSION_NEWER'], /format version 7; this Belay knows version 1/],
  ['version-text', ['2:14 FLOW_VERSION_INVALID'], /has to be 1, not "1"/],
  ['nodes-missing', ['1:1 KEY_MISSING'], /lacks "nodes"/],
  ['nodes-list', ['3:3 FLOW_SHAPE'], /an object with the nodes by id, not a list/],
  ['node-text', ['4:10 FLOW_SHAPE'], /A node is an object, not "prompt"/],
  ['type-missing', ['4:5 KEY_MISSING'], /Node "a" lacks "type"/],
  ['type-unknown', ['4:20 NODE_TYPE_UNKNOWN'], /no type of node called "promt"/],
  ['type-not-built', ['4:20 NODE_NOT_BUILT'], /"notify" are part of the format/],
  ['budget-wrong', ['3:36 VALUE_INVALID'], /budget\.steps/],
  ['key-unknown', ['4:32 KEY_UNKNOWN'], /Unknown key "disable" in node "a"/],
  ['parameter-missing', ['4:34 KEY_MISSING'], /"with" lacks "message"/],
  ['parameter-wrong', ['4:71 VALUE_INVALID'], /a number from 0 to 2, not "hot"/],
  ['timeout-wrong', ['4:43 VALUE_INVALID'], /a duration such as "30s", "5m" or "2h"/],
  ['edge-dangling', ['5:43 EDGE_SOURCE_UNKNOWN'], /"gret", which does not exist/],
  ['edge-outlet', ['7:39 EDGE_OUTLET_UNKNOWN'], /"greet" \(template\) has no outlet "sucess"/],
  ['edge-self', ['4:43 EDGE_SELF'], /its own "after"/],
  ['edge-border', ['11:54 EDGE_BORDER'], /crosses the border/],
  ['cycle', ['4:43 GRAPH_CYCLE'], /a → b → c → a/],
  ['join-impossible', ['8:28 JOIN_IMPOSSIBLE'], /waits for 2 edges, but only 1 edge leads/],
  ['layout-of-nobody', ['7:5 LAYOUT_NODE_UNKNOWN'], /"greeet", which does not exist/],
  ['carriage-returns', ['4:20 NODE_TYPE_UNKNOWN'], /promt/],
];

/** Too large, or too dull, to be kept as files. */
const made: readonly BrokenDocument[] = [
  {
    name: '10 MB',
    text: JSON.stringify({ version: 1, nodes: {}, description: 'x'.repeat(10 * 1024 * 1024) }),
    problems: ['1:1 FLOW_TOO_LARGE'],
    says: /10\.0 million characters/,
  },
  {
    name: '10,000 nested lists',
    text: `{ "version": 1, "nodes": {}, "x": ${'['.repeat(10_000)}${']'.repeat(10_000)} }`,
    problems: ['1:134 JSON_TOO_DEEP'],
    says: /more than 100 deep/,
  },
  {
    name: '100,000 open brackets',
    text: '[{"a":'.repeat(100_000),
    problems: ['1:301 JSON_TOO_DEEP'],
    says: /more than 100 deep/,
  },
];

export const brokenDocuments: readonly BrokenDocument[] = [
  ...kept.map(([name, problems, says]) => ({ name, text: readFileSync(join(BROKEN_FOLDER, `${name}.flow.json`), 'utf8'), problems, says })),
  ...made,
];
