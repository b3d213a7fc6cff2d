/** The flows of a root offered by MCP, in the words of the SDK. */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { JsonObject } from '../../engine/format/json.ts';
import { oneLine, shorten } from '../text.ts';
import { type CallContext, type CallStep, FlowCalls, faultStep } from './flow-calls.ts';
import { flowTools } from './flow-tools.ts';
import type { CallOptions } from './serve.ts';

/** Answers to one question in a call: more than anybody gives. */
const MOST_ROUNDS = 200;
/** How long somebody may take for an answer, in ms. */
const ANSWER_MS = 900_000;
const ANSWER = 'answer';

/** Makes servers, one for each connection, that share the runs. */
export function flowServers({ workspace, version, mode, model }: CallOptions): { make(): Server; calls: FlowCalls } {
  const calls = new FlowCalls(workspace, { ...(mode === undefined ? {} : { mode }), ...(model === undefined ? {} : { model }) });
  const make = (): Server => {
    const server = new Server(
      { name: 'belay', title: 'Belay', version },
      {
        capabilities: { tools: {} },
        instructions:
          'Each tool runs a flow of this workspace. A flow may ask its user for approval; one that waits for a person is told as parked.',
        inputRequired: { maxRounds: MOST_ROUNDS, roundTimeoutMs: ANSWER_MS },
      },
    );
    server.setRequestHandler('tools/list', () => ({
      tools: flowTools(workspace.root).map(({ name, title, description, inputSchema, outputSchema }) => ({
        name,
        title,
        description,
        inputSchema: inputSchema as { type: 'object' } & JsonObject,
        outputSchema: outputSchema as { type: 'object' } & JsonObject,
      })),
    }));
    server.setRequestHandler('tools/call', async ({ params }, context) => {
      const tool = flowTools(workspace.root).find(({ name }) => name === params.name);
      if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no flow for the tool "${params.name}".`);
      const asks = callContext(server, context);
      const token = context.mcpReq.requestState<string>();
      const step =
        token === undefined ? calls.start(tool, (params.arguments ?? {}) as JsonObject, asks) : calls.goOn(token, answerOf(context), asks);
      return resultOf(await step.catch(faultStep));
    });
    return server;
  };
  return { make, calls };
}

function callContext(server: Server, { mcpReq }: ServerContext): CallContext {
  const capabilities = (mcpReq.envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY] as
    | ClientCapabilities
    | undefined;
  const { elicitation } = capabilities ?? server.getClientCapabilities() ?? {};
  const name = server.getClientVersion()?.name;
  const progressToken = mcpReq._meta?.progressToken;
  return {
    signal: mcpReq.signal,
    // An empty object means forms, as it did before there was anything else.
    canAsk: elicitation !== undefined && (elicitation.form !== undefined || Object.keys(elicitation).length === 0),
    by: shorten(oneLine(name === undefined ? 'an MCP client' : `${name}, MCP`), 80),
    onProgress(progress, message) {
      if (progressToken === undefined) return;
      // Progress is for looking at: a client that has gone does not stop the run.
      mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => undefined);
    },
  };
}

/** Undefined: the user did not want to decide. */
function answerOf({ mcpReq }: ServerContext): { decision: string; reason?: string } | undefined {
  const response = inputResponse(mcpReq.inputResponses, ANSWER);
  if (response.kind !== 'elicit' || response.action !== 'accept') return undefined;
  const { decision, reason } = response.content ?? {};
  if (typeof decision !== 'string') return undefined;
  return { decision, ...(typeof reason === 'string' ? { reason } : {}) };
}

function resultOf(step: CallStep) {
  if (step.type === 'done') {
    return {
      content: [{ type: 'text' as const, text: step.text }],
      structuredContent: step.data,
      ...(step.failed ? { isError: true } : {}),
    };
  }
  const { message, decisions, token } = step;
  return inputRequired({
    inputRequests: {
      [ANSWER]: inputRequired.elicit({
        message,
        requestedSchema: {
          type: 'object',
          properties: {
            decision: { type: 'string', title: 'Decision', enum: [...decisions] },
            reason: { type: 'string', title: 'Reason', description: 'May be empty.' },
          },
          required: ['decision'],
        },
      }),
    },
    requestState: token,
  });
}
