/** What a reply of the model means: actions, or the end. */
import type { Json, JsonObject } from '../../format/json.ts';
import { isJsonObject } from '../../format/json.ts';
import { toolArguments, toolCallsOf } from '../../messages.ts';
import type { Reply } from '../prompt/reply.ts';
import { jsonIn } from '../prompt/structured.ts';
import type { Action } from './history.ts';

export type Proposal =
  | { is: 'actions'; actions: Action[] }
  /** `value`: what the model gave as data; a text where it only wrote. */
  | { is: 'final'; value: Json }
  /** It is neither: for the model to read. */
  | { is: 'unclear'; problem: string };

/** @param turn makes ids of calls that have none. */
export function proposalOf(reply: Reply, turn: number): Proposal {
  if (reply.plain) return inJson(reply.text, turn);
  const calls = reply.message === undefined ? [] : toolCallsOf(reply.message);
  if (calls.length === 0) return { is: 'final', value: reply.text };
  const actions = calls.map((call): Action => {
    const args = toolArguments(call);
    return { id: call.id, offer: call.name, ...(args.ok ? { args: args.value } : { args: {}, problem: args.problem }) };
  });
  return { is: 'actions', actions };
}

function inJson(text: string, turn: number): Proposal {
  const value = jsonIn(text);
  if (value === undefined || !isJsonObject(value)) return { is: 'unclear', problem: 'the reply is not one JSON object' };
  const { final, action } = value;
  if (final !== undefined && action === undefined) return { is: 'final', value: final };
  if (typeof action !== 'string') return { is: 'unclear', problem: 'the reply has neither "action" (a name) nor "final"' };
  if (final !== undefined) return { is: 'unclear', problem: 'the reply has both "action" and "final"' };
  const args: Json = value.arguments ?? {};
  const id = `call${turn}`;
  if (isJsonObject(args)) return { is: 'actions', actions: [{ id, offer: action, args: args as JsonObject }] };
  return { is: 'actions', actions: [{ id, offer: action, args: {}, problem: '"arguments" is not an object' }] };
}
