/** Every code that linting a flow can report, as data; the codes of parsing stand in `problem-codes.ts`. Codes are stable. */
import type { ExplainedCode } from './problem-codes.ts';

export const LINT_CODES = {
  TEMPLATE_SYNTAX: {
    severity: 'error',
    explanation: 'A template (Liquid) cannot be read.',
    fix: 'Values stand in {{ … }}, logic in {% … %}.',
  },
  CONDITION_SYNTAX: {
    severity: 'error',
    explanation: 'A condition or computed value (CEL) cannot be read, or its types do not fit.',
    fix: 'Names stand as they are, without {{ }}; texts in quotes.',
  },
  CONDITION_NOT_BOOLEAN: {
    severity: 'error',
    explanation: 'The result of a condition is never true or false.',
    fix: 'Compare it with something: size(x) > 0, x == "yes".',
  },
  EXPRESSION_SHAPE: {
    severity: 'error',
    explanation: 'An object with the key "$expr" is no computed value: that has a text in "$expr" and no other key.',
    fix: 'Write { "$expr": "…" } with nothing beside it.',
  },
  LITERAL_TEMPLATE: {
    severity: 'warning',
    explanation: 'A field that is taken as it stands contains {{ … }}, which nobody will render.',
    fix: 'Use a field for templates; a shell line gets values through "env".',
  },
  REFERENCE_ROOT_UNKNOWN: {
    severity: 'error',
    explanation: 'An expression starts with a name that does not exist.',
    fix: 'Start with inputs, steps, trigger or run; inside a body also item, index or previous. Texts stand in quotes.',
  },
  REFERENCE_ROOT_UNAVAILABLE: {
    severity: 'error',
    explanation: 'A name is used where it has no value: item, index and previous outside a body, trigger in a flow without triggers.',
    fix: 'Move the step into a body, or use an input.',
  },
  REFERENCE_COMPUTED: {
    severity: 'error',
    explanation: 'Which step or secret is meant is only known when the flow runs, so that nobody can check or rename it.',
    fix: 'Write the id out: steps.ID.output.',
  },
  INPUT_UNKNOWN: {
    severity: 'error',
    explanation: 'An expression reads an input that the flow does not declare.',
    fix: 'Declare it under "inputs", or correct the name.',
  },
  STEP_UNKNOWN: { severity: 'error', explanation: 'An expression reads a step that does not exist.', fix: 'Correct the id.' },
  STEP_NOT_BEFORE: {
    severity: 'error',
    explanation: 'An expression reads a step that is not certain to come before this one. References create no edges.',
    fix: 'Add an edge, directly or by other steps, from the step that is read.',
  },
  STEP_PART_UNKNOWN: {
    severity: 'error',
    explanation: 'A step has three parts: output, error and state.',
    fix: 'Put "output" between the id and the field: steps.ID.output.FIELD.',
  },
  STEP_FIELD_UNKNOWN: {
    severity: 'warning',
    explanation: 'The output of the step has no such field.',
    fix: 'Correct the name, or add the field to the output schema of the step.',
  },
  FIELD_UNKNOWN: {
    severity: 'warning',
    explanation: 'What is read (an input, an item, a value made before) has no such field.',
    fix: 'Correct the name, or add the field to the schema of what is read.',
  },
  TYPE_MISMATCH: {
    severity: 'error',
    explanation: 'A value can never be of the type that is wanted: the step would fail whenever it comes to it.',
    fix: 'Convert it with string(…), int(…) or double(…), read another field, or correct the schema.',
  },
  SCHEMA_INVALID: {
    severity: 'error',
    explanation: 'A JSON Schema cannot be used, so whatever is checked by it would fail.',
    fix: 'Correct it: JSON Schema 2020-12, without references to other files.',
  },
  COMPARISON_CONSTANT: {
    severity: 'warning',
    explanation: 'Two values are compared that are never equal: of different types, or of texts none of which is the other.',
    fix: 'Correct the value that is compared with, or convert one of the two.',
  },
  STEP_MAY_BE_SKIPPED: {
    severity: 'warning',
    explanation: 'The step that is read may have been skipped or have failed; its output is null then.',
    fix: 'Give it a default: {{ steps.ID.output.text | default: "…" }}, in CEL first(steps.ID.output.text, "…").',
  },
  STEP_MAY_SUCCEED: {
    severity: 'warning',
    explanation: 'A field of the error of a step is read that may have succeeded or been skipped; there is no error then.',
    fix: 'Read it behind the outlet "failure" only, or give it a default: {{ steps.ID.error.message | default: "…" }}, in CEL first(steps.ID.error.message, "…").',
  },
  NODE_UNREACHABLE: {
    severity: 'warning',
    explanation: 'No way through the flow ever starts this node.',
    fix: 'Correct its edges or its join.',
  },
  JOIN_NEVER: {
    severity: 'warning',
    explanation: 'A join waits for more edges than can ever be taken in one run: a step leaves by one outlet only.',
    fix: 'Lower "atLeast", or let the edges come from different steps.',
  },
  LOOP_UNTIL_CONSTANT: {
    severity: 'warning',
    explanation: 'The condition of a loop comes out the same after every pass: it ends after the first one, or never before its limit.',
    fix: 'Let "until" read what a step of the body gives, "previous" or "index".',
  },
  TIMEOUT_UNHANDLED: {
    severity: 'warning',
    explanation: 'A step with a time limit has no path for the case that it is reached: the whole flow fails then.',
    fix: 'Connect the outlet that the message names to what is to be done then, or set "continueOnFailure".',
  },
  OUTPUT_UNUSED: {
    severity: 'info',
    explanation: 'A step that only makes a result was done for nothing: no other step and no output of the flow reads it.',
    fix: 'Read steps.ID.output somewhere, or remove the step.',
  },
  EFFECT_TOO_LOW: {
    severity: 'error',
    explanation: 'The node says that it does less to the world than its type may be trusted to.',
    fix: 'Remove "effect", or raise it.',
  },
  IRREVERSIBLE_UNGATED: {
    severity: 'warning',
    explanation: 'An irreversible step uses data that nobody checked (from the web, files, commands or models) and has no gate.',
    fix: 'Add "gate": true, so that the flow says where a person decides. Without it the engine asks before the step runs.',
  },
  RETRY_IRREVERSIBLE: {
    severity: 'warning',
    explanation: 'An irreversible step is tried again when it fails, though nobody knows how far the first attempt came.',
    fix: 'Remove "retry"; or limit it by "on" to errors that come before anything is done, such as "rateLimit"; or hand on the key of the step (in a shell line $BELAY_COMMAND_ID), if the other side knows a repetition by it.',
  },
  SECRET_PLACE: {
    severity: 'error',
    explanation: 'Secrets may stand only where they are put in at the last moment: in the values of "env" of a command.',
    fix: 'Hand the secret to the command through "env".',
  },
  SECRET_NAME: {
    severity: 'error',
    explanation: 'The name of a secret consists of letters, digits and "_".',
    fix: 'Write secrets.NAME.',
  },
  SECRET_IN_TEXT: {
    severity: 'error',
    explanation: 'The flow contains what looks like a secret key. Whoever reads the repository can use it.',
    fix: 'Revoke the key, store the new one with "Belay: Set API Key" or in the environment, and refer to it by secrets.NAME.',
  },
  PROMPT_FILE_MISSING: {
    severity: 'error',
    explanation: 'A file that the node names is not there.',
    fix: 'Correct the path, which is relative to the flow, or create the file.',
  },
  AGENT_FILE_MISSING: {
    severity: 'error',
    explanation: 'An agent is neither in .github/agents nor one that ships with Belay.',
    fix: 'Make it with "Belay: New Agent…", or correct the name.',
  },
  AGENT_FILE_INVALID: {
    severity: 'error',
    explanation: 'The file of an agent cannot be used.',
    fix: 'Correct the file at the line that is shown.',
  },
  TOOL_NAME_UNKNOWN: {
    severity: 'error',
    explanation: 'There can be no tool of this name: it is none of the built-in ones, and has no server in front.',
    fix: 'Write SERVER/TOOL for a tool of an MCP server, vscode/NAME, flow/PATH, or the name of a built-in one such as files/read.',
  },
  FLOW_FILE_MISSING: {
    severity: 'error',
    explanation: 'The flow that a node runs is not there.',
    fix: 'Correct the path, which is relative to this flow, or create the flow.',
  },
  FLOW_FILE_INVALID: {
    severity: 'error',
    explanation: 'The file that a node runs as a flow cannot be run.',
    fix: 'Mend that flow, or name another one.',
  },
  FLOW_FILES_MANY: {
    severity: 'error',
    explanation:
      'A flow reaches more than 200 others by its sub-flows, or more than 16 MB of them. Links can let folders stand in themselves.',
    fix: 'Let it reach fewer flows, and name each by one path.',
  },
  FLOW_INPUT_UNKNOWN: {
    severity: 'error',
    explanation: 'A sub-flow is given an input that it does not declare.',
    fix: 'Correct the name, or declare it under "inputs" of that flow.',
  },
  FLOW_INPUT_MISSING: {
    severity: 'error',
    explanation: 'A sub-flow is not given an input that has no default.',
    fix: 'Add it under "inputs" of the node, or give it a "default" in that flow.',
  },
  FLOW_RECURSION: {
    severity: 'warning',
    explanation: 'A flow runs itself, directly or by others. Flows may be nested 16 deep.',
    fix: 'Make sure that a branch ends it, or use a loop.',
  },
} as const satisfies Record<string, ExplainedCode>;

export type LintCode = keyof typeof LINT_CODES;
