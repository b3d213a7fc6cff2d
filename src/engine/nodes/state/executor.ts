import { BelayError } from '../../errors.ts';
import type { Json, JsonObject } from '../../format/json.ts';
import { isJsonObject } from '../../format/json.ts';
import { redactJson } from '../../policy/redact.ts';
import type { NodeContext, NodeExecutor } from '../executor.ts';
import { optionalText, text } from '../params.ts';
import type { StateAddress, StateChange, StateChanged } from './document.ts';
import { presentValue } from './document.ts';

const LONGEST_KEY = 200;

export const stateExecutor: NodeExecutor = {
  type: 'state',
  async run(params, context) {
    return { outlet: 'success', output: await outputOf(params, context) };
  },
};

async function outputOf(params: JsonObject, context: NodeContext): Promise<JsonObject> {
  const address = addressOf(params, context);
  const action = text(params.action, 'action');
  const value = clean(params.value ?? null, context);
  switch (action) {
    case 'get': {
      const found = await read(params, context, address, async () => {
        const known = presentValue(await context.ports.state.read(address));
        return known === undefined ? { value: params.default ?? null, found: false } : { value: known, found: true };
      });
      return found;
    }
    case 'history':
      return await read(params, context, address, async () => {
        const { entries } = await context.ports.state.read(address);
        const told = entries.map(({ value: had, at, run }) => ({ value: had, at: new Date(at).toISOString(), run }));
        return { entries: told.reverse() };
      });
    case 'new': {
      const marked = markedItems(params, context);
      return await read(params, context, address, async () => {
        const seen = new Set((await context.ports.state.read(address)).seen);
        const items = [...marked].filter(([mark]) => !seen.has(mark)).map(([, item]) => item);
        return { items, count: items.length };
      });
    }
    case 'set': {
      const { previous } = await write(params, context, address, { action, value });
      return { value, previous };
    }
    case 'append': {
      const { value: list, gave } = await write(params, context, address, { action, value });
      return { value: list, size: gave };
    }
    case 'delete':
      return { found: (await write(params, context, address, { action })).gave === 1 };
    case 'seen':
      return { count: (await write(params, context, address, { action, marks: [...markedItems(params, context).keys()] })).gave };
    default:
      throw new BelayError('PARAM_INVALID', `"${action}" is no action of a state node.`, {
        hint: 'Correct "action" of the node.',
        kind: 'badRequest',
      });
  }
}

function addressOf(params: JsonObject, { flowPath }: NodeContext): StateAddress {
  const key = text(params.key, 'key').trim();
  if (key === '' || key.length > LONGEST_KEY) {
    throw new BelayError('PARAM_INVALID', `"key" has to be a text of 1 to ${LONGEST_KEY} characters.`, {
      hint: 'Correct "key" of the node.',
      kind: 'badRequest',
    });
  }
  return { scope: params.scope === 'workspace' ? 'workspace' : { flow: flowPath }, key };
}

/** Recorded, so that a run that is resumed goes on with what it saw. */
function read(params: JsonObject, context: NodeContext, address: StateAddress, look: () => Promise<JsonObject>): Promise<JsonObject> {
  return context.step('read', { effect: 'read', args: argsOf(params, address) }, look);
}

/** A change is known by its key where it is kept: repeated, it gives what it gave, so nobody has to be asked after a crash. */
async function write(params: JsonObject, context: NodeContext, address: StateAddress, change: StateChange): Promise<StateChanged> {
  const { state, clock } = context.ports;
  const reconcile = async () => ({ is: 'repeat' }) as const;
  const args = clean(argsOf(params, address), context);
  const result = await context.step('write', { effect: 'write', args, reconcile }, async ({ idempotencyKey, signal }) => {
    signal.throwIfAborted();
    const { gave, value, previous } = await state.change(address, change, { id: idempotencyKey, run: context.runId, at: clock.now() });
    return { gave, value, previous };
  });
  return result;
}

function argsOf({ action, value, items, by }: JsonObject, { scope, key }: StateAddress): JsonObject {
  return {
    action: action ?? null,
    key,
    scope: scope === 'workspace' ? scope : 'flow',
    ...(value === undefined ? {} : { value }),
    ...(items === undefined ? {} : { items }),
    ...(by === undefined ? {} : { by }),
  };
}

/** What is remembered outlives the run, and other flows read it: known secrets stay out of it, as out of a journal. */
function clean(value: Json, { ports }: NodeContext): Json {
  return redactJson(value, (part) => ports.secrets.redact(part));
}

/** The items, each once, by their marks. Throws `STATE_ITEMS_INVALID`. */
function markedItems(params: JsonObject, context: NodeContext): Map<string, Json> {
  const { items } = params;
  const by = optionalText(params.by);
  if (!Array.isArray(items)) throw itemsInvalid('"items" has to be a list.', 'Give a list; {"$expr": "CEL"} can pick one out of a result.');
  const marked = new Map<string, Json>();
  for (const [index, item] of items.entries()) {
    const told = by === undefined ? item : isJsonObject(item) && Object.hasOwn(item, by) ? item[by] : undefined;
    if (told === undefined || (by !== undefined && told === null)) {
      throw itemsInvalid(`Item ${index} has no "${by}" to be known by.`, 'Correct "by", or leave it out to compare whole items.');
    }
    const mark = context.hash(told).slice(0, 32);
    if (!marked.has(mark)) marked.set(mark, item);
  }
  return marked;
}

function itemsInvalid(message: string, hint: string): BelayError {
  return new BelayError('STATE_ITEMS_INVALID', message, { hint, kind: 'badRequest' });
}
