/** A run told in a chat: what happens in it, in the words and in the order in which a reader wants them. Pure. */
import type { ErrorData } from '../../engine/errors.ts';
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import type { LiveEvent, RunEvent, RunOutcome, SignalReply, SignalRequest } from '../../engine/run/events.ts';
import { duration } from '../views/words.ts';

export type Said =
  /** A piece of a reply, as it comes. */
  | { is: 'text'; text: string }
  /** What is under way: shown until something else is said. */
  | { is: 'doing'; text: string }
  /** What was done: an entry of a list, Markdown. */
  | { is: 'done'; text: string }
  | { is: 'asks'; key: string; node: string; request: SignalRequest }
  | { is: 'answered'; key: string; reply: SignalReply }
  | { is: 'ended'; outcome: RunOutcome; outputs?: Json; error?: ErrorData; reason?: string };

/** `agent`: its words are the answer, its actions are listed. `flow`: its steps are listed, and their texts are results like others. */
export type Telling = 'agent' | 'flow';

/** So many steps are listed. After that only what is under way is shown. */
const MOST_LISTED = 40;
/** Characters of an action's arguments that are shown. */
const MOST_ARGUMENTS = 100;

export class Narrator {
  readonly #telling: Telling;
  readonly #titles: ReadonlyMap<string, string>;
  readonly #started = new Map<string, number>();
  /** What has been shown of the reply under way, by node. */
  readonly #shown = new Map<string, string>();
  /** Nodes whose reply under way is an action and not words, so that none of it is shown. */
  readonly #withheld = new Set<string>();
  readonly #actions = new Map<string, string>();
  #listed = 0;

  /** @param titles what people call the nodes, by id. */
  constructor(telling: Telling, titles: ReadonlyMap<string, string>) {
    this.#telling = telling;
    this.#titles = titles;
  }

  tell(event: RunEvent | LiveEvent): Said[] {
    switch (event.type) {
      case 'live.text':
        return this.#telling === 'agent' ? this.#words(event.node, event.text) : [];
      case 'live.reset':
        return this.#reset(event.node);
      case 'node.started':
        this.#started.set(event.node, event.t);
        return [{ is: 'doing', text: this.#telling === 'agent' ? 'Thinking…' : `${this.#title(event.node)}…` }];
      case 'node.finished':
        return this.#telling === 'agent' ? this.#answer(event) : this.#step(event);
      case 'step.started':
        return this.#begin(event);
      case 'step.finished':
        return this.#end(event);
      case 'signal.requested':
        return [{ is: 'asks', key: event.key, node: event.node, request: event.request }];
      case 'signal.received':
        return [{ is: 'answered', key: event.key, reply: event.reply }];
      case 'run.queued':
        return [{ is: 'doing', text: 'Waiting for its turn: as many runs of this flow as it allows are under way.' }];
      case 'run.finished': {
        const { outcome, outputs, error, reason } = event;
        const more = {
          ...(outputs === undefined ? {} : { outputs }),
          ...(error ? { error } : {}),
          ...(reason === undefined ? {} : { reason }),
        };
        return [{ is: 'ended', outcome, ...more }];
      }
      default:
        return [];
    }
  }

  /** A reply that begins like JSON is an action of a model without tools, or data: nobody wants to watch it being spelt. */
  #words(node: string, text: string): Said[] {
    if (this.#withheld.has(node)) return [];
    const before = this.#shown.get(node) ?? '';
    if (before === '' && /^\s*$/.test(text)) return [];
    if (before === '' && /^\s*(\{|\[|```)/.test(text)) {
      this.#withheld.add(node);
      return [];
    }
    this.#shown.set(node, before + text);
    return [{ is: 'text', text }];
  }

  /** A new attempt, or the next turn: what came before it may have been cut short. */
  #reset(node: string): Said[] {
    const hadWords = (this.#shown.get(node) ?? '') !== '';
    this.#shown.delete(node);
    this.#withheld.delete(node);
    return hadWords ? [{ is: 'text', text: '\n\n' }] : [];
  }

  #answer({ node, output, error, failed }: Extract<RunEvent, { type: 'node.finished' }>): Said[] {
    if (error && failed !== false) return [];
    const text = textIn(output);
    const shown = this.#shown.get(node) ?? '';
    if (text === undefined || text.trim() === '' || shown.trim() === text.trim()) return [];
    return [{ is: 'text', text: `${shown === '' ? '' : '\n\n'}${text}` }];
  }

  #step({ node, t, error, outlet }: Extract<RunEvent, { type: 'node.finished' }>): Said[] {
    if (this.#listed >= MOST_LISTED) return [];
    this.#listed += 1;
    const started = this.#started.get(node);
    const took = started === undefined || t - started < 50 ? '' : ` · ${duration(t - started)}`;
    const where = ['success', 'failure'].includes(outlet) ? '' : ` · ${outlet}`;
    const mark = error ? '$(error)' : '$(check)';
    const more = this.#listed === MOST_LISTED ? [{ is: 'done' as const, text: '… and more, on the graph' }] : [];
    return [
      { is: 'done', text: `${mark} **${plain(this.#title(node))}**${where}${took}${error ? `: ${plain(error.message)}` : ''}` },
      ...more,
    ];
  }

  #begin({ step, args, effect }: Extract<RunEvent, { type: 'step.started' }>): Said[] {
    const action = actionOf(args);
    if (action === undefined) return [];
    this.#actions.set(step, action);
    return [{ is: 'doing', text: effect === 'none' || effect === 'read' ? action : `${action} (${effect})` }];
  }

  #end({ step, error }: Extract<RunEvent, { type: 'step.finished' }>): Said[] {
    const action = this.#actions.get(step);
    if (action === undefined) return [];
    return [{ is: 'done', text: `${error ? '$(error)' : '$(check)'} ${code(action)}${error ? `: ${plain(error.message)}` : ''}` }];
  }

  /** Of a node in a body: also in which pass. */
  #title(path: string): string {
    const id = path.slice(path.lastIndexOf('/') + 1);
    const pass = /\[(\d+)\]\/[^/]+$/.exec(path)?.[1];
    const title = this.#titles.get(id) ?? id;
    return pass === undefined ? title : `${title} (pass ${Number(pass) + 1})`;
  }
}

/** What an agent does with a tool, in a line: `files/read {"path":"a.md"}`. Undefined: the step is no action of an agent. */
function actionOf(args: Json | undefined): string | undefined {
  if (!isJsonObject(args)) return undefined;
  const { tool, arguments: given } = args;
  if (typeof tool !== 'string') return undefined;
  const written = given === undefined ? '' : JSON.stringify(given);
  const cut = written.length > MOST_ARGUMENTS ? `${written.slice(0, MOST_ARGUMENTS)}…` : written;
  return `${tool} ${cut === '{}' ? '' : cut}`.trim();
}

/** What of a result is meant to be read. */
function textIn(output: Json | undefined): string | undefined {
  if (typeof output === 'string') return output;
  return isJsonObject(output) && typeof output.text === 'string' ? output.text : undefined;
}

/** Words of a flow or a service in Markdown: shown as they stand. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~$]/g, '\\$&').replace(/\s+/g, ' ');
}

/** In backticks, whatever stands in it. */
export function code(text: string): string {
  const flat = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${flat}${fence}` : `${fence} ${flat} ${fence}`;
}

/** A block of code that nothing in it can end. */
export function block(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
