/** One call of a tool: arguments checked, asked about where it must be, done once, its result checked. */
import { BelayError } from '../errors.ts';
import { maxEffect } from '../format/effect-rules.ts';
import type { Json, JsonObject } from '../format/json.ts';
import type { Effect } from '../format/model.ts';
import { textOf } from '../messages.ts';
import type { NodeContext, StepInfo, StepOptions } from '../nodes/executor.ts';
import { checkSchema } from '../nodes/json-schema.ts';
import { passFailed } from '../nodes/pass-failed.ts';
import type { ToolInfo, ToolResult } from '../ports.ts';
import type { Trust } from '../run/events.ts';
import { builtInTools } from './built-in.ts';
import { flowOf, scopeOf } from './registry.ts';
import type { BuiltInTool, ToolWork } from './tool.ts';

export interface ToolCall {
  tool: ToolInfo;
  args: JsonObject;
  /** Of its step: unique in the node. */
  step: string;
  /** Shown to whoever is asked. */
  title: string;
  /** Label of the arguments. */
  trust: Trust;
  /** Recorded with the arguments: who calls, and which call it is. A yes binds this too. */
  about?: JsonObject;
  /** The effect is the tool's own: the flow's word about the node does not lower it. */
  own?: true;
  /** What the tool says it could not do fails the step. Default: it is an answer. */
  failing?: true;
  /** Of a flow: which run of one in this node it is, from 0. */
  pass: number;
}

/** Problems with the arguments, in plain words; empty: they fit. Throws `SCHEMA_INVALID` where the tool's own schema is unusable. */
async function argumentProblems(tool: ToolInfo, args: JsonObject): Promise<string[]> {
  const problems = await checkSchema(tool.parameters, args, `The schema of "${tool.name}"`);
  return problems.map(({ message }) => message);
}

/** Throws `TOOL_ARGUMENTS`, `TOOL_RESULT_INVALID`, `TOOL_FAILED`, what the tool throws, and what a gate throws. */
export async function callTool(call: ToolCall, context: NodeContext): Promise<ToolResult> {
  const { tool, args } = call;
  const problems = await argumentProblems(tool, args);
  if (problems.length > 0) {
    throw new BelayError('TOOL_ARGUMENTS', `The arguments do not fit "${tool.name}": ${problems.join('; ')}.`, {
      hint: 'Correct the arguments.',
      kind: 'badRequest',
      details: { tool: tool.name, problems },
    });
  }
  if (tool.source === 'flow') return runFlow(call, context);
  const own = builtInTools.get(tool.name);
  return own ? callOwn(own, call, context) : callHost(call, context);
}

function optionsOf({ tool, args, title, trust, about, own }: ToolCall, effect: Effect): StepOptions {
  return {
    effect,
    args: { tool: tool.name, arguments: args, ...about },
    title,
    trust,
    ...(own === undefined ? {} : { own }),
    happened: (output) => happened(output),
  };
}

/** A person knows that it happened, and perhaps what came of it. */
function happened(output: Json): Json {
  const text =
    output === null ? 'It was done; what came of it is not known.' : typeof output === 'string' ? output : JSON.stringify(output);
  return { content: [{ type: 'text', text }], ...(output === null || typeof output === 'string' ? {} : { structured: output }) };
}

async function callOwn(own: BuiltInTool, call: ToolCall, context: NodeContext): Promise<ToolResult> {
  const { args, step } = call;
  const { ports } = context;
  const effect = maxEffect(own.info.effect, (await own.effect?.(args, ports)) ?? 'none');
  const before =
    own.before &&
    (await context.step<Json>(`${step}.before`, { effect: 'none', args: {} }, () => own.before?.(args, ports) ?? Promise.resolve(null)));
  const { reconcile } = own;
  const options: StepOptions = {
    ...optionsOf(call, effect),
    ...(reconcile && { reconcile: () => reconcile.call(own, args, before ?? null, ports) }),
  };
  return perform(call, options, context, (info) => own.run(args, workOf(info, context)));
}

function workOf({ signal, idempotencyKey }: StepInfo, context: NodeContext): ToolWork {
  const show: ToolWork['show'] = (stream, text) => context.live({ type: 'live.output', stream, text });
  return { ports: context.ports, signal, idempotencyKey, show };
}

async function callHost(call: ToolCall, context: NodeContext): Promise<ToolResult> {
  const { tool, args } = call;
  return perform(call, optionsOf(call, tool.effect), context, ({ signal, idempotencyKey }) =>
    context.ports.tools.call(tool.name, args, {
      scope: scopeOf(context),
      signal,
      idempotencyKey,
      onProgress: ({ message }) => {
        if (message !== undefined)
          context.live({ type: 'live.output', stream: 'stderr', text: `${context.ports.secrets.redact(message)}\n` });
      },
    }),
  );
}

async function perform(
  { tool, step, failing }: ToolCall,
  options: StepOptions,
  context: NodeContext,
  work: (info: StepInfo) => Promise<ToolResult>,
): Promise<ToolResult> {
  const recorded = await context.step<JsonObject>(step, options, async (info) => {
    const result = await work(info);
    if (result.failed && failing) throw toolFailed(tool.name, result);
    if (!result.failed) await checkResult(tool, result);
    return result as unknown as JsonObject;
  });
  return recorded as unknown as ToolResult;
}

function toolFailed(name: string, result: ToolResult): BelayError {
  const said = textOf({ content: result.content });
  return new BelayError('TOOL_FAILED', `"${name}" could not do it: ${said.slice(0, 500) || 'it does not say why.'}`, {
    hint: 'Read what the tool says, and correct the arguments.',
    details: { tool: name, said: said.slice(0, 5000) },
  });
}

/** What a tool promises of its results holds, or nobody gets them. */
async function checkResult(tool: ToolInfo, { structured }: ToolResult): Promise<void> {
  if (tool.output === undefined) return;
  const problems =
    structured === undefined
      ? ['there is no structured result']
      : (await checkSchema(tool.output, structured, `The result schema of "${tool.name}"`)).map(({ message }) => message);
  if (problems.length === 0) return;
  throw new BelayError('TOOL_RESULT_INVALID', `The result of "${tool.name}" is not what it promises: ${problems.slice(0, 3).join('; ')}.`, {
    hint: 'The tool is at fault: tell whoever makes it.',
    kind: 'invalidOutput',
    details: { tool: tool.name, problems },
  });
}

/** A flow runs in the node, as a `flow` node runs one: each of its steps is recorded and asked about by itself. */
async function runFlow({ tool, args, trust, pass }: ToolCall, context: NodeContext): Promise<ToolResult> {
  context.passes.begin({ index: pass, flow: { path: flowOf(tool.name), inputs: args, trust } });
  const end = await context.passes.next();
  if (end.how !== 'finished') throw passFailed(end);
  return { content: [{ type: 'text', text: JSON.stringify(end.output) }], structured: end.output };
}
