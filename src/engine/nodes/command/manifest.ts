import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { firstLine, texts } from '../summary.ts';

/** Bytes kept of each stream where the flow says nothing else: 1 MiB. */
export const DEFAULT_MAX_OUTPUT = 1_048_576;

/** With a shell or without. */
const hasOneWay = (it: { run?: unknown; shell?: unknown }): boolean => (it.run === undefined) !== (it.shell === undefined);

const params = () =>
  z
    .strictObject({
      run: field(
        z
          .array(
            field(
              z.string(),
              { title: 'Argument', description: 'One argument, passed on exactly as it is rendered.' },
              { kind: 'template' },
            ),
          )
          .min(1),
        {
          title: 'Program and arguments',
          description: 'One entry for each argument, the program first. No shell reads them, so nothing in them has to be quoted.',
        },
        { kind: 'template', control: 'list', placeholder: 'node' },
      ).optional(),
      shell: field(
        z
          .string()
          .min(1)
          .regex(/^[^\r\n]*$/, 'expected a single line'),
        {
          title: 'Shell line',
          description:
            'One line for the shell of the platform, exactly as it stands: templates are not rendered here. Hand values over in "env".',
        },
        { kind: 'literal', control: 'code', placeholder: 'git log --oneline | head -20' },
      ).optional(),
      cwd: field(
        z.string().min(1),
        {
          title: 'Folder',
          description: 'Where the command runs, relative to the flow and inside the workspace. Default: the folder of the flow.',
        },
        { kind: 'literal', placeholder: '.' },
      ).optional(),
      env: field(
        z.record(
          z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name of letters, digits and _'),
          field(z.string(), { title: 'Value', description: 'The value of the variable.' }, { kind: 'template', secrets: true }),
        ),
        { title: 'Environment', description: 'Variables for the command, besides the few it inherits. Secrets may be referred to here.' },
        { kind: 'template', control: 'keyValue' },
      ).optional(),
      stdin: field(
        z.string(),
        { title: 'Standard input', description: 'Text that the command reads.' },
        { kind: 'template', control: 'multiline', advanced: true },
      ).optional(),
      allowedExitCodes: field(
        z.array(z.int().min(0).max(4_294_967_295)).min(1),
        { title: 'Exit codes that are fine', description: 'Any other one is a failure. Default: 0.' },
        { kind: 'literal', control: 'list', advanced: true },
      ).optional(),
      maxOutput: field(
        z
          .int()
          .min(1024)
          .max(16 * 1_048_576),
        {
          title: 'Output that is kept',
          description: 'In bytes, for each stream: of more, the first and the last half are kept. Default: 1048576 (1 MiB).',
        },
        { kind: 'literal', advanced: true },
      ).optional(),
    })
    .refine(hasOneWay, {
      message: 'give exactly one of "run" and "shell"',
      path: ['run'],
    });

export const command = defineManifest({
  type: 'command',
  title: 'Command',
  description: 'Runs a program with an argument list (a shell only if asked for) and gives its output and exit code.',
  icon: 'terminal',
  category: 'Tools',
  params,
  fits: hasOneWay,
  built: true,
  outlets: () => [SUCCESS],
  effect: () => 'irreversible',
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(texts(it.run).join(' ')) || firstLine(it.shell),
  output: () => ({
    type: 'object',
    properties: {
      stdout: { type: 'string' },
      stderr: { type: 'string' },
      exitCode: { type: 'integer' },
      truncated: { type: 'boolean', description: 'Whether output was left out because there was too much of it.' },
    },
    required: ['stdout', 'stderr', 'exitCode', 'truncated'],
    additionalProperties: false,
  }),
  initial: { run: ['git', 'status', '--short'] },
  example: { title: 'Recent changes', effect: 'read', with: { run: ['git', 'log', '--oneline', '-n', '{{ inputs.count }}'] } },
});
