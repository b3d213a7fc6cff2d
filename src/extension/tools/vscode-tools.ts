/** The tools that VS Code knows (of extensions, and of the MCP servers that are configured there) for flows and agents: `vscode/NAME`. */
import * as vscode from 'vscode';
import { BelayError } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/format/json.ts';
import type { ImagePart, TextPart, ToolCallContext, ToolInfo, ToolList, ToolResult, Tools } from '../../engine/ports.ts';

const PREFIX = 'vscode/';
/** Flows and agents have their own ways to run flows. */
const OWN = /^belay_/;

export const vscodeTools: Tools = {
  async list(names, { signal }): Promise<ToolList> {
    signal.throwIfAborted();
    const all = vscode.lm.tools.filter(({ name }) => !OWN.test(name)).map(infoOf);
    if (names === undefined) return { tools: all, unavailable: [] };
    const wantsAll = names.includes(`${PREFIX}*`);
    const missing = names.filter((name) => name !== `${PREFIX}*` && !all.some((tool) => tool.name === name));
    return {
      tools: wantsAll ? all : all.filter(({ name }) => names.includes(name)),
      unavailable: missing.map((name) => ({ name, error: unknownTool(name) })),
    };
  },

  async call(name, args, context): Promise<ToolResult> {
    const own = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || OWN.test(own) || !vscode.lm.tools.some((tool) => tool.name === own)) throw unknownTool(name);
    return invoke(own, args, context);
  },
};

/**
 * Irreversible, whatever a tool says of itself: the run asks first and binds the yes to the arguments. VS Code asks again only about tools
 * that bring words of their own for that, which nobody can tell beforehand; a chat's token would not change it.
 */
function infoOf({ name, description, inputSchema }: vscode.LanguageModelToolInformation): ToolInfo {
  const parameters = typeof inputSchema === 'object' ? (inputSchema as JsonObject) : { type: 'object' };
  return { name: `${PREFIX}${name}`, description, parameters, effect: 'irreversible', source: 'vscode' };
}

async function invoke(name: string, input: JsonObject, { signal }: ToolCallContext): Promise<ToolResult> {
  const stop = new vscode.CancellationTokenSource();
  const onAbort = (): void => stop.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, stop.token);
    return { content: content.flatMap(partOf) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'Canceled')) throw refused(name, error);
    return { content: [{ type: 'text', text: error instanceof Error ? error.message : String(error) }], failed: true };
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop.dispose();
  }
}

function partOf(part: unknown): (TextPart | ImagePart)[] {
  if (part instanceof vscode.LanguageModelTextPart) return [{ type: 'text', text: part.value }];
  if (part instanceof vscode.LanguageModelPromptTsxPart) return [{ type: 'text', text: JSON.stringify(part.value) }];
  if (!(part instanceof vscode.LanguageModelDataPart)) return [];
  const { mimeType, data } = part;
  if (mimeType.startsWith('image/')) return [{ type: 'image', mediaType: mimeType, data: Buffer.from(data).toString('base64') }];
  return [{ type: 'text', text: new TextDecoder().decode(data) }];
}

function refused(name: string, cause: unknown): BelayError {
  return new BelayError('TOOL_REFUSED', `VS Code was not allowed to run its tool "${name}".`, {
    hint: 'Say yes when VS Code asks, or let the flow do without this tool.',
    kind: 'permission',
    cause,
  });
}

function unknownTool(name: string): BelayError {
  return new BelayError('TOOL_UNKNOWN', `VS Code has no tool "${name}".`, {
    hint: 'Correct the name, or install the extension or add the MCP server that has it.',
    kind: 'notFound',
    details: { tool: name },
  });
}
