import { BelayError } from '../../errors.ts';
import type { Json, JsonObject, JsonSchema } from '../../format/json.ts';
import type { ImagePart, ModelMessage } from '../../ports.ts';
import type { NodeContext, NodeExecutor } from '../executor.ts';
import { optionalNumber, optionalText, text, textList } from '../params.ts';
import { reachedFile, templateInFile } from '../prompt-file.ts';
import { withFallback } from './fallback.ts';
import { imagesFor } from './images.ts';
import { EFFORTS } from './manifest.ts';
import type { Question } from './reply.ts';
import { replyTo } from './reply.ts';
import { complaint, instruction, parseReply } from './structured.ts';

/** How often a reply that does not match the output schema is sent back. */
const MOST_REPAIRS = 2;

export const promptExecutor: NodeExecutor = {
  type: 'prompt',
  reaches: reachedFile,
  async run(params, context) {
    const question = questionOf(params, context, await imagesFor(textList(params.images), context));
    const models = { first: question.model, fallback: textList(params.fallback) };
    const output = await withFallback(models, context, async (model, prefix): Promise<Json> => {
      const asked = model === undefined ? question : { ...question, model };
      if (context.outputSchema !== undefined) return await structuredReply(asked, context.outputSchema, prefix, context);
      const { text: said, model: by } = await replyTo(asked, `${prefix}reply`, context);
      return { text: said, model: by };
    });
    return { outlet: 'success', output };
  },
};

function questionOf(params: JsonObject, context: NodeContext, images: readonly ImagePart[]): Question {
  const file = optionalText(params.file);
  const template = file === undefined ? text(context.source.prompt, 'prompt') : templateInFile(file, context);
  const prompt = file === undefined ? text(params.prompt, 'prompt') : context.render(template);
  const schema = context.outputSchema;
  const system = [optionalText(params.system), schema === undefined ? undefined : instruction(schema)].filter((part) => part !== undefined);
  const content = images.length === 0 ? prompt : [{ type: 'text' as const, text: prompt }, ...images];
  const messages: ModelMessage[] = [{ role: 'user', content }];
  if (system.length > 0) messages.unshift({ role: 'system', content: system.join('\n\n') });
  const model = optionalText(params.model);
  const temperature = optionalNumber(params.temperature);
  const effort = EFFORTS.find((it) => it === params.effort);
  const maxOutputTokens = optionalNumber(params.maxOutputTokens);
  return {
    messages,
    template,
    ...(model === undefined ? {} : { model }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(effort === undefined ? {} : { effort }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(schema === undefined ? {} : { schema }),
  };
}

async function structuredReply(question: Question, schema: JsonSchema, prefix: string, context: NodeContext): Promise<Json> {
  let messages = question.messages;
  let problems: string[] = [];
  for (let repair = 0; repair <= MOST_REPAIRS; repair += 1) {
    const reply = await replyTo({ ...question, messages }, `${prefix}${repair === 0 ? 'reply' : `repair${repair}`}`, context);
    const parsed = await parseReply(reply.text, schema);
    if (parsed.ok) return parsed.value;
    problems = parsed.problems;
    messages = [...messages, { role: 'assistant', content: reply.text }, { role: 'user', content: complaint(problems) }];
  }
  throw new BelayError('MODEL_OUTPUT_INVALID', `The reply does not match the output schema: ${problems.slice(0, 3).join('; ')}.`, {
    hint: 'Make the prompt say what is wanted, or loosen the output schema.',
    kind: 'invalidOutput',
    details: { problems },
  });
}
