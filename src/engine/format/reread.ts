/** Reads what has changed of a text alone, where that is the places of nodes: moving and arranging change nothing else. */
import { flowDoor } from './flow-doors.ts';
import { isJsonObject, type Json } from './json.ts';
import type { Flow } from './model.ts';

const KEY = /"layout"\s*:\s*(?=\{)/g;
/** After the last value of a document: its end. */
const END = /\}\s*$/;

/** Where the value of a `layout` at the end of a flow begins; undefined where there is none. */
function beginOfLayout(text: string): number | undefined {
  const at = text.lastIndexOf('"layout"');
  if (at < 0) return undefined;
  KEY.lastIndex = at;
  const key = KEY.exec(text);
  return key?.index === at ? at + key[0].length : undefined;
}

function layoutFrom(text: string, begin: number): Json | undefined {
  const end = END.exec(text.slice(begin));
  if (!end) return undefined;
  const value = text.slice(begin, begin + end.index);
  try {
    const layout = JSON.parse(value) as Json;
    // A key that is there twice is a problem of the document, which reading the whole of it finds.
    const keys = value.match(/"(?:[^"\\]|\\.)*"\s*:/g)?.length ?? 0;
    return isJsonObject(layout) && Object.keys(layout).length === keys ? layout : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The flow of a text that differs from an earlier one in its `layout` alone; all else of it is the earlier flow's, with its identity.
 *
 * @param before a text without a syntax problem, and the flow that was read from it
 * @returns undefined: the whole text has to be read
 */
export function rereadLayout(before: { text: string; flow: Flow }, text: string): Flow | undefined {
  const begin = beginOfLayout(before.text);
  if (begin === undefined || !before.flow.layout || !text.startsWith(before.text.slice(0, begin))) return undefined;
  if (layoutFrom(before.text, begin) === undefined) return undefined;
  const layout = layoutFrom(text, begin);
  return layout !== undefined && flowDoor('layout').surelyFits(layout) ? { ...before.flow, layout: layout as Flow['layout'] } : undefined;
}
