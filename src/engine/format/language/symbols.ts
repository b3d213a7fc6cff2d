/** The outline of a flow. */
import { bodyOf, type Nodes } from '../graph.ts';
import type { JsonPath } from '../json.ts';
import { nodeAt, propertyOf } from '../json-tree.ts';
import type { TextRange } from '../string-offsets.ts';
import type { FlowText } from './flow-text.ts';

export interface FlowSymbol {
  kind: 'group' | 'input' | 'output' | 'node' | 'body';
  name: string;
  detail: string;
  /** The whole of it, and its name. */
  range: TextRange;
  nameRange: TextRange;
  children: FlowSymbol[];
}

export function symbolsOf(flow: FlowText): FlowSymbol[] {
  const { inputs = {}, outputs = {}, nodes } = flow.flow;
  return [
    ...group(
      flow,
      ['inputs'],
      Object.keys(inputs).flatMap((name) => symbol(flow, ['inputs', name], 'input', '')),
    ),
    ...nodeSymbols(flow, nodes, ['nodes']),
    ...group(
      flow,
      ['outputs'],
      Object.keys(outputs).flatMap((name) => symbol(flow, ['outputs', name], 'output', '')),
    ),
  ];
}

function nodeSymbols(flow: FlowText, nodes: Nodes, path: JsonPath): FlowSymbol[] {
  return Object.entries(nodes).flatMap(([id, node]) => {
    const at = [...path, id];
    const body = bodyOf(node);
    const children = body ? nodeSymbols(flow, body, [...at, 'with', 'nodes']) : [];
    const detail = [node.type, node.title].filter((word) => word !== undefined).join(' · ');
    return symbol(flow, at, body ? 'body' : 'node', detail, children);
  });
}

function group(flow: FlowText, path: JsonPath, children: FlowSymbol[]): FlowSymbol[] {
  return children.length === 0 ? [] : symbol(flow, path, 'group', '', children);
}

function symbol(flow: FlowText, path: JsonPath, kind: FlowSymbol['kind'], detail: string, children: FlowSymbol[] = []): FlowSymbol[] {
  const property = propertyOf(nodeAt(flow.tree.root, path.slice(0, -1)), String(path.at(-1)));
  const key = property?.children?.[0];
  if (!property || !key) return [];
  const range = { offset: property.offset, length: property.length };
  return [{ kind, name: String(path.at(-1)), detail, range, nameRange: { offset: key.offset, length: key.length }, children }];
}
