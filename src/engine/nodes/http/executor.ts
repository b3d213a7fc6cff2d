import type { JsonObject } from '../../format/json.ts';
import type { NodeExecutor } from '../executor.ts';
import { list } from '../params.ts';
import { withSecrets } from '../secret-values.ts';
import { http } from './manifest.ts';
import { performRequest, requestOf } from './request.ts';

export const httpExecutor: NodeExecutor = {
  type: 'http',
  async run(params, context) {
    const request = requestOf(params);
    const { maxBytes: _maxBytes, ...args } = request;
    const output = await context.step<JsonObject>(
      'request',
      { effect: http.effect(params), args: { ...args, headers: { ...args.headers } } },
      async ({ signal, idempotencyKey }) =>
        performRequest(
          { ...request, headers: await withSecrets(request.headers, context.ports.secrets) },
          {
            http: context.ports.http,
            redact: (it) => context.ports.secrets.redact(it),
            signal,
            idempotencyKey,
            allowed: list(params.allowedStatus),
          },
        ),
    );
    return { outlet: 'success', output };
  },
};
