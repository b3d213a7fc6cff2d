/** What is known of the thing at a place, as data: hosts show it in their own ways. All texts may have been written by anybody. */
import { FILTERS, FUNCTIONS, TAGS } from '../expressions/index.ts';
import { describeType, KIND, type Type, typeOfSchema, without } from '../expressions/types.ts';
import { templateBody } from '../front-matter.ts';
import { isJsonObject, type Json } from '../json.ts';
import { outletsOf } from '../manifest.ts';
import type { TextRange } from '../string-offsets.ts';
import { clip } from '../suggest.ts';
import type { FlowText } from './flow-text.ts';
import type { Thing } from './things.ts';

export interface Hover {
  range: TextRange;
  /** One line as it would be written: `steps.draft.output: an object`. */
  code: string;
  /** Plain text. */
  paragraphs: string[];
  /** The step it is about: what came of it last may be shown. */
  node?: string;
  /** A text to look into. */
  excerpt?: { text: string; language: 'plaintext' | 'json' };
}

/** So much of a file is shown. */
const EXCERPT = 400;

export function hoverOf(flow: FlowText, thing: Thing): Hover | undefined {
  const { range } = thing;
  switch (thing.is) {
    case 'node':
      return nodeHover(flow, thing.id, range);
    case 'input':
      return inputHover(flow, thing.name, range);
    case 'value':
      return valueHover(flow, thing);
    case 'outlet':
      return outletHover(flow, thing);
    case 'prompt': {
      const text = flow.reading.read(thing.path);
      if (text === undefined) return { range, code: thing.path, paragraphs: ['The file is not there.'] };
      return { range, code: thing.path, paragraphs: [], excerpt: { text: cut(templateBody(thing.path, text)), language: 'plaintext' } };
    }
    case 'flow':
      return flowHover(flow, thing.path, range);
    case 'filter': {
      const [usage, about] = FILTERS[thing.name] ?? [];
      return usage === undefined || about === undefined ? undefined : { range, code: `value | ${usage}`, paragraphs: [about] };
    }
    case 'tag': {
      const [usage, about] = TAGS[thing.name] ?? [];
      return usage === undefined || about === undefined ? undefined : { range, code: usage, paragraphs: [about] };
    }
    case 'function': {
      const found = FUNCTIONS.find(({ signature }) =>
        signature.split(/(?<=\)), /).some((one) => new RegExp(`(?:^|\\.)${thing.name}\\(`).test(one)),
      );
      return found && { range, code: found.signature, paragraphs: [found.description] };
    }
    case 'agent':
    case 'model':
    case 'tool':
      return undefined;
    default:
      return thing satisfies never;
  }
}

function nodeHover(flow: FlowText, id: string, range: TextRange): Hover | undefined {
  const node = flow.reading.node(id);
  if (!node) return undefined;
  const manifest = flow.catalog.get(node.type);
  const outlets = manifest ? outletsOf(manifest, node.with ?? {}).map(({ name }) => name) : [];
  const summary = manifest?.summary(node.with ?? {});
  return {
    range,
    code: `${id}: ${node.type}`,
    paragraphs: [
      ...(node.title === undefined ? [] : [clip(node.title)]),
      ...(summary ? [clip(summary)] : []),
      ...(manifest ? [manifest.description] : []),
      ...(outlets.length > 0 ? [`Outlets: ${outlets.join(', ')}.`] : []),
      `Gives ${typeWords(flow.reading.types.output(id))}.`,
    ],
    node: id,
  };
}

function inputHover(flow: FlowText, name: string, range: TextRange): Hover | undefined {
  const schema = flow.flow.inputs?.[name];
  if (schema === undefined) return undefined;
  const type = typeOfSchema(schema);
  const fallback = isJsonObject(schema) ? schema.default : undefined;
  return {
    range,
    code: `inputs.${name}: ${typeWords(type)}`,
    paragraphs: [
      ...about(type),
      'An input of the flow.',
      ...(fallback === undefined ? [] : [`Default: ${clip(JSON.stringify(fallback satisfies Json))}`]),
    ],
  };
}

function valueHover(flow: FlowText, { root, path, at, range }: Extract<Thing, { is: 'value' }>): Hover | undefined {
  const { reading } = flow;
  const written = [root, ...path].join('.');
  const type = reading.types.read(root, path, at);
  const [id, part] = path.map(String);
  if (root !== 'steps' || id === undefined) {
    const words = ROOTS[root];
    if (!type && words === undefined) return undefined;
    return {
      range,
      code: type && path.length > 0 ? `${written}: ${typeWords(type)}` : written,
      paragraphs: [...(type ? about(type) : []), ...(words === undefined ? [] : [words])],
    };
  }
  const node = reading.node(id);
  if (!node) return undefined;
  const from =
    part === 'output'
      ? node.output === undefined
        ? `What a step of the type "${node.type}" gives.`
        : `From the output schema of "${id}".`
      : undefined;
  return {
    range,
    code: type ? `${written}: ${typeWords(type)}` : written,
    paragraphs: [...(type ? about(type) : []), ...(from === undefined ? [] : [from])],
    node: id,
  };
}

const ROOTS: Readonly<Record<string, string>> = {
  inputs: 'What the run was started with.',
  steps: 'The steps that come before, by id.',
  trigger: 'What started the run.',
  item: 'The item whose turn it is.',
  index: 'The number of the pass, from 0.',
  previous: 'The result of the pass before; null in the first.',
  run: 'The run itself: id, flow, title, startedAt.',
  secrets: 'Put in at the last moment; never in a journal.',
};

const UNCONNECTED = {
  ends: 'Unconnected, the branch ends here.',
  fails: 'Unconnected, leaving by it is a failure.',
  rejects: 'Unconnected, the run ends as rejected.',
} as const;

function outletHover(flow: FlowText, { source, outlet, range }: Extract<Thing, { is: 'outlet' }>): Hover | undefined {
  const node = flow.reading.node(source);
  const manifest = node && flow.catalog.get(node.type);
  const spec = node && manifest && outletsOf(manifest, node.with ?? {}).find(({ name }) => name === outlet);
  return (
    spec && {
      range,
      code: `${source} → ${outlet}`,
      paragraphs: [`An outlet of "${source}" (${node.type}).`, UNCONNECTED[spec.unconnected]],
      node: source,
    }
  );
}

function flowHover(flow: FlowText, path: string, range: TextRange): Hover | undefined {
  const sub = flow.reading.subFlow(path);
  if (!sub) return undefined;
  if (!sub.found) return { range, code: path, paragraphs: ['The file is not there.'] };
  const { title, description, inputs = {}, outputs = {} } = sub.reading?.flow ?? {};
  const names = (what: string, of: object) =>
    Object.keys(of).length === 0 ? [] : [`${what}: ${Object.keys(of).slice(0, 20).join(', ')}.`];
  return {
    range,
    code: path,
    paragraphs: [
      ...[title, description].filter((text) => text !== undefined).map(clip),
      ...names('Inputs', inputs),
      ...names('Outputs', outputs),
      ...(sub.problem ? [sub.problem.message] : []),
    ],
  };
}

function about({ about: text }: Type): string[] {
  return text === undefined ? [] : [text.length > EXCERPT ? cut(text) : text];
}

function typeWords(type: Type): string {
  const known = type.kinds === KIND.null ? type : without(type, KIND.null);
  const fields = known.object?.known ?? [];
  const words = describeType(known);
  return fields.length > 0 && words === 'an object' ? `{ ${fields.slice(0, 8).join(', ')}${fields.length > 8 ? ', …' : ''} }` : words;
}

function cut(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
}
