/**
 * The types of format 1 that this version cannot run yet. Their grammar is fixed here, so that flows that use them parse,
 * are drawn and keep their meaning; `built: false` makes the parser say that they cannot be run.
 */
import * as z from 'zod';
import type { NodeManifest } from '../format/manifest.ts';
import { defineManifest, field, SUCCESS } from '../format/manifest.ts';
import { firstLine } from './summary.ts';

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
export const planned: readonly NodeManifest[] = [notify];
