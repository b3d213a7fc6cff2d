import { type Context, type FilterImplOptions, filters, type Liquid } from 'liquidjs';
import type { Json } from '../json.ts';

/**
 * Filters of LiquidJS that are not offered: `*_exp` evaluate text as code, so that references in them could not be seen;
 * `push` and `unshift` nest a list in itself, by which a few bytes of template describe more data than any memory holds;
 * `sample` and `now` below would make a resumed run differ from the one it goes on with; the hashes differ from browser to Node.
 */
const DROPPED = [
  ...['where_exp', 'reject_exp', 'group_by_exp', 'has_exp', 'find_exp', 'find_index_exp'],
  ...['push', 'unshift', 'sample', 'strip_html', 'sha256', 'hmac_sha256'],
];

/** Filters whose first argument names a property and is parsed as code. */
const BY_PROPERTY = ['where', 'reject', 'group_by', 'has', 'find', 'find_index'];
const PROPERTY = /^[\w.\-[\]'"]*$/;

const DATES = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'];

/** A filter put around the bounds of every range (liquid-ranges in liquid.ts). No template can name it. */
export const RANGE_BOUND = ' range bound';

interface FilterThis {
  context: Context;
  liquid: Liquid;
}
type Handler = (this: FilterThis, ...args: unknown[]) => unknown;

function handlerOf(filter: FilterImplOptions | undefined): Handler {
  const handler = typeof filter === 'function' ? filter : filter?.handler;
  if (!handler) throw new Error('LiquidJS lacks a filter that Belay adapts');
  return handler as Handler;
}

/** Charges the memory limit with everything a value holds, before somebody turns it into text or multiplies it. */
export function weigh(value: unknown, context: Context): void {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    context.memoryLimit.use(typeof next === 'string' ? next.length + 2 : 4);
    if (typeof next === 'object' && next !== null) for (const inner of Object.values(next)) open.push(inner);
  }
}

/** Makes the filters of `liquid` deterministic, bounded and analysable. */
export function adaptFilters(liquid: Liquid): void {
  for (const name of DROPPED) liquid.unregisterFilter(name);

  const concat = handlerOf(filters.concat);
  liquid.registerFilter('concat', function (this: FilterThis, value: Json, other: Json) {
    weigh([value, other], this.context);
    return concat.call(this, value, other);
  } as FilterImplOptions);

  for (const name of BY_PROPERTY) {
    const handler = handlerOf(filters[name]);
    liquid.registerFilter(name, function (this: FilterThis, value: Json, property: Json, ...more: Json[]) {
      if (!PROPERTY.test(String(property ?? ''))) throw new Error(`"${name}" takes the name of a property`);
      return handler.call(this, value, property, ...more);
    } as FilterImplOptions);
  }

  for (const name of DATES) {
    const handler = handlerOf(filters[name]);
    liquid.registerFilter(name, function (this: FilterThis, value: Json, ...more: Json[]) {
      if (value === 'now' || value === 'today') throw new Error('"now" would differ when the run is resumed; use run.startedAt');
      return handler.call(this, value, ...more);
    } as FilterImplOptions);
  }

  liquid.registerFilter(RANGE_BOUND, (value: unknown) => {
    const bound = Number(value);
    if (!Number.isSafeInteger(bound) || Math.abs(bound) > 1e9) throw new Error(`${String(value)} is no bound for a range`);
    return bound;
  });
}
