/** The commands and their options. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { answer, approve, cancel, reject, resume, signal } from './commands/decide.ts';
import { LINT_FORMATS, lint } from './commands/lint.ts';
import { mcp } from './commands/mcp.ts';
import { pin, unpin } from './commands/pin.ts';
import { run } from './commands/run.ts';
import { keepRun, listRuns, prune } from './commands/runs.ts';
import { show } from './commands/show.ts';
import { validate } from './commands/validate.ts';
import type { CliContext } from './context.ts';
import type { Exit } from './exit-codes.ts';
import { exitCodeTable } from './exit-codes.ts';
import { MODES } from './mode.ts';

const RUN = 'id of a run, a part of it that is unique, or "last"';

/** What a command is made of. */
interface Making {
  version: string;
  context: CliContext;
  /** Is told how the command ended. */
  done(exit: Exit): void;
}

/** In the order in which they are listed. */
const COMMANDS: Readonly<Record<string, (command: Command, making: Making) => void>> = {
  validate: (command, { done, context }) =>
    command
      .description('check flows; problems as file:line:column')
      .argument('<file...>', 'flow files')
      .option('--json', 'one JSON object for each problem')
      .option('--strict', 'warnings fail too')
      .option('--fix', 'mend what can be mended without thinking')
      .action((files, options) => done(validate(files, options, context))),

  lint: (command, { done, context, version }) =>
    command
      .description('check flows as the editor does, for CI: files, folders and globs; as text, JSON or SARIF')
      .argument('[file...]', 'flow files, folders with flows in them, or globs (default: the folder you are in)')
      .addOption(new Option('--format <format>', 'how problems are written').choices(LINT_FORMATS).default('text'))
      .option('--strict', 'warnings fail too')
      .action((files, options) => done(lint(files, options, context, version))),

  run: (command, { done, context }) =>
    withRoot(command.description('run a flow and follow it to its end'))
      .argument('[file]', 'the flow; left out: that of --from')
      .option(
        '--from <run[:node]>',
        'run again with the inputs of an earlier run (as --input changes them); from a node: what is not behind it keeps its result',
      )
      .option('--only <node>', 'run this node alone, on results of --from and pinned ones')
      .option('--to <node>', 'end with this node, and run nothing that it does not need')
      .option('--dry-run', 'show what every node would do, and do nothing of it')
      .option('--no-pins', 'run nodes that have a pinned result, too')
      .option('-i, --input <name=value>', "an input; JSON where the flow wants no text, name=@file for a file's content", collect)
      .addOption(
        new Option(
          '-m, --mode <mode>',
          'where replies come from (default: live if a model is configured, else recorded if there are recordings)',
        )
          .choices(Object.keys(MODES))
          .argParser(mode),
      )
      .option('--model <name>', 'connection/model or alias for prompts that name none')
      .option(
        '--approve <node>',
        "says yes beforehand to this node's gate or approval; an irreversible step that uses untrusted values asks all the same",
        collect,
      )
      .addOption(allowServerOption())
      .option('--json', 'every event as a line of JSON; nobody is asked')
      .action(async (file, options) => done(await run(file, options, context))),

  pin: (command, { done, context }) =>
    withRoot(command.description('pin a result to a node: runs take it instead of running the node; without a node, list what is pinned'))
      .argument('<file>', 'the flow')
      .argument('[node]', 'id of the node')
      .option('--run <run>', `the run whose result it is: ${RUN} (default: last)`)
      .option('--value <json>', 'the result itself: JSON, else taken as text (@file: its content, which counts as untrusted)')
      .option('--outlet <name>', 'by which the node leaves', undefined)
      .option('--json', 'the pins as JSON')
      .action(async (file, node, options) => done(await pin(file, node, options, context))),

  unpin: (command, { done, context }) =>
    withRoot(command.description('remove the pinned result of a node, or of all nodes of the flow'))
      .argument('<file>', 'the flow')
      .argument('[node]', 'id of the node')
      .option('--json', 'the removed ones as JSON')
      .action(async (file, node, options) => done(await unpin(file, node, options, context))),

  runs: (command, { done, context }) =>
    withRoot(command.description('list runs, newest first'))
      .option('--json', 'one JSON object for each run')
      .option('-n, --limit <count>', 'how many', wholeNumber, 20)
      .action(async (options) => done(await listRuns(options, context))),

  show: (command, { done, context }) =>
    withRoot(command.description('show a run, or one node of it in full'))
      .argument('<run>', RUN)
      .option('--node <id>', 'input, attempts and output of this node')
      .option('--json', 'its events as lines of JSON')
      .action(async (name, options) => done(await show(name, options, context))),

  resume: (command, { done, context }) =>
    withRoot(command.description('go on with a run that nobody has'))
      .argument('<run>', RUN)
      .option('--update-flow', 'with the flow as it now is, if what the run has done fits it')
      .addOption(allowServerOption())
      .option('--json', 'every new event as a line of JSON; nobody is asked')
      .action(async (name, options) => done(await resume(name, options, context))),

  approve: (command, { done, context }) =>
    withDecision(command.description('say yes, and go on with the run if nobody has it'))
      .argument('[node]', 'the node that waits, where several do')
      .action(async (name, node, options) => done(await approve(name, node, options, context))),

  reject: (command, { done, context }) =>
    withDecision(command.description('say no, and go on with the run if nobody has it'))
      .argument('[node]', 'the node that waits, where several do')
      .option('--reason <text>', 'why')
      .action(async (name, node, options) => done(await reject(name, node, options, context))),

  answer: (command, { done, context }) =>
    withDecision(command.description('answer any other question of a run'))
      .argument('<node>', 'the node that waits, or the name of the question')
      .argument('<decision>', 'happened, retry, abort; replied; live, byHand, restore; more, stop; approved, rejected')
      .option('--value <text>', 'the reply to a prompt (@file: its content, -: the standard input), or the model for "live"')
      .option('--reason <text>', 'why')
      .action(async (name, node, decision, options) => done(await answer(name, node, decision, options, context))),

  signal: (command, { done, context }) =>
    withRoot(command.description('send a signal to the node that waits for it, and go on with the run if nobody has it'))
      .usage('[options] [run] <name>')
      .argument('<run>', `${RUN}; left out: "last"`)
      .argument('[name]', 'of the signal, as the wait node has it')
      .option('--value <payload>', 'what comes with it: JSON, else taken as text (@file: its content, -: the standard input)')
      .option('--node <id>', 'the node that waits, where several wait for this signal')
      .addOption(allowServerOption())
      .option('--json', 'every new event as a line of JSON; nobody is asked')
      .option('--no-resume', 'only publish the signal')
      .action(async (first, second, options) =>
        done(await (second === undefined ? signal('last', first, options, context) : signal(first, second, options, context))),
      ),

  cancel: (command, { done, context }) =>
    withRoot(command.description('cancel a run, whoever has it'))
      .argument('<run>', RUN)
      .option('--reason <text>', 'why')
      .option('--json', 'the result as JSON')
      .action(async (name, options) => done(await cancel(name, options, context))),

  keep: (command, { done, context }) =>
    withRoot(command.description('mark a run that is never removed as an old one'))
      .argument('<run>', RUN)
      .option('--undo', 'take the mark away')
      .option('--json', 'the result as JSON')
      .action(async (name, options) => done(await keepRun(name, options, context))),

  prune: (command, { done, context }) =>
    withRoot(command.description('remove finished runs that are old'))
      .option('--per-flow <count>', 'old: not among so many of the newest of their flow', wholeNumber)
      .option('--older-than <age>', 'old: finished longer ago, such as 30d')
      .option('--max-size <size>', 'old: what is beyond this size on disk, the newest first, such as 500MB')
      .option('--keep <count>', 'so many of the newest stay in any case; alone: all others go', wholeNumber)
      .option('--json', 'the result as JSON')
      .action(async (options) => done(await prune(options, context))),

  mcp: (command, { done, context, version }) =>
    withRoot(command.description('offer the flows of the root as tools of an MCP server, on the standard input and output or on a port'))
      .option('--http <port>', 'on this port of 127.0.0.1 instead, for whoever has the token; 0: any that is free', wholeNumber)
      .addOption(
        new Option('-m, --mode <mode>', 'where replies come from (default: as belay run chooses)')
          .choices(Object.keys(MODES))
          .argParser(mode),
      )
      .option('--model <name>', 'connection/model or alias for prompts that name none')
      .addOption(allowServerOption())
      .action(async (options) => done(await mcp(options, context, version))),
};

/**
 * Builds the program. `done` is told how the command ended; faults are thrown. `asked`: the first argument; where it is a command, the
 * others are left out, since making all of them takes longer than some commands do.
 */
export function createProgram(version: string, context: CliContext, done: (exit: Exit) => void, asked = ''): Command {
  const program = new Command('belay')
    .description('AI orchestration as a document: checks and runs flows (*.flow.json), and answers what they ask people.')
    .version(version)
    .showHelpAfterError('(belay --help, or belay COMMAND --help)')
    .addHelpText('after', `\nExit codes:\n${exitCodeTable()}\n`);
  program.exitOverride();

  const making = { version, context, done };
  const names = Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
  for (const name of names) COMMANDS[name]?.(program.command(name), making);
  return program;
}

function withRoot(command: Command): Command {
  return command.option('--root <folder>', 'where .belay stands (default: the nearest folder with .belay or .git)');
}

function allowServerOption(): Option {
  return new Option(
    '--allow-server <name>',
    'lets this MCP server of the flow or of .vscode/mcp.json be started or reached without being asked about; "*" all of them',
  ).argParser(collect);
}

function withDecision(command: Command): Command {
  return withRoot(command)
    .argument('<run>', RUN)
    .addOption(allowServerOption())
    .option('--json', 'every new event as a line of JSON; nobody is asked')
    .option('--no-resume', 'only publish the decision');
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function mode(text: string): string {
  const chosen = MODES[text];
  if (chosen === undefined) throw new InvalidArgumentError(`Choose one of ${Object.keys(MODES).join(', ')}.`);
  return chosen;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
