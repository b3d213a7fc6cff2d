import type { JsonObject } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';
import type { NodeManifest } from '../../src/engine/format/manifest.ts';
import { outletsOf } from '../../src/engine/format/manifest.ts';
import { flowSchema, NODE_ID, nodeSchema, OUTLET } from '../../src/engine/format/model.ts';
import { RESERVED_IDS } from '../../src/engine/format/reserved.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { META_SCHEMA, toJsonSchema } from './json-schema.ts';
import { flowSnippet, nodeSnippet } from './snippets.ts';

const manifests = [...catalog.values()];
const built = manifests.filter((manifest) => manifest.built);
/** Accepted, but by a pattern: what is told as a word is offered, and nobody should choose what cannot run. */
const unbuilt = manifests.filter((manifest) => !manifest.built);

/** The schema of `*.flow.json`: completion, hovers and checks for flows that are edited as text. The parser checks more. */
export function flowJsonSchema(): JsonObject {
  const flow = toJsonSchema(flowSchema());
  const properties = objectAt(flow, 'properties');
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...flow,
    properties: {
      ...properties,
      inputs: { ...objectAt(properties, 'inputs'), additionalProperties: META_SCHEMA },
      outputs: withSchemaField(objectAt(properties, 'outputs')),
      nodes: { $ref: '#/definitions/nodes' },
    },
    defaultSnippets: [{ label: 'Belay flow', description: 'A flow with one node.', bodyText: flowSnippet() }],
    definitions: { nodes: nodesSchema(), node: nodeJsonSchema() },
  };
}

function withSchemaField(outputs: JsonObject): JsonObject {
  const output = objectAt(outputs, 'additionalProperties');
  return { ...outputs, additionalProperties: { ...output, properties: { ...objectAt(output, 'properties'), schema: META_SCHEMA } } };
}

function nodesSchema(): JsonObject {
  return {
    type: 'object',
    title: 'Nodes',
    markdownDescription: 'The steps of the flow, by id. Edges stand in the `after` of the node they lead to.',
    propertyNames: { type: 'string', pattern: NODE_ID.source, not: { enum: [...RESERVED_IDS] } },
    additionalProperties: { $ref: '#/definitions/node' },
  };
}

function nodeJsonSchema(): JsonObject {
  // Without its title: whoever looks at a node in the text would read "Node" below what Belay tells of it.
  const { title: _, ...node } = toJsonSchema(nodeSchema());
  const properties = objectAt(node, 'properties');
  // Which outlets there are depends on the source: the extension completes them, and examples would be offered beside those.
  const outlet = { type: 'string', pattern: OUTLET.source };
  return {
    ...node,
    defaultSnippets: built.map((manifest) => ({
      label: `${manifest.type} node`,
      description: manifest.description,
      bodyText: nodeSnippet(manifest),
    })),
    properties: {
      ...properties,
      type: {
        ...objectAt(properties, 'type'),
        anyOf: [
          { enum: built.map(({ type }) => type), markdownEnumDescriptions: built.map(typeDescription) },
          ...unbuilt.map(({ type }) => ({ pattern: `^${type}$` })),
        ],
      },
      after: {
        ...objectAt(properties, 'after'),
        additionalProperties: { anyOf: [outlet, { type: 'array', minItems: 1, uniqueItems: true, items: outlet }] },
      },
      output: { ...described(objectAt(properties, 'output')), ...META_SCHEMA },
    },
    allOf: manifests.map((manifest) => ({
      if: { required: ['type'], properties: { type: manifest.built ? { const: manifest.type } : { pattern: `^${manifest.type}$` } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        properties: { with: paramsSchema(manifest) },
        ...(manifest.params.safeParse({}).success ? {} : { required: ['with'] }),
      },
    })),
  };
}

function paramsSchema(manifest: NodeManifest): JsonObject {
  const params = toJsonSchema(manifest.params);
  const properties = objectAt(params, 'properties');
  const body = 'nodes' in properties ? { nodes: { $ref: '#/definitions/nodes' } } : {};
  return {
    ...params,
    title: manifest.title,
    markdownDescription: typeDescription(manifest),
    properties: { ...properties, ...body },
    examples: [manifest.example.with],
  };
}

function typeDescription(manifest: NodeManifest): string {
  const outlets = outletsOf(manifest, manifest.example.with).map((outlet) => `\`${outlet.name}\``);
  const built = manifest.built ? '' : '\n\n**Not built yet:** a flow with such a node can be edited, not run.';
  return `${manifest.description}\n\nOutlets: ${outlets.join(', ')}.${built}`;
}

function described(schema: JsonObject): JsonObject {
  return { title: schema.title ?? '', markdownDescription: schema.markdownDescription ?? '' };
}

function objectAt(schema: JsonObject, key: string): JsonObject {
  const value = schema[key];
  if (value === undefined || !isJsonObject(value)) throw new Error(`The schema has no object at "${key}".`);
  return value;
}
