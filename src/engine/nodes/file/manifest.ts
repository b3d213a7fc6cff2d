import * as z from 'zod';
import { defineManifest, field, SUCCESS } from '../../format/manifest.ts';
import { firstLine } from '../summary.ts';

interface Given {
  action: string;
  content?: string | undefined;
}
const hasWhatItWrites = (it: Given): boolean => it.action === 'read' || it.content !== undefined;
const readsOnly = (it: Given): boolean => it.action !== 'read' || it.content === undefined;

const params = () =>
  z
    .strictObject({
      action: field(
        z.enum(['read', 'write', 'append']),
        { title: 'Action', description: 'Read a file, write it whole (replacing what was there), or add to its end.' },
        { kind: 'literal' },
      ),
      path: field(
        z.string().min(1),
        { title: 'Path', description: 'Relative to the flow, inside the workspace. Folders are made as needed.' },
        { kind: 'template', control: 'file', placeholder: 'out/report.md' },
      ),
      content: field(
        z.string(),
        { title: 'Content', description: 'The text to write or to add.' },
        { kind: 'template', control: 'multiline', placeholder: '{{ steps.draft.output.text }}' },
      ).optional(),
    })
    .refine(hasWhatItWrites, {
      message: '"content" is missing: the text to write',
      path: ['content'],
    })
    .refine(readsOnly, { message: 'reading takes no "content"', path: ['content'] });

export const file = defineManifest({
  type: 'file',
  title: 'File',
  description: 'Reads or writes a text file of the workspace. Writing flows, agents and settings always needs a yes.',
  icon: 'file',
  category: 'Tools',
  params,
  fits: (it) => hasWhatItWrites(it) && readsOnly(it),
  built: true,
  outlets: () => [SUCCESS],
  effect: (it) => (it.action === 'read' ? 'read' : 'write'),
  lowestEffect: (it) => (it.action === 'read' ? 'read' : 'write'),
  resultTrust: 'untrusted',
  summary: (it) => [firstLine(it.action), firstLine(it.path)].filter((part) => part !== '').join(' '),
  output: (it) =>
    it.action === 'read'
      ? {
          type: 'object',
          properties: { path: { type: 'string' }, text: { type: 'string' }, bytes: { type: 'integer' } },
          required: ['path', 'text', 'bytes'],
          additionalProperties: false,
        }
      : {
          type: 'object',
          properties: {
            path: { type: 'string', description: 'From the root of the workspace.' },
            bytes: { type: 'integer', description: 'How much was written.' },
            sha256: { type: 'string', description: 'Hash of the whole file afterwards, in hex.' },
          },
          required: ['path', 'bytes', 'sha256'],
          additionalProperties: false,
        },
  initial: { action: 'read', path: 'README.md' },
  example: { title: 'Save the report', with: { action: 'write', path: 'out/{{ inputs.name }}.md', content: '{{ inputs.report }}' } },
});
