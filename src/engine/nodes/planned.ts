/**
 * The types of format 1 that this version cannot run yet. Their grammar is fixed here, so that flows that use them parse,
 * are drawn and keep their meaning; `built: false` makes the parser say that they cannot be run.
 */
import * as z from 'zod';
import { lazily } from '../format/lazily.ts';
import type { NodeManifest } from '../format/manifest.ts';
import { defineManifest, field, SUCCESS } from '../format/manifest.ts';
import { firstLine } from './summary.ts';

const value = lazily(() => z.json());

const agent = defineManifest({
  type: 'agent',
  title: 'Agent',
  description: 'Gives a task to an agent: a model with instructions and tools, which works in steps until it is done.',
  icon: 'robot',
  category: 'Models',
  params: () =>
    z.strictObject({
      agent: field(
        z.string().min(1),
        { title: 'Agent', description: 'Its name: a file .github/agents/NAME.agent.md, or one that ships with Belay.' },
        { kind: 'literal', placeholder: 'researcher', names: 'agent' },
      ),
      task: field(z.string().min(1), { title: 'Task', description: 'What it has to do.' }, { kind: 'template', control: 'multiline' }),
      context: field(
        value(),
        { title: 'Context', description: 'Data handed over with the task: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ).optional(),
      tools: field(
        z.array(z.string().min(1)),
        { title: 'Tools', description: 'What it may use, of what its file allows. Default: none.' },
        { kind: 'literal', control: 'list' },
      ).optional(),
      model: field(
        z.string().min(1),
        { title: 'Model', description: 'Instead of the model of the agent.' },
        { kind: 'literal', control: 'model', names: 'model' },
      ).optional(),
      maxSteps: field(
        z.int().min(1).max(1000),
        { title: 'Most steps', description: 'Model and tool calls before it is stopped.' },
        { kind: 'literal', advanced: true },
      ).optional(),
    }),
  built: false,
  outlets: () => [SUCCESS],
  effect: (it) => (Array.isArray(it.tools) && it.tools.length > 0 ? 'irreversible' : 'read'),
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.task) || firstLine(it.agent),
  output: () => ({ type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }),
  initial: { agent: 'assistant', task: 'Say hello.' },
  example: { title: 'Research', with: { agent: 'researcher', task: 'Find out what is new about {{ inputs.topic }}.' } },
});

const tool = defineManifest({
  type: 'tool',
  title: 'Tool',
  description: 'Calls one tool of an MCP server or of VS Code.',
  icon: 'tools',
  category: 'Tools',
  params: () =>
    z.strictObject({
      tool: field(
        z.string().min(1),
        { title: 'Tool', description: 'server/tool' },
        { kind: 'literal', placeholder: 'github/create_issue' },
      ),
      arguments: field(
        z.record(z.string(), value()),
        { title: 'Arguments', description: 'By name: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ).optional(),
    }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'irreversible',
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.tool),
  output: () => ({}),
  initial: { tool: 'server/tool' },
  example: { title: 'Create the ticket', with: { tool: 'github/create_issue', arguments: { title: { $expr: 'inputs.title' } } } },
});

const notify = defineManifest({
  type: 'notify',
  title: 'Notify',
  description: 'Tells people: by mail, chat or a notification.',
  icon: 'bell',
  category: 'People',
  params: () =>
    z.strictObject({
      to: field(
        z.string().min(1),
        { title: 'To', description: 'The name of a channel from the settings.' },
        { kind: 'literal', placeholder: 'team' },
      ),
      title: field(
        z.string().min(1),
        { title: 'Title', description: 'A subject, where the channel has one.' },
        { kind: 'template' },
      ).optional(),
      message: field(
        z.string().min(1),
        { title: 'Message', description: 'What they are told.' },
        { kind: 'template', control: 'multiline' },
      ),
    }),
  built: false,
  outlets: () => [SUCCESS],
  effect: () => 'irreversible',
  lowestEffect: () => 'write',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.message),
  output: () => ({ type: 'object', properties: { sent: { type: 'boolean' } }, required: ['sent'] }),
  initial: { to: 'team', message: 'Done.' },
  example: { title: 'Tell the team', with: { to: 'team', message: 'The report is ready: {{ inputs.link }}' } },
});

/** By palette order within each category. */
export const planned: readonly NodeManifest[] = [agent, tool, notify];
