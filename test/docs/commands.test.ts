/** Command lines in the documentation name commands and options that there are; scripts and VS Code commands exist. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { describedProgram } from '../../scripts/generate/cli-reference.ts';
import { blocksOf, lineAt, pages, ROOT } from './pages.ts';

const INVOCATION = /^(?:belay|node dist\/cli\.cjs) +/;

interface CommandLine {
  where: string;
  line: string;
}

const shellLines = blocksOf('sh').flatMap(({ where, text }) =>
  text.split('\n').map((line) => ({ where, line: line.replace(/\s+#.*$/, '').trim() })),
);

/** Inline code such as `belay run FILE --approve NODE`; a bare `belay show` only names the command. */
const inline = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/(?<!`)`((?:belay|node dist\/cli\.cjs) [^`\n]+)`/g)].map((match) => ({
    where: `${name}:${lineAt(text, match.index)}`,
    line: match[1] ?? '',
  })),
);

const lines: readonly CommandLine[] = [...shellLines, ...inline].filter(({ line }) => INVOCATION.test(line));

describe('command lines in the documentation', () => {
  it('are found', () => expect(lines.length).toBeGreaterThan(20));

  it('call the built command line by the name that package.json gives it', () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: { belay: string } };
    const called = pages.flatMap(({ text }) => [...text.matchAll(/node (dist\/[^\s`]+)/g)].map(([, file]) => `./${file}`));
    expect([...new Set(called)]).toEqual([bin.belay]);
  });

  it.each(shellLines.filter(({ line }) => INVOCATION.test(line)))('$where: $line', ({ line }) =>
    expect(understood(line)).toBe('understood'),
  );

  it.each(inline)('$where names what there is: $line', ({ line }) => expect(named(line)).toEqual([]));

  it.each([
    ['belay run a.flow.json --inptu x=1', 'unknown option'],
    ['belay start a.flow.json', 'unknown command'],
    ['belay validate', 'missing required argument'],
    ['belay run a.flow.json --mode often', 'Choose one of'],
    ['belay prune --keep some', 'whole number'],
  ])('would not be taken for good: %s', (line, complaint) => expect(understood(line)).toContain(complaint));
});

describe('npm scripts in the documentation', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const mentioned = new Set(
    pages.flatMap(({ text }) =>
      [...text.matchAll(/`?npm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)].map((match) => match[1] ?? match[2] ?? ''),
    ),
  );

  it.each([...mentioned])('%s is there', (script) => expect(scripts).toHaveProperty([script]));
});

describe('commands of VS Code in the documentation', () => {
  const { contributes } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    contributes: { commands: { title: string }[]; configuration: { properties: Record<string, unknown> } };
  };
  const titles = contributes.commands.map(({ title }) => title);
  const found = (pattern: RegExp) => [...new Set(pages.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')))];

  it.each(found(/[`*]Belay: ([A-Z][^`*]+)[`*]/g))('Belay: %s is there', (title) => expect(titles).toContain(title));

  it.each(found(/`(belay\.(?!vsix)[a-z][A-Za-z.]*)`/g))('the setting %s is there', (setting) =>
    expect(Object.keys(contributes.configuration.properties)).toContain(setting),
  );
});

/** Parses with the real program, whose commands do nothing here. */
function understood(line: string): string {
  const program = describedProgram();
  let ran = false;
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const reach = (): void => {
    ran = true;
  };
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: say, writeOut: () => undefined });
  }
  for (const command of program.commands) command.action(reach);
  const words = wordsOf(line.replace(INVOCATION, ''));
  try {
    program.parse(words, { from: 'user' });
  } catch {
    return words.includes('--help') ? 'understood' : said;
  }
  return ran ? 'understood' : said;
}

/** What of a line that only names things is not there: FILE and `…` stand for anything. */
function named(line: string): string[] {
  const [name = '', ...rest] = wordsOf(line.replace(INVOCATION, ''));
  const program = describedProgram();
  const command = program.commands.find((candidate) => candidate.name() === name);
  const options = rest.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*$/, ''));
  if (!command) return name.startsWith('-') ? unknownOptions(program, [name]) : [name];
  return unknownOptions(command, options);
}

function unknownOptions(command: Command, options: readonly string[]): string[] {
  return options.filter((option) => option !== '--help' && !command.options.some(({ short, long }) => option === short || option === long));
}

/** As a shell splits it: quotes hold words together. */
function wordsOf(line: string): string[] {
  const command = line.split(/ [>|] /)[0] ?? '';
  return [...command.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
}
