import { expect, test } from 'vitest';
import { describedProgram } from '../../scripts/generate/cli-reference.ts';
import type { CliContext } from './context.ts';
import { createProgram } from './program.ts';

const whole = describedProgram();

test.each(whole.commands.map((command) => ({ name: command.name(), help: command.helpInformation() })))(
  'where $name is asked for, it alone is made, as it is among the others',
  ({ name, help }) => {
    const { commands } = createProgram('0.0.0', {} as CliContext, () => undefined, name);
    expect(commands.map((command) => [command.name(), command.helpInformation()])).toEqual([[name, help]]);
  },
);

test.each(['', '--help', 'constructor', 'rum'])('where %j is asked for, all are there', (asked) => {
  const { commands } = createProgram('0.0.0', {} as CliContext, () => undefined, asked);
  expect(commands.map((command) => command.name())).toEqual(whole.commands.map((command) => command.name()));
});
