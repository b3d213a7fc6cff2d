/** A flow as large as the goals for keystrokes say: prompts and templates that each read the one before. */
export function largeFlow(count: number): string {
  const nodes = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const before = `n${index - 1}`;
      const reads = index === 0 ? '{{ inputs.topic }}' : `{{ steps.${before}.output.text | default: "" }}`;
      const params = index % 3 === 0 ? { template: `Number ${index}: ${reads}` } : { prompt: `Summarise ${reads} in ${index} words.` };
      const after = index === 0 ? {} : { after: { [before]: 'success' } };
      return [`n${index}`, { type: index % 3 === 0 ? 'template' : 'prompt', title: `Node ${index}`, ...after, with: params }];
    }),
  );
  const layout = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`n${index}`, [(index % 40) * 280, Math.floor(index / 40) * 160]]),
  );
  return `${JSON.stringify({ version: 1, title: 'Large', inputs: { topic: { type: 'string' } }, nodes, layout }, null, 2)}\n`;
}
