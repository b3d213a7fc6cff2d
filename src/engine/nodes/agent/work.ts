/** An agent's whole task, behind the executor: most flows have none, and need not read any of this. */
import type { Json, JsonObject, JsonSchema } from '../../format/json.ts';
import type { NodeContext, NodeResult } from '../executor.ts';
import { checkSchema } from '../json-schema.ts';
import { optionalNumber, optionalText, text, textList } from '../params.ts';
import { jsonIn } from '../prompt/structured.ts';
import { DEFAULT_STEPS, StepBudget } from './limits.ts';
import { AgentLoop, type AgentRun, type Judge } from './loop.ts';
import { frozenAgent } from './toolbox.ts';

export async function runAgent(params: JsonObject, context: NodeContext): Promise<NodeResult> {
  const agent = frozenAgent(text(params.agent, 'agent'), context);
  const run: AgentRun = {
    context,
    model: optionalText(params.model),
    allowed: params.tools === undefined ? undefined : textList(params.tools),
    budget: new StepBudget(optionalNumber(params.maxSteps) ?? DEFAULT_STEPS),
    passes: 0,
  };
  const schema = context.outputSchema;
  const loop = new AgentLoop(run, {
    agent,
    text: taskOf(text(params.task, 'task'), params.context),
    prefix: '',
    depth: 1,
    form: schema === undefined ? undefined : formOf(schema),
    judge: schema === undefined ? asText : bySchema(schema),
  });
  const { value, agent: by } = await loop.done();
  return { outlet: 'success', output: schema === undefined ? { text: String(value), agent: by } : value };
}

function taskOf(task: string, data: Json | undefined): string {
  return data === undefined ? task : `${task}\n\nThis goes with it:\n${typeof data === 'string' ? data : JSON.stringify(data, null, 1)}`;
}

function formOf(schema: JsonSchema): string {
  return `Your answer at the end has to be JSON only, without any other text, that matches this JSON Schema:\n${JSON.stringify(schema)}`;
}

const asText: Judge = async (value) => ({ ok: true, value: typeof value === 'string' ? value : JSON.stringify(value) });

function bySchema(schema: JsonSchema): Judge {
  return async (given) => {
    const value = typeof given === 'string' ? (jsonIn(given) ?? given) : given;
    const problems = await checkSchema(schema, value, 'The output schema of this step');
    return problems.length === 0 ? { ok: true, value } : { ok: false, problem: problems.map(({ message }) => `- ${message}`).join('\n') };
  };
}
