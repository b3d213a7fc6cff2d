import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { FLOW_TOOL, toolEffect } from '../../format/tool-names.ts';
import { firstLine } from '../summary.ts';

const nameOf = (it: { tool?: unknown }): string => (typeof it.tool === 'string' ? it.tool : '');

export const tool = defineManifest({
  type: 'tool',
  title: 'Tool',
  description: 'Calls one tool: of an MCP server, of VS Code, or one that is built in. What it may do to the world needs a yes.',
  icon: 'tools',
  category: 'Tools',
  params: () =>
    z.strictObject({
      tool: field(
        z.string().min(1),
        { title: 'Tool', description: 'SERVER/TOOL of an MCP server, vscode/NAME, flow/PATH, or a built-in one such as files/search.' },
        { kind: 'literal', placeholder: 'github/create_issue', names: 'tool' },
      ),
      arguments: field(
        z.record(z.string(), z.json()),
        { title: 'Arguments', description: 'By name: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ).optional(),
    }),
  built: true,
  outlets: () => [SUCCESS],
  /** Of a flow each step has its own; what a server says of its tools is not believed. */
  effect: (it) => (nameOf(it).startsWith(FLOW_TOOL) ? 'none' : toolEffect(nameOf(it))),
  lowestEffect: (it) => (nameOf(it).startsWith(FLOW_TOOL) ? 'none' : 'read'),
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.tool),
  output: () => ({}),
  initial: { tool: 'files/list' },
  example: { title: 'Create the ticket', with: { tool: 'github/create_issue', arguments: { title: { $expr: 'inputs.title' } } } },
});
