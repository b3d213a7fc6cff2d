/** The form of a server, asked line by line. */
import { type Elicitation, type ElicitationAnswer, type Field, readField } from '../../providers/mcp/elicitation.ts';
import type { Terminal } from '../terminal.ts';
import { harmless, oneLine } from '../text.ts';

export async function askFields(
  terminal: Terminal,
  { server, message, fields }: Elicitation,
  signal: AbortSignal,
): Promise<ElicitationAnswer> {
  terminal.print(`\n${terminal.style('bold', `The MCP server "${oneLine(server)}" asks (give it no secrets):`)}\n${harmless(message)}`);
  const go = await terminal.ask(fields.length === 0 ? '[y]es  [n]o › ' : 'Answer it? [y]es  [n]o › ', signal);
  if ('none' in go) return { action: 'cancel' };
  if (!/^y(es)?$/i.test(go.line.trim())) return { action: 'decline' };
  const content: Record<string, string | number | boolean | string[]> = {};
  for (const field of fields) {
    const value = await askField(terminal, field, signal);
    if (value === 'cancel') return { action: 'cancel' };
    if (value !== undefined) content[field.name] = value;
  }
  return { action: 'accept', content };
}

/** Undefined: left out. */
async function askField(
  terminal: Terminal,
  field: Field,
  signal: AbortSignal,
): Promise<string | number | boolean | string[] | undefined | 'cancel'> {
  const { title, description, choices, kind, required, initial } = field;
  if (description !== undefined) terminal.print(terminal.style('dim', harmless(description)));
  for (const [i, { label }] of choices.entries()) terminal.print(`  ${i + 1}  ${oneLine(label)}`);
  const hint =
    kind === 'boolean' ? ' (yes or no)' : kind === 'choices' ? ' (numbers, with commas)' : kind === 'choice' ? ' (a number)' : '';
  const standing = initial === undefined ? (required ? '' : ' (may be empty)') : ` [${oneLine(JSON.stringify(initial))}]`;
  for (;;) {
    const answer = await terminal.ask(`${oneLine(title)}${hint}${standing} › `, signal);
    if ('none' in answer) return 'cancel';
    const typed = answer.line.trim();
    if (typed === '' && initial !== undefined) return initial as string | number | boolean | string[];
    if (typed === '' && !required) return undefined;
    const chosen = choices.length === 0 ? undefined : typed.split(',').map((it) => choices[Number(it.trim()) - 1]?.value);
    if (chosen) {
      if (chosen.every((value) => value !== undefined) && (kind === 'choices' || chosen.length === 1))
        return kind === 'choices' ? chosen : (chosen[0] ?? '');
      terminal.print(`Choose from 1 to ${choices.length}.`);
      continue;
    }
    const read = await readField(field, typed);
    if ('value' in read) return read.value;
    terminal.print(oneLine(read.problem));
  }
}
