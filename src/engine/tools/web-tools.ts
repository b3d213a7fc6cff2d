/** Tools for web services and pages. No secrets: an agent that could name one could send it anywhere. */
import * as z from 'zod';
import type { JsonObject } from '../format/json.ts';
import { performRequest, requestOf } from '../nodes/http/request.ts';
import type { ToolResult } from '../ports.ts';
import { readableText } from './readable.ts';
import { type BuiltInTool, builtInInfo, dataResult, type ToolWork } from './tool.ts';

const url = () => z.string().min(1).describe('http or https, written out.');
const headers = () => z.record(z.string(), z.string()).describe('By name.');
const output = () => z.object({ url: z.string(), status: z.int(), headers: z.record(z.string(), z.string()), body: z.json() });

async function ask(params: JsonObject, { ports, signal, idempotencyKey }: ToolWork): Promise<JsonObject> {
  const redact = (text: string): string => ports.secrets.redact(text);
  return performRequest(requestOf(params), { http: ports.http, redact, signal, idempotencyKey, allowed: [] });
}

export const getTool: BuiltInTool = {
  info: builtInInfo({
    name: 'http/get',
    title: 'Read a page',
    description: 'Reads a page of the web or asks a service, without changing anything. Pages come as their text, with their links.',
    parameters: () =>
      z.strictObject({
        url: url(),
        headers: headers().optional(),
        raw: z.boolean().describe('A page as the HTML that it is. Default: its text.').optional(),
      }),
    output,
  }),
  async run({ raw, ...params }, work): Promise<ToolResult> {
    const answer = await ask({ ...params, method: 'GET' }, work);
    const isPage = typeof answer.body === 'string' && /^text\/html\b/i.test(String((answer.headers as JsonObject)['content-type'] ?? ''));
    const body = isPage && raw !== true ? readableText(String(answer.body), String(answer.url)) : (answer.body ?? null);
    return dataResult({ ...answer, body }, `${answer.url}\n\n${typeof body === 'string' ? body : JSON.stringify(body)}`);
  },
};

export const requestTool: BuiltInTool = {
  info: builtInInfo({
    name: 'http/request',
    title: 'Ask a web service',
    description: 'Sends a request that changes something to a web service.',
    parameters: () =>
      z.strictObject({
        method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
        url: url(),
        headers: headers().optional(),
        body: z.json().describe('A text is sent as it is, anything else as JSON.').optional(),
      }),
    output,
  }),
  run: async (args, work) => dataResult(await ask(args, work)),
};
