import * as z from 'zod';
import { DEFAULT_MAX_OUTPUT } from '../nodes/command/manifest.ts';
import { performCommand } from '../nodes/command/perform.ts';
import { optionalText, textList } from '../nodes/params.ts';
import { targetOf } from './file-tools.ts';
import { type BuiltInTool, builtInInfo, dataResult } from './tool.ts';

export const commandTool: BuiltInTool = {
  info: builtInInfo({
    name: 'command/run',
    title: 'Run a command',
    description: 'Runs a program to its end, without a shell, and gives its output and exit code. A person is asked before.',
    parameters: () =>
      z.strictObject({
        run: z.array(z.string()).min(1).describe('Program and arguments: ["git", "status"]'),
        cwd: z.string().min(1).describe('The folder, relative to the workspace. Default: the workspace.').optional(),
        stdin: z.string().describe('What it reads.').optional(),
      }),
    output: () => z.object({ stdout: z.string(), stderr: z.string(), exitCode: z.int(), truncated: z.boolean() }),
  }),
  async run(args, { ports, signal, idempotencyKey, show }) {
    const cwd = { path: optionalText(args.cwd) ?? '.' };
    const folder = await targetOf(cwd, ports.files);
    const stdin = optionalText(args.stdin);
    const result = await performCommand(
      {
        command: { argv: textList(args.run) },
        cwd: folder.absolute,
        env: {},
        ...(stdin === undefined ? {} : { stdin }),
        id: idempotencyKey,
        maxOutputBytes: DEFAULT_MAX_OUTPUT,
      },
      // Which codes mean what is for the caller to know.
      { ports, signal, show, allowed: undefined },
    );
    const { stdout, stderr, exitCode } = result;
    const text = [`exit code ${exitCode}`, ...(stdout === '' ? [] : [stdout]), ...(stderr === '' ? [] : [`stderr:\n${stderr}`])].join('\n');
    return dataResult(result, text);
  },
};
