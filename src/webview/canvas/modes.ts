import type { RunMode } from '../../engine/run/events.ts';

/** Where replies come from, as it is said everywhere in the editor. */
export const MODES: { readonly [M in RunMode]: { label: string; icon: string; tip: string } } = {
  live: { label: 'Live model', icon: 'broadcast', tip: 'Prompts are sent to a model.' },
  recorded: { label: 'Recorded replies', icon: 'history', tip: 'Prompts are answered from recordings. No model is called.' },
  recordMissing: {
    label: 'Recorded replies, missing ones live',
    icon: 'record-small',
    tip: 'Prompts are answered from recordings; what is not in them is sent to a model and recorded.',
  },
  record: { label: 'Live model, recording', icon: 'record', tip: 'Prompts are sent to a model, and its replies are recorded.' },
  byHand: { label: 'By hand', icon: 'person', tip: 'A person answers the prompts.' },
};
