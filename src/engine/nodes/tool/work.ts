/** One call of one tool, behind the executor: most flows have none, and need not read any of this. */
import type { Json, JsonObject } from '../../format/json.ts';
import { isJsonObject } from '../../format/json.ts';
import type { Effect } from '../../format/model.ts';
import { imagesOf, parseJson, textOf } from '../../messages.ts';
import type { EnginePorts, ToolResult } from '../../ports.ts';
import { builtInTools } from '../../tools/built-in.ts';
import { callTool } from '../../tools/call.ts';
import { findTool } from '../../tools/registry.ts';
import type { NodeContext, NodeResult } from '../executor.ts';
import { text } from '../params.ts';
import { tool } from './manifest.ts';

/** A write into what is protected is worse than others. Arguments without a path fail later, where it is said why. */
export async function effectOfCall(params: JsonObject, ports: EnginePorts): Promise<Effect> {
  const name = text(params.tool, 'tool');
  const own = builtInTools.get(name);
  const args = argumentsOf(params);
  if (own?.effect && typeof args.path === 'string') return own.effect(args, ports);
  return tool.effect(params);
}

export async function runTool(params: JsonObject, context: NodeContext): Promise<NodeResult> {
  const found = await findTool(text(params.tool, 'tool'), 'tools', context);
  const { title, trust } = context;
  const result = await callTool({ tool: found, args: argumentsOf(params), step: 'call', title, trust, failing: true, pass: 0 }, context);
  return { outlet: 'success', output: outputOf(result, context.outputSchema !== undefined) };
}

function argumentsOf(params: JsonObject): JsonObject {
  return params.arguments !== undefined && isJsonObject(params.arguments) ? params.arguments : {};
}

/** The data where there is any. A text that is JSON is data where the flow asks for data. */
function outputOf({ content, structured }: ToolResult, wantsData: boolean): Json {
  if (structured !== undefined) return structured;
  const said = textOf({ content });
  const data = wantsData ? parseJson(said) : undefined;
  if (data !== undefined) return data;
  const images = imagesOf({ content }).map(({ mediaType, data: bytes }) => ({ mediaType, data: bytes }));
  return { text: said, ...(images.length === 0 ? {} : { images }) };
}
