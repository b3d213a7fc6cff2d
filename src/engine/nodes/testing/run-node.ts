import { BelayError } from '../../errors.ts';
import type { JsonObject } from '../../format/json.ts';
import { catalog } from '../catalog.ts';
import { executors } from '../executors.ts';
import type { FakeWorld } from '../fake-context.ts';
import { fakeContext } from '../fake-context.ts';

/** Runs a node in a fake world. `{error}` where it throws. */
export async function runNode(type: string, params: JsonObject, world: FakeWorld = {}) {
  const executor = executors.get(type);
  if (!executor) throw new Error(`no executor for ${type}`);
  if (catalog.get(type)?.params.safeParse(params).success !== true) throw new Error(`the parameters are wrong: ${JSON.stringify(params)}`);
  const { context, seen, files } = fakeContext({ source: params, ...world });
  try {
    return { result: await executor.run(params, context), seen, files };
  } catch (error) {
    if (!(error instanceof BelayError)) throw error;
    return { error, seen, files };
  }
}
