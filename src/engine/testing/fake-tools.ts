/** Tools of a host that a test says all about. */
import { BelayError } from '../errors.ts';
import type { JsonObject } from '../format/json.ts';
import type { ToolCallContext, ToolInfo, ToolResult, Tools } from '../ports.ts';

export interface FakeTool extends Partial<Omit<ToolInfo, 'name'>> {
  run?(args: JsonObject, context: ToolCallContext): ToolResult | Promise<ToolResult>;
}

/** By name. `calls`: what was called, in order. */
export function fakeTools(tools: Record<string, FakeTool> = {}, calls: { name: string; args: JsonObject }[] = []): Tools {
  const infos = Object.entries(tools).map(
    ([name, { run: _run, ...info }]): ToolInfo => ({
      name,
      description: name,
      parameters: { type: 'object' },
      effect: 'irreversible',
      source: 'mcp',
      ...info,
    }),
  );
  const unknown = (name: string) => new BelayError('TOOL_UNKNOWN', `There is no tool "${name}".`, { hint: 'x', kind: 'notFound' });
  const matching = (name: string) =>
    infos.filter((info) => info.name === name || (name.endsWith('/*') && info.name.startsWith(name.slice(0, -1))));
  return {
    async list(names) {
      if (names === undefined) return { tools: infos, unavailable: [] };
      return {
        tools: names.flatMap(matching),
        unavailable: names.flatMap((name) => (matching(name).length === 0 ? [{ name, error: unknown(name) }] : [])),
      };
    },
    async call(name, args, context) {
      const tool = tools[name];
      if (!tool) throw unknown(name);
      calls.push({ name, args });
      return (await tool.run?.(args, context)) ?? { content: [] };
    },
  };
}
