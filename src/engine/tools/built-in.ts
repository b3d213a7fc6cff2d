/** The tools that Belay has itself. */
import { commandTool } from './command-tool.ts';
import { editTool, listTool, readTool, writeTool } from './file-tools.ts';
import { searchTool } from './search-tool.ts';
import type { BuiltInTool } from './tool.ts';
import { getTool, requestTool } from './web-tools.ts';

export const builtInTools: ReadonlyMap<string, BuiltInTool> = new Map(
  [readTool, listTool, searchTool, editTool, writeTool, commandTool, getTool, requestTool].map((tool) => [tool.info.name, tool]),
);
