import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import type { NodeManifest } from '../../src/engine/format/manifest.ts';
import { FORMAT_VERSION } from '../../src/engine/format/model.ts';
import { reservedReason } from '../../src/engine/format/reserved.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';

/** VS Code knows snippets by language only; since this can be said, one of ours is offered in flows alone, no longer in every JSON file. */
const include = ['*.flow.json'];

/** Snippets for flows that are edited as text: one for a new flow, one for each type of node. */
export function snippets(): JsonObject {
  const nodes = [...catalog.values()].filter((manifest) => manifest.built);
  return {
    'Belay: flow': { prefix: 'belay flow', description: 'A new flow with one node.', include, body: flowSnippet().split('\n') },
    ...Object.fromEntries(
      nodes.map((manifest) => [
        `Belay: ${manifest.type} node`,
        {
          prefix: `belay ${manifest.type}`,
          description: manifest.description,
          include,
          body: `"\${1:${idFor(manifest.type)}}": ${nodeSnippet(manifest)}`.split('\n'),
        },
      ]),
    ),
  };
}

/** Some types are called by words that mean something else in expressions. */
function idFor(type: string): string {
  return reservedReason(type) ? `${type}Step` : type;
}

/** A new flow as the text of a snippet. */
export function flowSnippet(): string {
  const flow = {
    version: FORMAT_VERSION,
    title: stop(1, 'My flow'),
    inputs: { name: { type: 'string', title: 'Name', default: 'world' } },
    nodes: { greet: { type: 'template', title: 'Greet', with: { template: 'Hello {{ inputs.name }}!' } } },
    layout: { greet: [0, 0] },
  };
  return `${snippetText(flow)}\n`;
}

/** A node (without its id) as the text of a snippet. */
export function nodeSnippet(manifest: NodeManifest): string {
  const { title, with: params, ...rest } = manifest.example;
  return snippetText({ type: manifest.type, title: stop(2, title), ...(rest as JsonObject), with: params });
}

/** Stands for a tab stop until the text around it is escaped. */
const stop = (index: number, text: string) => `\u0001${index}:${text}\u0002`;

/** Indented by tabs, which the editor turns into its own indentation; short lists and objects on one line. */
function snippetText(value: Json): string {
  return written(value, '')
    .replace(/[\\$]/g, '\\$&')
    .replace(/\\\\u0001(\d):(.*?)\\\\u0002/g, (_, index: string, text: string) => `\${${index}:${text.replaceAll('}', '\\}')}}`);
}

function written(value: Json, indent: string): string {
  const text = JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return text;
  const inner = `${indent}\t`;
  const short = text.length <= 72 && !Object.values(value).some((entry) => typeof entry === 'object' && entry !== null);
  const entries = Array.isArray(value)
    ? value.map((entry) => written(entry, inner))
    : Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${written(entry, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return open + close;
  if (short) return Array.isArray(value) ? `[${entries.join(', ')}]` : `{ ${entries.join(', ')} }`;
  return `${open}\n${entries.map((entry) => inner + entry).join(',\n')}\n${indent}${close}`;
}
