/**
 * The codes that end a step, a run or a command, for the reference: what each means and what to do about it. The sources stay the
 * truth: test/docs/fault-codes.test.ts fails where a code is thrown and not listed, or listed and not thrown.
 */
export interface FaultInfo {
  meaning: string;
  fix: string;
}

export interface FaultGroup {
  title: string;
  codes: Readonly<Record<string, FaultInfo>>;
}

const fault = (meaning: string, fix: string): FaultInfo => ({ meaning, fix });

export const FAULT_GROUPS: readonly FaultGroup[] = [
  {
    title: 'Starting a run',
    codes: {
      FLOW_INVALID: fault('The flow has problems, or uses a type of node that cannot be run yet.', 'Mend what `belay validate` lists.'),
      WORKSPACE_UNTRUSTED: fault(
        'Runs are started, continued and answered only in a workspace you trust.',
        'Trust it: `Workspaces: Manage Workspace Trust`.',
      ),
      FLOW_OUTSIDE: fault(
        'The flow does not stand below the folder given as root.',
        'Leave out `--root`, or name a folder above the flow.',
      ),
      FILE_MISSING: fault(
        'A file that the flow names, such as a prompt, is not there.',
        'Create it, or correct the path; it is relative to the flow.',
      ),
      FLOW_FILES_MANY: fault(
        'The flow reaches more than 200 other flows; links can let folders stand in themselves.',
        'Let it reach fewer, and name each by one path.',
      ),
      PROMPT_FILE_MISSING: fault('The prompt file of a node is not there.', 'Create it, or correct the path; it is relative to the flow.'),
      LINT_NOTHING: fault(
        'There is no flow in a folder or glob that `belay lint` was given.',
        'Name files, folders or globs with `*.flow.json` files.',
      ),
      FILE_UNREADABLE: fault('A file named on the command line cannot be read.', 'Check the path and its permissions.'),
      ROOT_INVALID: fault('The root is not a folder.', 'Give `--root` a folder that exists.'),
      INPUT_SYNTAX: fault('An input is not written as name=value.', 'Write `--input topic="the sea"`, or `--input topic=@file.txt`.'),
      INPUT_UNKNOWN: fault('The flow has no such input.', 'Use one of the names the message lists.'),
      INPUT_INVALID: fault(
        'An input is missing, or does not match its schema.',
        'Give a value that fits; JSON, where the flow wants no text.',
      ),
      NODE_UNKNOWN: fault('A node to be approved beforehand is not in the flow.', 'Correct the id given to `--approve`.'),
      FROM_SYNTAX: fault('Neither a flow nor an earlier run is named.', 'Name a flow file, or an earlier run with `--from`.'),
      PIN_NONE: fault(
        'There is nothing to pin: the node has no result in that run, or two sources are named.',
        'Give `--value`, or a run in which the node ended well.',
      ),
      PINS_FAILED: fault('Pinned results cannot be kept or read.', 'See whether `.belay/local` can be written and the disk has room.'),
      NODE_DISABLED: fault('The node to be run is disabled.', 'Enable it.'),
      RERUN_OTHER_FLOW: fault('The run named as the earlier one is of another flow.', 'Name a run of this flow.'),
      RERUN_NO_EARLIER: fault('A flow is to be run from a node, and there is no earlier run.', 'Run the flow from its start first.'),
      RERUN_NO_RESULT: fault(
        'A node that is to be run alone reads steps of which there is no result.',
        'Run the flow first, or pin a result with `belay pin`.',
      ),
      GIVEN_REFUSED: fault(
        'A pinned or kept result cannot stand for the node: it leaves by an outlet that the node does not have, or is a yes.',
        'Remove the pin with `belay unpin`, or pin it anew. `--approve` says yes beforehand.',
      ),
      GIVEN_INVALID: fault(
        'A pinned or kept result does not match the output schema of the node.',
        'Pin it anew, or run again from this node.',
      ),
      MODE_NONE: fault(
        'The flow asks a model, but none is configured and nothing is recorded.',
        'Configure a model, or answer the prompts yourself: `--mode by-hand`.',
      ),
      MODEL_NONE: fault('Nothing says which model is to be asked.', 'Set `BELAY_MODEL`, or give `--model`.'),
    },
  },
  {
    title: 'Steps',
    codes: {
      TEMPLATE_FAILED: fault('A template could not be rendered.', 'Correct it, or give the value a default.'),
      EXPRESSION_FAILED: fault(
        'A condition or computed value could not be evaluated.',
        'Correct it; test with `has` or `first` what may be missing.',
      ),
      CONDITION_NOT_BOOLEAN: fault('A condition gave neither true nor false.', 'Compare the value with something.'),
      PARAM_INVALID: fault('A field of the node came out in the wrong form.', 'Correct the field that the message names.'),
      SCHEMA_INVALID: fault(
        'A JSON Schema of the flow cannot be used.',
        'Correct it: JSON Schema 2020-12, without references to other files.',
      ),
      OUTPUT_INVALID: fault('A result does not match its schema.', 'Correct the step or its `output` schema.'),
      OUTLET_UNCONNECTED: fault(
        'The step left by `invalid`, `exhausted` or `timedOut`, and nothing is connected to it.',
        'Connect that outlet, or `failure`.',
      ),
      VALUE_TOO_LARGE: fault(
        'A value has more than 64 MB with everything in it.',
        'Read only the fields that are needed, or write what is large into files.',
      ),
      VALUE_TOO_DEEP: fault('Lists and objects stand in one another more than 256 deep.', 'Flatten the value.'),
      JOIN_QUORUM: fault('Fewer branches arrived than the join needs.', 'See why the branches before it failed, or lower `atLeast`.'),
      GATE_REJECTED: fault('A person did not allow the step.', 'Change what it would do, or connect its `failure` outlet.'),
      EACH_NOT_A_LIST: fault('The `items` of an `each` are no list.', 'Let the expression give a list.'),
      FLOW_REJECTED: fault('A sub-flow was rejected by a person.', 'Connect the `failure` outlet, if the flow is to go on then.'),
      FLOW_TOO_DEEP: fault(
        'More than 16 flows run inside of one another.',
        'Give the flow that calls itself a condition under which it stops.',
      ),
      DECISION_UNKNOWN: fault('An answer does not belong to its question.', 'Answer with one of the decisions the question offers.'),
      STEP_TIMEOUT: fault('The step took longer than its `timeout`.', 'Raise `timeout`, if it needs longer.'),
      BUDGET_EXCEEDED: fault(
        'The budget of the run is used up, and a person said stop.',
        'Run the flow again, with a larger budget if that is intended.',
      ),
      STEP_ABORTED: fault('A person stopped at a step that was in doubt.', 'See whether it has happened, then run the flow again.'),
      WAIT_MOMENT_INVALID: fault('`until` of a wait is not a moment.', 'Write it as ISO 8601 with its offset: `2027-01-31T09:00:00Z`.'),
      SIGNAL_INVALID: fault(
        'What came with a signal does not match its schema, and was not sent by `belay signal` or the editor, which check it.',
        'Send the signal with one of them.',
      ),
      STATE_NOT_A_LIST: fault('Something was to be added to a remembered value that is no list.', 'Use another key, or `set`.'),
      STATE_TOO_LARGE: fault('More was to be remembered under one key than 1 MB, or 50,000 seen items.', 'Remember less, or write a file.'),
      STATE_ITEMS_INVALID: fault(
        'The `items` of a state node are no list, or one has no field of the name in `by`.',
        'Correct `items` or `by`; without `by`, whole items are compared.',
      ),
      STATE_FAILED: fault('What flows remember cannot be read or written.', 'Make room on the disk or mend its permissions.'),
      STATE_CORRUPT: fault('What is remembered under a key was damaged.', 'Restore the file from a backup, or remove it.'),
      STATE_NEWER: fault('A newer Belay wrote what is remembered.', 'Update Belay.'),
      HTTP_ADDRESS: fault('The address of a request cannot be asked.', 'Write it out, with http:// or https:// and without a user in it.'),
      HTTP_HEADER: fault('A header of a request cannot be sent.', 'Its name has letters, digits and "-"; its value is one line.'),
      HTTP_STATUS: fault('A service refused the request, or failed.', 'See its status and answer in the details of the error.'),
      HTTP_BODY_INVALID: fault('A service answered with broken JSON.', 'Try again; if it stays so, the service is at fault.'),
      HTTP_NOT_TEXT: fault('A service answered with something that is no text.', 'Fetch it with a command that writes a file.'),
      HTTP_TOO_LARGE: fault('An answer has more than 5 MiB.', 'Ask for less, or fetch it with a command that writes a file.'),
      HTTP_REDIRECT: fault('A service redirects to where Belay does not follow.', 'Write down the address that it leads to.'),
      HTTP_NETWORK: fault('A service cannot be reached, or the connection broke.', 'Check the address; a `retry` tries again by itself.'),
      HTTP_TIMEOUT: fault('A service did not answer in time.', 'Try again, or give the node a `retry`.'),
      SECRET_MISSING: fault('A secret that the step needs is not set.', 'Use `Belay: Set Secret`, in a terminal `BELAY_SECRET_NAME`.'),
      RUN_CANCELLED: fault('The run was cancelled.', 'Run the flow again, if this was not intended.'),
      RUN_RESTORE: fault('The run ended so that the recorded prompt could be put back.', 'Run the flow again.'),
    },
  },
  {
    title: 'Commands',
    codes: {
      COMMAND_EXIT: fault(
        'The program ended with an exit code that is no success, or was killed.',
        'Read what it wrote; connect `failure` if this is to be expected.',
      ),
      COMMAND_NOT_FOUND: fault('There is no such program.', 'Install it, or correct its name.'),
      COMMAND_NOT_ALLOWED: fault('The program may not be run.', 'Make the file executable, or name another program.'),
      COMMAND_NEEDS_SHELL: fault('The program is a batch file of Windows.', 'Use `shell`, or name the program behind it.'),
      COMMAND_FOLDER: fault('The folder the command is to run in is not there.', 'Correct `cwd`.'),
      COMMAND_FOLDER_MOVED: fault(
        'The folder of the command led elsewhere when it was about to run than when it was agreed to.',
        'Find out who changes the folder, then run the flow again.',
      ),
      COMMAND_INVALID: fault('The program could not be started.', 'Read the message; check the arguments and the environment.'),
    },
  },
  {
    title: 'Files',
    codes: {
      FILE_NOT_FOUND: fault('The file is not there.', 'Correct the path, or create the file in a step before.'),
      FILE_OUTSIDE: fault('The path, or a link on it, leads out of the workspace.', 'Use a path inside the workspace.'),
      FILE_NOT_ALLOWED: fault('The system does not permit it.', 'Change the permissions, or use another path.'),
      FILE_IS_FOLDER: fault('The path is a folder.', 'Name a file in it.'),
      FILE_NOT_A_FILE: fault('The path is a device, a pipe or a socket.', 'Name a file.'),
      FILE_NOT_TEXT: fault('The file is not UTF-8 text.', 'Save it as UTF-8, or name another file.'),
      FILE_TOO_LARGE: fault('The file is larger than a step may read.', 'Let a command pick the part that is needed.'),
      FILE_PATH_INVALID: fault('The path cannot be used on every system.', 'Correct it as the message says.'),
      FILE_NO_SPACE: fault('There is no room left on the disk.', 'Make room, then run the flow again.'),
      FILE_FAILED: fault('The file could not be read or written for another reason.', 'Look at the disk and the path.'),
    },
  },
  {
    title: 'Models',
    codes: {
      MODEL_NOT_CONFIGURED: fault(
        'No model is configured for the name the node uses.',
        'Use `Belay: Set API Key`, or set an alias; in a terminal see the environment variables.',
      ),
      MODEL_AUTH: fault('The service does not accept the key.', 'Set another API key for it.'),
      MODEL_PERMISSION: fault('The key may not use this model.', 'Use another key or model.'),
      MODEL_QUOTA: fault('The account has nothing left.', 'Look at its billing, or use another model.'),
      MODEL_RATE_LIMIT: fault('Too many requests.', 'Wait; a `retry` on the node does so by itself.'),
      MODEL_OVERLOADED: fault('The service is overloaded.', 'Wait; a `retry` on the node does so by itself.'),
      MODEL_CONTEXT_LENGTH: fault(
        'The prompt is longer than the model can read.',
        'Hand over less text, or use a model with a larger context.',
      ),
      MODEL_CONTENT_FILTER: fault('The service withheld the reply.', 'Reword the prompt, or use another model.'),
      MODEL_BAD_REQUEST: fault(
        'The service does not accept the request.',
        'Correct what the message names; check the address of the connection.',
      ),
      MODEL_NOT_FOUND: fault('The service has no such model.', 'Correct the name of the model, or the address of the service.'),
      MODEL_NETWORK: fault(
        'The service could not be reached, or the reply broke off.',
        'Check that it runs; a `retry` on the node tries again.',
      ),
      MODEL_TIMEOUT: fault('The service did not answer in time.', 'Try again; a `retry` on the node does so by itself.'),
      MODEL_CANCELLED: fault('The request was cancelled.', 'Run the flow again when it is wanted.'),
      MODEL_FAILED: fault(
        'The service failed in a way that is not known.',
        'Read the message; if the service is at fault, try again later.',
      ),
      MODEL_CANNOT: fault(
        'The prompt has images, and the model takes none.',
        'Use a model that does (the Models view says which), or name one under `fallback`.',
      ),
      IMAGE_UNKNOWN: fault('An image of a prompt is in no format that models take.', 'Use a PNG, JPEG, GIF or WebP file.'),
      MODEL_EMPTY: fault('The reply is empty.', 'Try again, or reword the prompt.'),
      MODEL_OUTPUT_CUT: fault('The reply reached its longest length and was cut off.', 'Raise `maxOutputTokens`, or ask for less.'),
      MODEL_OUTPUT_INVALID: fault(
        'The reply does not match the `output` schema, even after it was asked to mend it.',
        'Make the prompt or the schema simpler, or use another model.',
      ),
      CONNECTION_UNKNOWN: fault(
        'There is no connection of the name before the slash of a model.',
        'Correct the name, or add the connection.',
      ),
      CONNECTION_INVALID: fault('The address of a connection cannot be used.', 'Write a base URL such as `https://example.com/v1`.'),
      CASSETTE_INVALID: fault('A file of recorded replies has a line that is none.', 'Correct the line, or record the replies anew.'),
    },
  },
  {
    title: 'Runs and their journals',
    codes: {
      RUN_UNKNOWN: fault('There is no such run here.', 'List the runs with `belay runs`; `--root` names another folder.'),
      RUN_AMBIGUOUS: fault('Several runs have this in their id.', 'Write more of the id.'),
      RUN_FINISHED: fault('The run is finished.', 'Run the flow again.'),
      RUN_OWNED: fault('Another process has the run.', 'Answer or cancel it from here; to go on with it here, stop it there first.'),
      RUN_FOREIGN: fault(
        'The run was made on another machine, by another user, or came with a repository.',
        'Look at it here; resume it there, or start the flow anew.',
      ),
      START_NOT_EMPTY: fault(
        'A flow that has steps was to be filled with a pattern or an example.',
        'Make a new flow to start from a pattern or an example.',
      ),
      RUN_NOT_SHOWN: fault('A graph spoke for a run that it does not show any more.', 'Open the run from the Runs view.'),
      MOVE_CONFLICT: fault(
        'The run cannot go on with the changed flow: what it has done could not have happened in it.',
        'Undo the changes of the nodes that the message names, go on with the flow as it was, or start the changed one anew.',
      ),
      RUN_SKIPPED: fault(
        'The flow allows no more runs at the same time, and says not to wait.',
        'Wait until one has ended, or set its `limits.concurrency.policy` to `queue`.',
      ),
      RUN_LOST: fault('Another process has taken the run over.', 'Follow the run where it goes on.'),
      RUN_EXISTS: fault('Another process made a run of the same id.', 'Start the run again.'),
      SIGNAL_UNKNOWN: fault('The run asks no such question.', 'Look at what it waits for: `belay show last`.'),
      SIGNAL_AMBIGUOUS: fault('The run asks several questions.', 'Name the node.'),
      REPLY_INVALID: fault('The answer does not fit the question.', 'Give one of the answers the message lists.'),
      SIZE_INVALID: fault('A size on the command line is none.', 'Write a whole number and a unit, such as 500MB or 2GB.'),
      DURATION_INVALID: fault('A duration cannot be read.', 'Write a whole number and a unit, such as `30d` or `12h`.'),
      BUNDLE_INVALID: fault('What the run was started with cannot be read.', 'Start the flow again; this run can only be looked at.'),
      JOURNAL_FOLDER: fault('In the place of a folder for runs stands something else.', 'Remove it; Belay makes the folder itself.'),
      JOURNAL_WRITE: fault('The journal cannot be written.', 'Make room on the disk or mend it, then resume the run.'),
      JOURNAL_CLOSED: fault('This process has let go of the run.', 'Resume the run.'),
      JOURNAL_CORRUPT: fault(
        'The journal is damaged in a way that no crash leaves.',
        'Restore the file from a backup, or start the flow anew.',
      ),
      JOURNAL_NEWER: fault('A newer Belay wrote the run.', 'Update Belay.'),
      LOCK_BUSY: fault(
        'Another process has been deciding which run is next for too long.',
        'If no other Belay is at work, remove the file that the message names.',
      ),
      INBOX_CORRUPT: fault('An answer that was given before cannot be read.', 'Remove the file that the message names, then answer again.'),
      OBJECT_UNKNOWN: fault('The frozen flow of the run is missing.', 'Start the flow again; this run cannot go on.'),
      OBJECT_CORRUPT: fault('The frozen flow of the run was changed.', 'Start the flow again; this run cannot go on.'),
    },
  },
  {
    title: 'Chat',
    codes: {
      FLOW_UNKNOWN: fault('No flow of the workspace has this name, or several do.', 'Name it by its path.'),
      DRAFT_GONE: fault('A draft of the chat is not kept any more.', 'Ask for it again.'),
      CHANGE_STALE: fault('The flow was changed after a change of it was proposed.', 'Ask `@belay /fix` again.'),
      EDIT_REFUSED: fault('VS Code did not write the flow.', 'See whether the file is read-only.'),
      FOLDER_MISSING: fault('No folder is open, and a flow lives in a file.', 'Open a folder first.'),
    },
  },
  {
    title: 'Tools and agents',
    codes: {
      TOOL_REFUSED: fault('Somebody said no when VS Code asked whether its tool may run.', 'Say yes, or let the flow do without it.'),
      TOOL_UNKNOWN: fault('There is no tool of this name.', 'Correct the name, or add the MCP server that has it.'),
      TOOL_UNAVAILABLE: fault(
        'The tool of a step is not there now, or a server offers one that cannot be used; the message says why.',
        'See to the server that has it, or correct the name.',
      ),
      TOOL_ARGUMENTS: fault('The arguments do not fit the schema of the tool.', 'Correct the arguments that the message names.'),
      TOOL_FAILED: fault(
        'A tool could not do what it was asked for, or its server refused the call.',
        'Read what it says, and correct the arguments.',
      ),
      TOOL_TIMEOUT: fault('The tool gave no answer and no sign of progress.', 'Try again, or ask for less at a time.'),
      TOOL_RESULT_TOO_LARGE: fault('The tool answered with more than is taken in.', 'Ask for less at a time.'),
      TOOL_RESULT_INVALID: fault('The tool answered with something that its own schema forbids.', 'Have the MCP server corrected.'),
      MCP_SERVER_INVALID: fault(
        'The entry of an MCP server cannot be used, or a secret that it names is not there.',
        'Correct the entry, or store the secret.',
      ),
      MCP_JSON_INVALID: fault('`.vscode/mcp.json` cannot be read.', 'Open it in VS Code, which shows what is wrong with it.'),
      MCP_INPUT_MISSING: fault(
        'An input of `.vscode/mcp.json` is needed, and nobody can be asked.',
        'Set the environment variable that the message names.',
      ),
      MCP_NOT_ALLOWED: fault(
        'An MCP server was not allowed to be started or reached.',
        'If you trust it: `--allow-server NAME`, or say yes where you are asked.',
      ),
      MCP_NOT_FOUND: fault('The program of an MCP server is not there.', 'Install it, or correct `command`.'),
      MCP_UNREACHABLE: fault(
        'An MCP server could not be started or reached. Nothing has been done.',
        'See whether its program or address is right and whether it runs by itself.',
      ),
      MCP_UNAUTHORIZED: fault('An MCP server wants to know who you are.', 'Sign in where you are asked to, or give its key in `headers`.'),
      MCP_LOST: fault(
        'The connection to an MCP server broke in the middle of a call.',
        'See whether the call has happened; the next one starts or reaches the server anew.',
      ),
      MCP_CALL_UNKNOWN: fault(
        'An MCP client answered a question that is not asked any more.',
        'Look at the run with `belay runs`, and answer it there.',
      ),
      PORT_TAKEN: fault('Nothing can be served on the port.', 'Give another port; 0 takes any that is free.'),
      MCP_CLOSED: fault('The MCP servers are being ended with their host.', 'Run the flow again.'),
      TOOL_EDIT_UNCLEAR: fault(
        'The text that a tool was to replace does not stand in the file exactly once.',
        'Give it exactly, with more of what stands around it.',
      ),
      TOOL_PATTERN_INVALID: fault('A regular expression cannot be read.', 'Write it in the syntax of RE2, or search for plain text.'),
      TOOL_PATH_HIDDEN: fault('A tool was to use what git, package managers and Belay keep for themselves.', 'Use their own commands.'),
      AGENT_UNKNOWN: fault('There is no agent of this name.', 'Make it with `Belay: New Agent…`, or name one that ships with Belay.'),
      AGENT_INVALID: fault('The file of an agent cannot be read; the message says where.', 'Correct the file.'),
      AGENT_STEPS: fault(
        'An agent was not done after as many calls of models and tools as it may make.',
        'Give it a smaller task, or raise `maxSteps`.',
      ),
      AGENT_REPEATS: fault(
        'An agent kept doing the same thing with the same result, though it was told.',
        'Say in the task what to do instead, or use another model.',
      ),
      AGENT_UNCLEAR: fault('An agent does not say what it wants in a form that can be used.', 'Use a model that calls tools reliably.'),
    },
  },
  {
    title: 'Belay itself',
    codes: {
      INTERNAL: fault('A defect in Belay.', "Please report it with the run's journal, after you have looked for private data in it."),
    },
  },
];
