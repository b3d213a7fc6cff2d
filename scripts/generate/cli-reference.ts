import type { Command, Option } from 'commander';
import type { CliContext } from '../../src/cli/context.ts';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { code, table } from './markdown.ts';

/** The program as it is, to be looked at: its commands are never carried out. */
export function describedProgram(): Command {
  const unused = (): never => {
    throw new Error('This program is only described.');
  };
  const context: CliContext = {
    terminal: new Terminal(process),
    cwd: '.',
    by: '',
    now: unused,
    open: unused,
    onInterrupt: unused,
    kill: unused,
  };
  return createProgram('0.0.0', context, () => undefined);
}

/** What docs/cli.md takes from the program: usage and options of each command, and the exit codes. */
export function cliRegions(): Record<string, string> {
  const { commands } = describedProgram();
  return {
    commands: table(
      ['Command', 'What it does'],
      commands.map((command) => [`[${code(command.name())}](#${command.name()})`, command.description()]),
    ),
    ...Object.fromEntries(commands.map((command) => [`usage-${command.name()}`, usageOf(command)])),
    'exit-codes': table(
      ['Code', 'Name', 'Meaning'],
      Object.entries(EXIT_CODES).map(([name, exit]) => [code(String(exit.code)), name, exit.meaning]),
    ),
  };
}

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name().toUpperCase()}${argument.variadic ? '…' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
  const described = command.registeredArguments.map((argument) => [code(argument.name().toUpperCase()), argument.description]);
  const options = command.options.map((option) => [code(option.flags), meaningOf(option)]);
  return [code(['belay', command.name(), ...words].join(' ')), table(['Argument or option', 'Meaning'], [...described, ...options])].join(
    '\n\n',
  );
}

function meaningOf({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? `: ${argChoices.map(code).join(', ')}` : '';
  const standard = typeof defaultValue === 'number' ? ` (default: ${defaultValue})` : '';
  return `${description}${choices}${standard}`;
}
