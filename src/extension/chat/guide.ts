/** What a model is told so that it can write flows: made from the manifests, so that it knows every type of this version and no other. */
import { bodyOf } from '../../engine/format/graph.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/format/json.ts';
import { HINT, type NodeCatalog, type NodeManifest, outletsOf } from '../../engine/format/manifest.ts';

/** The shape of a flow and its rules, in the fewest words that make drafts lint clean. `guide.test.ts` holds the example to the linter. */
const FORMAT = `A flow is one JSON object:
{ "version": 1, "title", "description", "inputs": { NAME: JSON Schema with "title" and mostly a "default" }, "outputs": { NAME: { "value": { "$expr": CEL } } }, "nodes": { ID: NODE } }
A node: { "type", "title", "after": { ID_OF_EARLIER_NODE: OUTLET or [OUTLETS] }, "with": { what belongs to its type } }
and where needed: "join": "all" (default) | "any" | { "atLeast": n }; "retry": { "attempts": 3 }; "timeout": "30s"; "output": JSON Schema of the result (a prompt then gives the parsed object instead of text and model); "gate": true (a person says yes first).

Rules
- Ids: a small letter, then letters, digits, _ (draftReply). Unique in the whole flow. Words of expressions (in, size, first, last, loop, item, inputs, true, null) are no ids.
- Edges stand on the node they lead to, as "after". No circles: to repeat, use loop or each, whose "with.nodes" is a body of its own; no "after" crosses its border.
- A node without "after" starts at once. A node may read steps.ID.output only of nodes before it (its "after", and theirs). Reading makes no edge.
- How a field is read: template is Liquid, "{{ inputs.name }}", "{{ steps.ID.output.FIELD }}"; condition is CEL, "inputs.n > 3"; value is JSON in which { "$expr": "CEL" } is computed; literal stands as it is.
- Where a step may have been skipped (another branch was taken), give a default: {{ steps.a.output.text | default: "" }}, in CEL first(steps.a.output.text, "").
- CEL has size(x), x.contains(y), x.startsWith(y), x.filter(it, …), x.map(it, …), has(x.y), string(x), first(a, b).
- Every node has the outlet failure. If nothing handles it, the run fails with the cause, which is mostly right.
- validate: connect valid, and invalid where something else is to be done. approval: connect approved; rejected may stay open. loop: connect success, and exhausted.
- Whatever writes, sends, pays, deletes or runs a program on data of a model, a page or a file comes after an approval that shows that data.
- Name no model, no secret, no layout.`;

export const EXAMPLE: JsonObject = {
  version: 1,
  title: 'Answer a letter',
  description: 'Reads a letter, drafts an answer, and writes it down once a person has agreed.',
  inputs: { letter: { type: 'string', title: 'Letter', description: 'Path of the text file.', default: 'letter.txt' } },
  outputs: { answer: { value: { $expr: 'steps.draft.output.text' } } },
  nodes: {
    read: { type: 'file', title: 'Read the letter', with: { action: 'read', path: '{{ inputs.letter }}' } },
    draft: {
      type: 'prompt',
      title: 'Draft an answer',
      after: { read: 'success' },
      retry: { attempts: 3 },
      with: { prompt: 'Answer this letter politely, in at most ten sentences:\n\n{{ steps.read.output.text }}' },
    },
    agree: {
      type: 'approval',
      title: 'Send this answer?',
      after: { draft: 'success' },
      with: { message: 'Write down this answer?', show: { $expr: 'steps.draft.output.text' } },
    },
    save: {
      type: 'file',
      title: 'Write it down',
      after: { agree: 'approved' },
      with: { action: 'write', path: 'out/answer.md', content: '{{ steps.draft.output.text }}' },
    },
  },
};

/** @param params of each type: the generated JSON Schemas. */
export function flowGuide(catalog: NodeCatalog, params: Readonly<Record<string, unknown>>): string {
  const types = [...catalog.values()].filter(({ built }) => built);
  return [
    FORMAT,
    `An example:\n${JSON.stringify(EXAMPLE)}`,
    'Node types, with the fields of "with" (* is required; some need one of several), the outlets besides failure, and steps.ID.output:',
    ...types.map((manifest) => describeType(manifest, params[manifest.type])),
  ].join('\n\n');
}

function describeType(manifest: NodeManifest, params: unknown): string {
  const { type, description, example } = manifest;
  const outlets = outletsOf(manifest, example.with)
    .map(({ name }) => name)
    .filter((name) => name !== 'failure');
  return [
    `## ${type}: ${description} [${manifest.effect(example.with)}]`,
    ...fieldsOf(params),
    `outlets: ${outlets.join(', ') || 'none'}; output: ${resultOf(manifest, params)}`,
    `example: ${JSON.stringify(bodyOf({ type, with: example.with }) ? { with: example.with } : example.with)}`,
  ].join('\n');
}

/** Of a type that does one of several things, by what it does: `{ text: string } (action read)`. */
function resultOf({ output, example }: NodeManifest, params: unknown): string {
  const usual = shortOf(output(example.with) as Json);
  const fields = isJsonObject(params) && isJsonObject(params.properties) ? Object.entries(params.properties) : [];
  const others = fields.flatMap(([name, schema]) => {
    const values = isJsonObject(schema) && Array.isArray(schema.enum) ? schema.enum : [];
    return values.map((value) => ({ what: `${name} ${value}`, result: shortOf(output({ ...example.with, [name]: value }) as Json) }));
  });
  const differing = [...new Set(others.map(({ result }) => result))].filter((result) => result !== usual);
  const whats = (result: string) => others.filter((other) => other.result === result).map(({ what }) => what);
  return [usual, ...differing.map((result) => `${result} (${whats(result).join(', ')})`)].join('; ');
}

function fieldsOf(params: unknown): string[] {
  if (!isJsonObject(params) || !isJsonObject(params.properties)) return [];
  const required = Array.isArray(params.required) ? params.required : [];
  return Object.entries(params.properties).flatMap(([name, schema]) => {
    if (!isJsonObject(schema)) return [];
    const hint = isJsonObject(schema[HINT]) ? schema[HINT] : {};
    if (hint.advanced === true) return [];
    const kind = typeof hint.kind === 'string' ? hint.kind : 'value';
    const about = typeof schema.description === 'string' ? firstSentence(schema.description) : '';
    return [`- ${name}${required.includes(name) ? '*' : ''} (${kind}${choices(schema)}): ${about}`];
  });
}

function choices(schema: JsonObject): string {
  if (Array.isArray(schema.enum)) return `, ${schema.enum.map((it) => JSON.stringify(it)).join(' | ')}`;
  return typeof schema.type === 'string' && schema.type !== 'string' ? `, ${schema.type}` : '';
}

function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}

/** A JSON Schema in a few signs: `{ text: string, model: string }`. */
function shortOf(schema: Json, depth = 0): string {
  if (!isJsonObject(schema)) return 'any';
  const hint = isJsonObject(schema[HINT]) ? schema[HINT] : {};
  if (typeof hint.from === 'string') return `the value of "${hint.from}"`;
  if (typeof hint.flow === 'string') return "that flow's outputs";
  if (isJsonObject(schema.properties) && depth < 2) {
    const fields = Object.entries(schema.properties).map(([name, it]) => `${name}: ${shortOf(it, depth + 1)}`);
    return `{ ${fields.join(', ')} }`;
  }
  if (schema.type === 'array') return `list of ${shortOf(schema.items ?? {}, depth + 1)}`;
  return typeof schema.type === 'string' ? schema.type : Array.isArray(schema.type) ? schema.type.join('|') : 'any';
}
