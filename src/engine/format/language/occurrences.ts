/** Where things are declared, and where they are named. */
import { templateFiles } from '../fields.ts';
import { hintsOf } from '../hints.ts';
import type { JsonPath } from '../json.ts';
import { nodeAt, propertyOf } from '../json-tree.ts';
import { scanReferences } from '../references.ts';
import { rangeInString, type TextRange } from '../string-offsets.ts';
import type { FlowText } from './flow-text.ts';
import { inside, type Thing } from './things.ts';

/** A place in the flow itself or, with `file`, in a file that it names by this path. */
export interface Occurrence {
  range: TextRange;
  file?: string;
}

export interface NodeOccurrences {
  declared?: TextRange;
  /** In edges, the layout, expressions and prompt files. */
  named: Occurrence[];
}

/** Every place where a node's id stands. */
export function occurrencesOfNode(flow: FlowText, id: string): NodeOccurrences {
  const home = flow.reading.homeOf(id);
  const named: Occurrence[] = [];
  const key = (path: JsonPath) => keyRange(flow, [...path, id]);
  if (home) {
    for (const [target, node] of Object.entries(home.nodes)) {
      if (node.after && Object.hasOwn(node.after, id)) push(named, key([...home.path, target, 'after']));
    }
  }
  push(named, key(['layout']));
  named.push(...inExpressions(flow, id));
  const declared = home && key(home.path);
  return { named, ...(declared && { declared }) };
}

function inExpressions(flow: FlowText, id: string): Occurrence[] {
  const files = new Set<string>();
  return flow.reading.expressions.flatMap(({ path, text, kind, file }): Occurrence[] => {
    const found = scanReferences(text, kind).filter((it) => it.id === id);
    if (file) {
      // Several nodes may name one file.
      if (files.has(file.name)) return [];
      files.add(file.name);
      return found.map(({ offset, length }) => ({ file: file.name, range: { offset: offset + file.skipped, length } }));
    }
    const string = nodeAt(flow.tree.root, path);
    return string?.type === 'string' ? found.map((it) => ({ range: rangeInString(flow.text, string, it) })) : [];
  });
}

/** Every place where an input is named; its declaration is its key in `inputs`. */
export function occurrencesOfInput(flow: FlowText, name: string): Occurrence[] {
  return flow.reading.expressions.flatMap(({ path, references, file }): Occurrence[] => {
    const found = references
      .filter((it) => it.root === 'inputs' && it.path[0] === name && it.idLength > 0)
      .map(({ idOffset, idLength }) => ({ offset: idOffset, length: idLength }));
    if (file) return found.map(({ offset, length }) => ({ file: file.name, range: { offset: offset + file.skipped, length } }));
    const string = nodeAt(flow.tree.root, path);
    return string?.type === 'string' ? found.map((it) => ({ range: rangeInString(flow.text, string, it) })) : [];
  });
}

/** Where a case of a branch has its name, and every edge that leaves by it; without the word before the name. */
export function occurrencesOfCase(flow: FlowText, source: string, outlet: string): NodeOccurrences {
  const home = flow.reading.homeOf(source);
  const declared = caseDeclaration(flow, source, outlet);
  const named = Object.keys(home?.nodes ?? {}).flatMap((target): Occurrence[] => {
    const outlets = nodeAt(flow.tree.root, [...(home?.path ?? []), target, 'after', source]);
    const strings = outlets?.type === 'array' ? (outlets.children ?? []) : outlets ? [outlets] : [];
    return strings
      .filter((it) => it.type === 'string' && it.value === outlet)
      .map((it) => {
        const name = outlet.slice(outlet.indexOf(':') + 1);
        return { range: { offset: it.offset + it.length - 1 - name.length, length: name.length } };
      });
  });
  return { named, ...(declared && { declared }) };
}

/** A file or an agent that a node names. */
export interface Use {
  is: 'prompt' | 'flow' | 'agent';
  /** The path as it is written, or the name of the agent. */
  name: string;
  node: string;
  /** Of the string, from the root of the document. */
  path: JsonPath;
}

export function usesOf(flow: FlowText): Use[] {
  return flow.reading.scopes.flatMap((scope) =>
    Object.entries(scope.nodes).flatMap(([id, { type, with: params = {} }]) => {
      const manifest = flow.catalog.get(type);
      if (!manifest) return [];
      const at = (key: string) => [...scope.path, id, 'with', key];
      const prompts = templateFiles(manifest, params).map(
        ({ path: [key], file }): Use => ({ is: 'prompt', name: file, node: id, path: at(String(key)) }),
      );
      const others = Object.entries(hintsOf(manifest)).flatMap(([key, hint]): Use[] => {
        const name = params[key];
        if (typeof name !== 'string') return [];
        if (hint.control === 'flow') return [{ is: 'flow', name, node: id, path: at(key) }];
        return hint.names === 'agent' ? [{ is: 'agent', name, node: id, path: at(key) }] : [];
      });
      return [...prompts, ...others];
    }),
  );
}

/** Where the string of a use stands, without its quotes. */
export function rangeOfUse(flow: FlowText, { path }: Use): TextRange | undefined {
  const string = nodeAt(flow.tree.root, path);
  return string?.type === 'string' ? inside(string) : undefined;
}

/** Where what a thing refers to is declared in the flow; undefined: nowhere in it. */
export function declarationOf(flow: FlowText, thing: Thing): TextRange | undefined {
  if (thing.is === 'node') return occurrencesOfNode(flow, thing.id).declared;
  if (thing.is === 'input') return keyRange(flow, ['inputs', thing.name]);
  if (thing.is === 'outlet') return outletDeclaration(flow, thing.source, thing.outlet);
  if (thing.is !== 'value') return undefined;
  const { root, path } = thing;
  const [first, ...rest] = path.map(String);
  if (first === undefined) return undefined;
  if (root === 'inputs') return propertyIn(flow, ['inputs', first], rest) ?? keyRange(flow, ['inputs', first]);
  if (root !== 'steps') return undefined;
  const home = flow.reading.homeOf(first);
  if (!home) return undefined;
  const schema = rest[0] === 'output' ? propertyIn(flow, [...home.path, first, 'output'], rest.slice(1)) : undefined;
  return schema ?? keyRange(flow, [...home.path, first]);
}

/** The name of the case, or the node. */
function outletDeclaration(flow: FlowText, source: string, outlet: string): TextRange | undefined {
  const home = flow.reading.homeOf(source);
  return home && (caseDeclaration(flow, source, outlet) ?? keyRange(flow, [...home.path, source]));
}

function caseDeclaration(flow: FlowText, source: string, outlet: string): TextRange | undefined {
  const home = flow.reading.homeOf(source);
  const name = /^case:(.*)$/.exec(outlet)?.[1];
  const cases = home && name !== undefined ? nodeAt(flow.tree.root, [...home.path, source, 'with', 'cases']) : undefined;
  const found = cases?.children?.map((_, index) => nodeAt(cases, [index, 'name'])).find((node) => node?.value === name);
  return found && inside(found);
}

/** The key of the deepest property of a schema that a path leads to. */
function propertyIn(flow: FlowText, schema: JsonPath, path: readonly string[]): TextRange | undefined {
  let at: JsonPath = schema;
  let found: TextRange | undefined;
  for (const step of path) {
    if (/^\d+$/.test(step) || step === 'first' || step === 'last') at = [...at, 'items'];
    else {
      found = keyRange(flow, [...at, 'properties', step]) ?? found;
      at = [...at, 'properties', step];
    }
  }
  return found;
}

/** Of the key of a property, without its quotes. */
export function keyRange(flow: FlowText, path: JsonPath): TextRange | undefined {
  const key = propertyOf(nodeAt(flow.tree.root, path.slice(0, -1)), String(path.at(-1)))?.children?.[0];
  return key && inside(key);
}

function push(list: Occurrence[], range: TextRange | undefined): void {
  if (range) list.push({ range });
}
