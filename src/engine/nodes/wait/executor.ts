import { BelayError } from '../../errors.ts';
import type { Json, JsonObject } from '../../format/json.ts';
import { isJsonObject } from '../../format/json.ts';
import { durationMs } from '../../format/model.ts';
import { readMoment } from '../../format/moment.ts';
import type { NodeContext, NodeExecutor, NodeResult } from '../executor.ts';
import { checkSchema } from '../json-schema.ts';
import { optionalText, text } from '../params.ts';

export const waitExecutor: NodeExecutor = {
  type: 'wait',
  async run(params, context) {
    const signal = optionalText(params.signal);
    if (signal !== undefined) return await awaited(signal, params, context);
    await context.sleep('timer', await endOf(params, context));
    // Nothing came from outside: what a moment was made of says how far it is to be trusted.
    return { outlet: 'success', output: result(await context.now('after'), null), trust: context.trust };
  },
};

/** Recorded, so that a run that is resumed waits for the rest and not from the beginning. */
async function endOf(params: JsonObject, context: NodeContext): Promise<number> {
  const span = optionalText(params.for);
  return span === undefined ? momentOf(text(params.until, 'until')) : (await context.now('began')) + durationMs(span);
}

/** Epoch ms. Exported for the tests of what counts as a moment. Throws `WAIT_MOMENT_INVALID`. */
export function momentOf(given: string): number {
  const moment = readMoment(given);
  if (moment !== undefined) return moment;
  throw new BelayError('WAIT_MOMENT_INVALID', `"${given.trim().slice(0, 100)}" is not a moment.`, {
    hint: 'Write date, time and offset as ISO 8601: 2027-01-31T09:00:00Z, or 2027-01-31T09:00:00+01:00.',
    kind: 'badRequest',
  });
}

async function awaited(name: string, params: JsonObject, context: NodeContext): Promise<NodeResult> {
  const { schema } = params;
  const asked = schema !== undefined && (isJsonObject(schema) || typeof schema === 'boolean') ? schema : undefined;
  const problemsWith = async (value: Json): Promise<string[]> => {
    if (asked === undefined) return [];
    return (await checkSchema(asked, value, 'The payload schema')).map(({ message }) => message);
  };
  // A schema that cannot be used is told now, and not to whoever sends the signal.
  await problemsWith(null);
  const timeout = optionalText(params.timeout);
  const reply = await context.ask(
    'signal',
    {
      kind: 'signal',
      title: context.title,
      message: `Waits for the signal "${name}".`,
      name,
      ...(asked === undefined ? {} : { schema: asked }),
    },
    timeout === undefined ? undefined : durationMs(timeout),
  );
  if (reply === undefined) return { outlet: 'timedOut', output: result(await context.now('after'), null) };
  const value = reply.value ?? null;
  // Refused where it is sent (run/replies.ts); an answer laid into the inbox by something else has passed no such door.
  const problems = await problemsWith(value);
  if (problems.length === 0) return { outlet: 'success', output: result(reply.at, value) };
  throw new BelayError('SIGNAL_INVALID', `What came with the signal "${name}" does not match its schema: ${problems.join('; ')}.`, {
    hint: 'Send the signal with `belay signal`, which checks it before.',
    kind: 'invalidOutput',
    details: { problems },
  });
}

function result(at: number, value: Json): JsonObject {
  return { at: new Date(at).toISOString(), value };
}
