/** The one place where tools are looked up by name: built in, flows, and what the host has (MCP servers, VS Code). */
import { BelayError } from '../errors.ts';
import { fromRoot } from '../format/file-paths.ts';
import type { JsonObject, JsonSchema } from '../format/json.ts';
import { hasDefault, isJsonObject } from '../format/json.ts';
import { FLOW_TOOL, isBuiltIn } from '../format/tool-names.ts';
import { parseJson } from '../messages.ts';
import type { NodeContext } from '../nodes/executor.ts';
import type { ToolInfo, ToolScope } from '../ports.ts';
import { builtInTools } from './built-in.ts';
import { safeSchema } from './safe-schema.ts';

/** Of a schema from outside as JSON, in characters. */
const MOST_OF_SCHEMA = 100_000;

export interface FoundTools {
  tools: ToolInfo[];
  /** What is not there, why, and what to do about it. */
  unavailable: { name: string; why: string; hint: string }[];
}

/** For whom tools of the host are looked up and called. */
export function scopeOf({ flowPath, mcpServers }: Pick<NodeContext, 'flowPath' | 'mcpServers'>): ToolScope {
  return { flow: flowPath, ...(mcpServers === undefined ? {} : { servers: mcpServers }) };
}

/**
 * The tools of these names (groups already taken apart). What the host answers is recorded: a run that is resumed goes on with the
 * tools that it had. This is the door for schemas from outside: behind it they are safe to compile and to check by.
 *
 * @param step unique in the node.
 */
export async function findTools(names: readonly string[], step: string, context: NodeContext): Promise<FoundTools> {
  const found: FoundTools = { tools: [], unavailable: [] };
  const ofHost: string[] = [];
  for (const name of names) {
    const own = builtInTools.get(name);
    if (own) found.tools.push(own.info);
    else if (name.startsWith(FLOW_TOOL)) found.tools.push(flowTool(name, context));
    else ofHost.push(name);
  }
  if (ofHost.length === 0) return found;
  const listed = await context.step<JsonObject>(step, { effect: 'read', args: { tools: ofHost }, own: true }, async ({ signal }) => {
    const { tools, unavailable } = await context.ports.tools.list(ofHost, { scope: scopeOf(context), signal });
    const answer: FoundTools = {
      tools: [],
      unavailable: unavailable.map(({ name, error: { message, hint } }) => ({ name, why: message, hint })),
    };
    // Nobody but Belay gives tools of these names, or a server could stand in for one.
    for (const tool of tools.filter(({ name }) => !isBuiltIn(name) && !name.startsWith(FLOW_TOOL))) {
      const safe = withSafeSchemas(tool);
      if (safe) answer.tools.push(safe);
      else
        answer.unavailable.push({
          name: tool.name,
          why: 'Its schema is none, or too large.',
          hint: 'Whoever makes the tool has to correct it.',
        });
    }
    return answer as unknown as JsonObject;
  });
  const { tools, unavailable } = listed as unknown as FoundTools;
  return { tools: [...found.tools, ...tools], unavailable };
}

/** The one tool. Throws `TOOL_UNKNOWN`, `TOOL_UNAVAILABLE`. */
export async function findTool(name: string, step: string, context: NodeContext): Promise<ToolInfo> {
  const { tools, unavailable } = await findTools([name], step, context);
  const tool = tools.find((it) => it.name === name);
  if (tool) return tool;
  const [missing] = unavailable;
  throw new BelayError('TOOL_UNAVAILABLE', `The tool "${name}" is not there${missing ? `: ${missing.why}` : '.'}`, {
    hint: missing?.hint ?? 'Correct the name, or add the MCP server that has it.',
    kind: 'notFound',
    details: { tool: name },
  });
}

/** Undefined: it cannot be used. */
function withSafeSchemas(tool: ToolInfo): ToolInfo | undefined {
  const parameters = safeSchema(tool.parameters, MOST_OF_SCHEMA);
  if (parameters === undefined) return undefined;
  if (tool.output === undefined) return { ...tool, parameters };
  const output = safeSchema(tool.output, MOST_OF_SCHEMA);
  return output === undefined ? undefined : { ...tool, parameters, output };
}

/** The frozen flow of a tool's name. */
export function flowOf(name: string): string {
  return fromRoot(name.slice(FLOW_TOOL.length));
}

function flowTool(name: string, context: NodeContext): ToolInfo {
  const text = context.bundled(flowOf(name));
  const flow = text === undefined ? undefined : parseJson(text);
  if (flow === undefined || !isJsonObject(flow)) {
    throw new BelayError('TOOL_UNKNOWN', `There is no flow for the tool "${name}".`, {
      hint: 'The path after "flow/" starts at the workspace: flow/flows/triage.flow.json.',
      kind: 'notFound',
      details: { tool: name },
    });
  }
  const title = typeof flow.title === 'string' ? flow.title : name.slice(FLOW_TOOL.length);
  return {
    name,
    title,
    description: typeof flow.description === 'string' ? flow.description : title,
    parameters: inputsSchema(isJsonObject(flow.inputs) ? flow.inputs : {}),
    // Each of its steps is asked about by itself.
    effect: 'none',
    source: 'flow',
  };
}

function inputsSchema(inputs: JsonObject): JsonSchema {
  const required = Object.entries(inputs).flatMap(([name, schema]) => (hasDefault(schema) ? [] : [name]));
  return { type: 'object', properties: inputs, required, additionalProperties: false };
}
