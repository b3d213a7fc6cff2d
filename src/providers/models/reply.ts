/** A reply in the making, the same for every dialect: from pieces to events, and to the whole message at the end. */
import { randomUUID } from 'node:crypto';
import type { Json } from '../../engine/format/json.ts';
import { assistantMessage, parseJson, textOf } from '../../engine/messages.ts';
import type { AssistantMessage, AssistantPart, FinishReason, ModelEvent, ReasoningPart, ToolCallPart } from '../../engine/ports.ts';
import type { Usage } from '../../engine/run/events.ts';

type Open = { part: AssistantPart; told: boolean };

export class Reply {
  /** Why it ended. Undefined: it has not, whatever the connection says. */
  reason: FinishReason | undefined;
  usage: Usage | undefined;
  #started = false;
  readonly #open: Open[] = [];
  readonly #calls = new Map<number, ToolCallPart>();

  *start(model: string, requestId: string | undefined): Generator<ModelEvent> {
    if (this.#started) return;
    this.#started = true;
    yield { type: 'start', model, ...(requestId === undefined ? {} : { requestId }) };
  }

  *text(text: string): Generator<ModelEvent> {
    if (text === '') return;
    const last = this.#open.at(-1)?.part;
    if (last?.type === 'text') last.text += text;
    else this.#open.push({ part: { type: 'text', text }, told: true });
    yield { type: 'textDelta', text };
  }

  *reasoning(text: string): Generator<ModelEvent> {
    if (text === '') return;
    this.#openReasoning().text += text;
    yield { type: 'reasoningDelta', text };
  }

  /** What the service wants back of the piece of reasoning that is being written, or of one that has no text at all. */
  keepReasoning(dialect: string, data: Json): void {
    this.#openReasoning().state = { dialect, data };
  }

  /** The text of the piece of reasoning that is being written. */
  get thought(): string {
    const last = this.#open.at(-1)?.part;
    return last?.type === 'reasoning' ? last.text : '';
  }

  /** What is thought from here on is another piece. */
  endReasoning(): void {
    const last = this.#open.at(-1);
    if (last?.part.type === 'reasoning') this.#open.push({ part: { type: 'text', text: '' }, told: true });
  }

  /** A piece of the call with this number; what the service leaves out comes with an earlier piece, or is made up. */
  *toolCall(index: number, piece: { id?: string | undefined; name?: string | undefined; arguments: string }): Generator<ModelEvent> {
    const known = this.#calls.get(index);
    if (known) {
      known.arguments += piece.arguments;
      if (known.name === '' && piece.name !== undefined) known.name = piece.name;
      yield { type: 'toolCallDelta', index, arguments: piece.arguments };
      return;
    }
    const id = piece.id || `call_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
    const call: ToolCallPart = { type: 'toolCall', id, name: piece.name ?? '', arguments: piece.arguments };
    this.#calls.set(index, call);
    this.#open.push({ part: call, told: false });
    yield { type: 'toolCallDelta', index, id, name: call.name, arguments: piece.arguments };
  }

  /** The number of the call with this id. */
  indexOf(id: string): number | undefined {
    return [...this.#calls].find(([, call]) => call.id === id)?.[0];
  }

  get callCount(): number {
    return this.#calls.size;
  }

  /** What there is by now; undefined: nothing. */
  get partial(): AssistantMessage | undefined {
    const message = this.#message();
    return message.content.length === 0 ? undefined : message;
  }

  /** @param wantsObject A schema was asked for. */
  *finish(wantsObject: boolean): Generator<ModelEvent> {
    for (const it of this.#open) {
      if (it.told || it.part.type === 'text') continue;
      it.told = true;
      yield { type: 'part', part: it.part };
    }
    const message = this.#message();
    const object = wantsObject ? parseJson(textOf(message)) : undefined;
    yield {
      type: 'finish',
      // Some services end a reply that calls tools as if it said all.
      reason: this.#calls.size > 0 && this.reason === 'stop' ? 'toolCalls' : (this.reason ?? 'other'),
      message,
      ...(object === undefined ? {} : { object }),
      ...(this.usage === undefined ? {} : { usage: this.usage }),
    };
  }

  #openReasoning(): ReasoningPart {
    const last = this.#open.at(-1)?.part;
    if (last?.type === 'reasoning') return last;
    const part: ReasoningPart = { type: 'reasoning', text: '' };
    this.#open.push({ part, told: false });
    return part;
  }

  #message(): AssistantMessage {
    return assistantMessage(this.#open.map(({ part }) => part));
  }
}
