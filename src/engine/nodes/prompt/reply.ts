/** One reply to one request, from where the mode of the run says: a live model, the recording, or a person. */
import { BelayError } from '../../errors.ts';
import type { Json, JsonObject, JsonSchema } from '../../format/json.ts';
import { imagesOf, textOf, toolCallsOf } from '../../messages.ts';
import { sha256 } from '../../policy/hash.ts';
import type { AssistantMessage, Effort, ModelEvent, ModelMessage, ModelRequest, ToolChoice, ToolOffer } from '../../ports.ts';
import type { NodeContext, StepInfo, StepOptions } from '../executor.ts';

/** What is asked, apart from who answers. */
export interface Question {
  messages: ModelMessage[];
  temperature?: number;
  effort?: Effort;
  maxOutputTokens?: number;
  schema?: JsonSchema;
  /** The model (or alias) that the node names. */
  model?: string;
  /** Without `model`: the first of these that is there; one that nobody knows here is passed over. */
  candidates?: readonly string[];
  tools?: readonly ToolOffer[];
  toolChoice?: ToolChoice;
  /** The same asked in words only: for a model that has no tools, and for people. */
  plain?: ModelMessage[];
  /** Images that a model without sight can do without. */
  dispensableImages?: true;
  /** The template the prompt was made from: kept with a recording, to be offered back when it has been edited. */
  template: string;
  /** What is recorded of the question. Default: all of it. */
  args?: JsonObject;
}

export interface Reply {
  text: string;
  model: string;
  /** With the calls of tools in it, as the service wants it back. Only where there are any. */
  message?: AssistantMessage;
  /** It answers `plain`. */
  plain?: true;
  /** Tokens that the model takes in all, where that is known. */
  contextWindow?: number;
}

const BY_HAND = 'by hand';

/**
 * @param name Unique in the node: `reply`, `repair1`, `fallback1.reply`, …
 * @throws BelayError `MODEL_…`, `RUN_RESTORE`
 */
export async function replyTo(question: Question, name: string, context: NodeContext): Promise<Reply> {
  if (context.mode() === 'byHand') return askPerson(question, name, context);
  // The mode is looked at inside the step, so that a resumed run takes what was recorded, whatever the mode has become since.
  const answer = await context.step<JsonObject>(name, stepOf(question), (info) => answerOf(question, info, context));
  if (answer.missing === true) return askWhatNow(question, name, context);
  return typeof answer.consent === 'string' ? askConsent(question, answer.consent, name, context) : asReply(answer);
}

function stepOf(question: Question): StepOptions {
  return { effect: 'read', args: question.args ?? argsOf(question), asksModel: true };
}

async function answerOf(question: Question, info: StepInfo, context: NodeContext): Promise<JsonObject> {
  const mode = context.mode();
  if (mode === 'recorded') return replayed(question, info, context);
  if (mode === 'recordMissing') {
    const known = await replayed(question, info, context);
    if (known.missing !== true) return known;
  }
  return callModel(question, question.model, info, context);
}

/** The recorded reply, whether the model that gave it had tools or not. */
async function replayed(question: Question, info: StepInfo, context: NodeContext): Promise<JsonObject> {
  const answer = await replay(question, info, context);
  if (answer.missing !== true || question.plain === undefined) return answer;
  const inWords = await replay(inWordsOnly(question), info, context);
  return inWords.missing === true ? inWords : { ...inWords, plain: true };
}

function inWordsOnly({ tools: _tools, toolChoice: _choice, plain, ...question }: Question): Question {
  return { ...question, messages: plain ?? question.messages };
}

/** The editor lets this model be used only after a person said so, and this run may be one that nobody watches. */
async function askConsent(question: Question, model: string, name: string, context: NodeContext): Promise<Reply> {
  const answer = await context.ask(`${name}.consent`, {
    kind: 'consent',
    title: context.title,
    message: `May Belay use the model ${model}? VS Code asks once, and remembers the answer.`,
    model,
  });
  if (answer?.decision !== 'approved') {
    throw new BelayError('MODEL_PERMISSION', `The model ${model} may not be used.`, {
      hint: 'Allow it the next time, or use another model.',
      kind: 'permission',
    });
  }
  const given = await context.step<JsonObject>(`${name}.allowed`, stepOf(question), (info) =>
    callModel(question, question.model, info, context, true),
  );
  return asReply(given);
}

async function askPerson(question: Question, name: string, context: NodeContext): Promise<Reply> {
  const answer = await context.ask(`${name}.byHand`, {
    kind: 'reply',
    title: context.title,
    message: 'Write the reply to this prompt.',
    ...shown(question),
  });
  return byHand(answer?.value);
}

/** The recording does not know this prompt, because it was edited or never recorded. Nothing goes live unless a person says so. */
async function askWhatNow(question: Question, name: string, context: NodeContext): Promise<Reply> {
  const recordedTemplate = await context.ports.cassettes.template(context.recordedAs.flow, context.recordedAs.node);
  const edited = recordedTemplate !== undefined && recordedTemplate !== question.template;
  const answer = await context.ask(`${name}.missing`, {
    kind: 'recordingMissing',
    title: context.title,
    message: edited ? 'This prompt was edited, so the recording has no reply to it.' : 'The recording has no reply to this prompt.',
    ...shown(question),
    ...(edited ? { recordedTemplate } : {}),
  });
  switch (answer?.decision) {
    case 'live': {
      const chosen = typeof answer.value === 'string' && answer.value !== '' ? answer.value : undefined;
      if (context.mode() === 'recorded') context.setMode('live', chosen ?? context.model(), answer.by);
      const live = await context.step<JsonObject>(`${name}.live`, stepOf(question), (info) =>
        callModel(question, chosen ?? question.model, info, context),
      );
      return asReply(live);
    }
    case 'byHand':
      return typeof answer.value === 'string' ? byHand(answer.value) : askPerson(question, name, context);
    case 'restore':
      throw new BelayError('RUN_RESTORE', 'The run was stopped to put the recorded prompt back.', {
        hint: 'Run the flow again: the recording knows the restored prompt.',
        kind: 'cancelled',
        details: { template: recordedTemplate ?? null },
      });
    default:
      throw new BelayError('DECISION_UNKNOWN', `"${answer?.decision ?? 'no answer'}" is no answer to a missing recording.`, {
        hint: 'Answer with live, byHand or restore.',
        kind: 'badRequest',
      });
  }
}

async function replay(question: Question, info: StepInfo, context: NodeContext): Promise<JsonObject> {
  const request = requestOf(question, question.model ?? context.model() ?? 'recorded');
  const events = await context.ports.cassettes.find(context.recordedAs.flow, request);
  if (events === undefined) return { missing: true };
  const { reply, model } = await follow(toAsync(events), request.model, info, context);
  info.note({ model, recorded: true });
  return reply;
}

async function callModel(
  question: Question,
  wanted: string | undefined,
  info: StepInfo,
  context: NodeContext,
  allowed = false,
): Promise<JsonObject> {
  const { models, cassettes } = context.ports;
  const name = wanted ?? (await firstKnown(question.candidates ?? [], context)) ?? context.flowModel ?? context.model();
  const resolved = await models.resolve(name);
  if (resolved === undefined) {
    throw new BelayError('MODEL_NOT_CONFIGURED', name === undefined ? 'No model is configured.' : `No model is configured for "${name}".`, {
      hint: 'Set an API key or a local server ("Belay: Set API Key"; in a terminal OPENAI_API_KEY and BELAY_MODEL), or run with recorded replies.',
      kind: 'modelNotFound',
    });
  }
  // Noted before it is asked, so that an attempt that fails says which model failed.
  info.note({ model: resolved });
  const can = await models.capabilities(resolved);
  if (can.interactiveOnly && !allowed) return { consent: resolved };
  const recording = context.mode() === 'record' || context.mode() === 'recordMissing';
  // A damaged cassette is told before a reply is paid for that could not be kept.
  if (recording) await cassettes.template(context.recordedAs.flow, context.recordedAs.node);
  const asked = can.tools === false && question.plain ? inWordsOnly(question) : question;
  const more: JsonObject = can.contextWindow === undefined || question.plain === undefined ? {} : { contextWindow: can.contextWindow };
  try {
    return { ...(await askOnce(asked)), ...more, ...(asked === question ? {} : { plain: true }) };
  } catch (error) {
    // Nobody had said whether it takes tools; now its service has.
    if (asked.plain === undefined || can.tools !== undefined || !refusesTools(error)) throw error;
    return { ...(await askOnce(inWordsOnly(question))), ...more, plain: true };
  }

  async function askOnce(it: Question): Promise<JsonObject> {
    const request = requestOf(can.vision === false && it.dispensableImages ? withoutImages(it) : it, resolved ?? '');
    if (can.vision === false && request.messages.some((message) => imagesOf(message).length > 0)) {
      throw new BelayError('MODEL_CANNOT', `The model ${resolved} takes no images.`, {
        hint: 'Use a model that does (the Models view says which), or name one under "fallback".',
        kind: 'badRequest',
      });
    }
    const kept: ModelEvent[] = [];
    const events = models.stream(request, { signal: info.signal, idempotencyKey: info.idempotencyKey });
    const { reply, model, usage } = await follow(events, request.model, info, context, kept);
    if (recording) await cassettes.record(context.recordedAs.flow, context.recordedAs.node, question.template, request, kept);
    info.note({ model, ...(usage === undefined ? {} : { usage }) });
    return reply;
  }
}

function refusesTools(error: unknown): boolean {
  return (
    error instanceof BelayError &&
    error.kind === 'badRequest' &&
    /\btools?\b/i.test(`${error.message} ${JSON.stringify(error.details ?? '')}`)
  );
}

/** Files of agents name models as VS Code shows them; what is none of the user's own is passed over. */
async function firstKnown(names: readonly string[], context: NodeContext): Promise<string | undefined> {
  for (const name of names) {
    if ((await context.ports.models.resolve(name)) !== undefined) return name;
    context.ports.log.info('A model that an agent names is not configured here', { node: context.node, model: name });
  }
  return undefined;
}

function withoutImages(question: Question): Question {
  const messages = question.messages.map((message): ModelMessage => {
    if (message.role !== 'user' && message.role !== 'tool') return message;
    if (typeof message.content === 'string') return message;
    const content = message.content.map((part) => (part.type === 'image' ? '[an image, which you cannot see]' : part.text)).join('\n');
    return { ...message, content };
  });
  return { ...question, messages };
}

type Finish = Extract<ModelEvent, { type: 'finish' }>;

/** Shows the deltas while they come and judges the end. */
async function follow(
  events: AsyncIterable<ModelEvent>,
  requested: string,
  info: StepInfo,
  context: NodeContext,
  kept: ModelEvent[] = [],
): Promise<{ reply: JsonObject; model: string; usage: Finish['usage'] }> {
  let model = requested;
  let finish: Finish | undefined;
  context.live({ type: 'live.reset' });
  for await (const event of events) {
    kept.push(event);
    switch (event.type) {
      case 'start':
        model = event.model;
        break;
      case 'textDelta':
        context.live({ type: 'live.text', text: event.text });
        break;
      case 'reasoningDelta':
        context.live({ type: 'live.reasoning', text: event.text });
        break;
      case 'toolCallDelta':
      case 'part':
        break;
      case 'warning':
        context.ports.log.warn(event.message, { node: context.node, model });
        break;
      case 'finish':
        finish = event;
        break;
      default:
        event satisfies never;
    }
  }
  info.signal.throwIfAborted();
  const text = judged(finish, model);
  const message = finish !== undefined && toolCallsOf(finish.message).length > 0 ? finish.message : undefined;
  return { reply: { text, model, ...(message && { message: message as unknown as JsonObject }) }, model, usage: finish?.usage };
}

/** A reply is whole and says something, or it is a failure: half a text must not reach the next step. */
function judged(finish: Finish | undefined, model: string): string {
  if (finish === undefined) {
    throw new BelayError('MODEL_NETWORK', `The reply of ${model} broke off.`, { hint: 'Try again.', kind: 'network' });
  }
  const text = textOf(finish.message);
  if (finish.reason === 'length') {
    throw new BelayError('MODEL_OUTPUT_CUT', `The reply of ${model} reached its longest length and was cut off.`, {
      hint: 'Raise "maxOutputTokens", or ask for a shorter reply.',
      kind: 'contextLength',
      details: { partial: text.slice(0, 2000) },
    });
  }
  if (finish.reason === 'contentFilter') {
    throw new BelayError('MODEL_CONTENT_FILTER', `The content filter of ${model} withheld the reply.`, {
      hint: 'Reword the prompt, or use another model.',
      kind: 'contentFilter',
    });
  }
  if (text.trim() === '' && toolCallsOf(finish.message).length === 0) {
    throw new BelayError('MODEL_EMPTY', `${model} gave an empty reply.`, {
      hint: 'Try again, or reword the prompt.',
      kind: 'invalidOutput',
    });
  }
  return text;
}

function requestOf(question: Question, model: string): ModelRequest {
  const { messages, temperature, effort, maxOutputTokens, schema, tools, toolChoice } = question;
  return {
    model,
    messages,
    ...(tools === undefined || tools.length === 0 ? {} : { tools }),
    ...(toolChoice === undefined || tools === undefined || tools.length === 0 ? {} : { toolChoice }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(effort === undefined ? {} : { effort }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(schema === undefined ? {} : { schema }),
  };
}

function argsOf(question: Question): JsonObject {
  const { model, ...rest } = requestOf(question, question.model ?? '');
  // Images by their hash: the bytes stand with the step that read them.
  const messages = rest.messages.map((message) =>
    message.role === 'user' && typeof message.content !== 'string'
      ? {
          ...message,
          content: message.content.map((part) =>
            part.type === 'image' ? { type: 'image', mediaType: part.mediaType, sha256: sha256(part.data) } : part,
          ),
        }
      : message,
  );
  return { ...(model === '' ? {} : { model }), ...({ ...rest, messages } as unknown as JsonObject) };
}

function shown(question: Question): { prompt: string; system?: string; schema?: Json } {
  const messages = question.plain ?? question.messages;
  const system = messages.filter(({ role }) => role === 'system').map(textOf);
  const rest = messages.filter(({ role }) => role !== 'system').map(textOf);
  return {
    prompt: rest.join('\n\n'),
    ...(system.length === 0 ? {} : { system: system.join('\n\n') }),
    ...(question.schema === undefined ? {} : { schema: question.schema }),
  };
}

function byHand(value: Json | undefined): Reply {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  if (text.trim() === '') {
    throw new BelayError('MODEL_EMPTY', 'The reply by hand is empty.', { hint: 'Run again and write a reply.', kind: 'invalidOutput' });
  }
  // Whoever writes it, writes words.
  return { text, model: BY_HAND, plain: true };
}

function asReply({ text, model, message, plain, contextWindow }: JsonObject): Reply {
  return {
    text: String(text ?? ''),
    model: String(model ?? ''),
    ...(message === undefined ? {} : { message: message as unknown as AssistantMessage }),
    ...(plain === true ? { plain } : {}),
    ...(typeof contextWindow === 'number' ? { contextWindow } : {}),
  };
}

async function* toAsync(events: readonly ModelEvent[]): AsyncGenerator<ModelEvent> {
  yield* events;
}
