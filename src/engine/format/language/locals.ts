/** Names that an expression itself gives to values, and what those are: of what is written in front of a place in it. */
import type { ExpressionKind } from '../references.ts';

/** `item`: it is an item of what the path leads to. `value`: it is that itself. Without a path it may be anything. */
export interface Local {
  name: string;
  is: 'item' | 'value';
  path?: readonly (string | number)[];
}

const PATH = String.raw`([A-Za-z_]\w*(?:\.\w+|\[\d+\])*)`;
const TEMPLATE = new RegExp(
  String.raw`\{%-?\s{0,9}(?:(for|tablerow)\s{1,9}(\w+)\s{1,9}in\s{1,9}${PATH}?|(assign)\s{1,9}(\w+)\s{0,9}=\s{0,9}(?:${PATH}\s{0,9}-?%\})?|capture\s{1,9}(\w+))`,
  'g',
);
const CONDITION = new RegExp(
  String.raw`(?:${PATH}|[)\]])\.(?:all|exists|exists_one|map|filter)\(\s{0,9}(\w+)\s{0,9},|cel\.bind\(\s{0,9}(\w+)\s{0,9},\s{0,9}(?:${PATH}\s{0,9},)?`,
  'g',
);

/** The later ones first: they hide earlier ones of the same name. What has been closed again is offered too, which does little harm. */
export function localsBefore(text: string, offset: number, kind: ExpressionKind): Local[] {
  const before = text.slice(0, offset);
  const found =
    kind === 'template' ? [...before.matchAll(TEMPLATE)].flatMap(fromTemplate) : [...before.matchAll(CONDITION)].map(fromCondition);
  return found.toReversed();
}

function fromTemplate([, loop, item = '', list, assign, name = '', value, captured = '']: RegExpExecArray): Local[] {
  if (loop !== undefined) return [local(item, 'item', list), { name: 'forloop', is: 'value' }];
  return [assign === undefined ? local(captured, 'value', undefined) : local(name, 'value', value)];
}

function fromCondition([, list, item, bound = '', value]: RegExpExecArray): Local {
  return item === undefined ? local(bound, 'value', value) : local(item, 'item', list);
}

function local(name: string, is: Local['is'], written: string | undefined): Local {
  const path = written
    ?.split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { name, is, ...(path && { path }) };
}
