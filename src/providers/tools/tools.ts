/** The tools of a host, put together from where they come from. */
import { BelayError } from '../../engine/errors.ts';
import type { ToolList, Tools } from '../../engine/ports.ts';

/**
 * Several sources as one. A name `PREFIX/…` is asked of the source with this prefix, every other one of `rest` (MCP servers, whose names
 * are the user's).
 */
export function joinTools(named: ReadonlyMap<string, Tools>, rest?: Tools): Tools {
  const sourceOf = (name: string): Tools | undefined => named.get(name.slice(0, name.indexOf('/'))) ?? rest;
  return {
    async list(names, options) {
      const wanted = new Map<Tools, string[] | undefined>();
      const lists: ToolList[] = [];
      if (names === undefined) {
        for (const source of [...named.values(), ...(rest ? [rest] : [])]) wanted.set(source, undefined);
      }
      for (const name of names ?? []) {
        const source = sourceOf(name);
        if (source) wanted.set(source, [...(wanted.get(source) ?? []), name]);
        else lists.push({ tools: [], unavailable: [{ name, error: unknownTool(name) }] });
      }
      lists.push(...(await Promise.all([...wanted].map(([source, asked]) => source.list(asked, options)))));
      return { tools: lists.flatMap(({ tools }) => tools), unavailable: lists.flatMap(({ unavailable }) => unavailable) };
    },
    async call(name, args, context) {
      const source = sourceOf(name);
      if (!source) throw unknownTool(name);
      return source.call(name, args, context);
    },
  };
}

function unknownTool(name: string): BelayError {
  return new BelayError('TOOL_UNKNOWN', `There is no tool "${name}" here.`, {
    hint: 'Correct the name, or add the MCP server that has it.',
    kind: 'notFound',
    details: { tool: name },
  });
}
