/** Documents with a `¦` where the cursor stands, for tables of tests. */
import { catalog } from '../../nodes/catalog.ts';
import { FlowText } from './flow-text.ts';

export function marked(text: string): { text: string; offset: number } {
  const offset = text.indexOf('¦');
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset };
}

/** Files beside the flow, by path. */
export function readFlowText(text: string, files: Readonly<Record<string, string>> = {}): FlowText {
  const flow = FlowText.read(text, catalog, { readPrompt: (path) => files[path], self: 'self.flow.json' });
  if (!flow) throw new Error('the text cannot be read');
  return flow;
}
