/** The flows of a root as tools for MCP clients: what each is called, what it takes and what it gives. */
import { globSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { JsonObject } from '../../engine/format/json.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import type { Flow } from '../../engine/format/model.ts';
import { parseFlow } from '../../engine/format/parse.ts';
import { catalog } from '../../engine/nodes/catalog.ts';
import { sha256 } from '../../engine/policy/hash.ts';
import { readFlowFile } from '../flow-file.ts';
import { missingInputs } from '../inputs.ts';

/** Folders in which nobody keeps flows of their own. */
const SKIPPED = new Set(['node_modules', '.git', '.belay']);
const MOST_FLOWS = 500;
const MOST_NAME = 64;

export interface FlowTool {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonObject;
  outputSchema: JsonObject;
  /** Relative to the root, with forward slashes. */
  path: string;
  /** Absolute: where the flow's own paths start. */
  folder: string;
  text: string;
  flow: Flow;
}

/** Read anew at each call, so that what is edited is what is offered. Flows with errors are left out: they could not be run. */
export function flowTools(root: string): FlowTool[] {
  const files = globSync('**/*.flow.json', { cwd: root, withFileTypes: true, exclude: (entry) => SKIPPED.has(entry.name) })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .slice(0, MOST_FLOWS);
  const tools = files.flatMap((file) => toolOf(root, file) ?? []);
  const names = new Map<string, number>();
  for (const { name } of tools) names.set(name, (names.get(name) ?? 0) + 1);
  return tools.map((tool) => (names.get(tool.name) === 1 ? tool : { ...tool, name: distinct(tool) }));
}

function toolOf(root: string, file: string): FlowTool | undefined {
  const { text } = readFlowFile(root, file);
  const { flow, problems } = parseFlow(text, catalog);
  if (!flow || problems.some(({ severity }) => severity === 'error')) return undefined;
  const path = relative(root, file).split(sep).join('/');
  const title = flow.title ?? path;
  return {
    name: nameOf(path),
    title,
    description: [`Runs the Belay flow "${title}" (${path}).`, flow.description ?? ''].join('\n').trim(),
    inputSchema: inputSchema(flow),
    outputSchema: outputSchema(flow),
    path,
    folder: dirname(file),
    text,
    flow,
  };
}

/** `reports/daily.flow.json` is `reports_daily`: the whole path, so that a new file does not rename the tools that there are. */
function nameOf(path: string): string {
  const name = path.replace(/\.flow\.json$/, '').replace(/[^A-Za-z0-9_-]+/g, '_');
  return name.length <= MOST_NAME ? name : `${name.slice(0, MOST_NAME - 9)}_${hashOf(path)}`;
}

/** For paths that differ only in signs that a name cannot have. */
function distinct({ name, path }: FlowTool): string {
  return `${name.slice(0, MOST_NAME - 9)}_${hashOf(path)}`;
}

function hashOf(path: string): string {
  return sha256(path).slice(0, 8);
}

function inputSchema({ inputs = {} }: Flow): JsonObject {
  const required = missingInputs(inputs, {}).map(([name]) => name);
  // A client may want an object where a flow says "anything".
  const properties = Object.fromEntries(Object.entries(inputs).map(([name, schema]) => [name, schema === true ? {} : schema]));
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
}

function outputSchema({ outputs = {} }: Flow): JsonObject {
  const properties = Object.fromEntries(Object.entries(outputs).map(([name, { schema }]) => [name, isJsonObject(schema) ? schema : {}]));
  return {
    type: 'object',
    properties: {
      run: { type: 'string', description: 'The id of the run.' },
      status: { type: 'string', enum: ['succeeded', 'parked', 'rejected', 'cancelled', 'failed'] },
      outputs: { type: 'object', properties, description: 'What the flow gave, where it succeeded.' },
      waiting: { type: 'array', items: { type: 'string' }, description: 'What a parked run waits for.' },
    },
    required: ['run', 'status'],
  };
}
