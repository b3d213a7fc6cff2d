import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { effectOfTools } from '../../format/tool-names.ts';
import { firstLine } from '../summary.ts';

export const agent = defineManifest({
  type: 'agent',
  title: 'Agent',
  description: 'Gives a task to an agent: a model with instructions and tools, which works in turns until it is done.',
  icon: 'robot',
  category: 'Models',
  params: () =>
    z.strictObject({
      agent: field(
        z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'The name of an agent has letters, digits, ".", "-" and "_".'),
        {
          title: 'Agent',
          description:
            'Its name: a file .github/agents/NAME.agent.md, or one that ships with Belay (assistant, commander, filesurfer, websurfer).',
        },
        { kind: 'literal', placeholder: 'researcher', names: 'agent' },
      ),
      task: field(z.string().min(1), { title: 'Task', description: 'What it has to do.' }, { kind: 'template', control: 'multiline' }),
      context: field(
        z.json(),
        { title: 'Context', description: 'Data handed over with the task: JSON in which {"$expr": "CEL"} is evaluated.' },
        { kind: 'value', control: 'json' },
      ).optional(),
      tools: field(
        z.array(z.string().min(1)),
        { title: 'Tools', description: 'Only these of the tools that its file lists. Default: all that its file lists.' },
        { kind: 'literal', control: 'list', names: 'tool' },
      ).optional(),
      model: field(
        z.string().min(1),
        { title: 'Model', description: 'Instead of the model of the agent.' },
        { kind: 'literal', control: 'model', names: 'model' },
      ).optional(),
      maxSteps: field(
        z.int().min(1).max(1000),
        { title: 'Most steps', description: 'Model and tool calls before it is stopped, those of agents it asks included. Default: 50.' },
        { kind: 'literal', advanced: true },
      ).optional(),
    }),
  built: true,
  asksItself: true,
  outlets: () => [SUCCESS],
  /** What its tools may do at worst. Without a list here that is a matter of its file; either way each call is asked about by itself. */
  effect: (it) => (Array.isArray(it.tools) ? effectOfTools(it.tools.filter((name) => typeof name === 'string')) : 'irreversible'),
  lowestEffect: () => 'read',
  resultTrust: 'untrusted',
  summary: (it) => firstLine(it.task) || firstLine(it.agent),
  output: () => ({
    type: 'object',
    properties: {
      text: { type: 'string', description: 'What it answered at the end.' },
      agent: { type: 'string', description: 'Who answered: after a hand-off another one than was asked.' },
    },
    required: ['text', 'agent'],
    additionalProperties: false,
  }),
  initial: { agent: 'assistant', task: 'Say hello.' },
  example: { title: 'Research', with: { agent: 'researcher', task: 'Find out what is new about {{ inputs.topic }}.' } },
});
