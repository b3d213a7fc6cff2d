/** Shows a run in the chat while it happens, asks there what it asks, and ends with it. */
import * as vscode from 'vscode';
import type { Json } from '../../engine/format/json.ts';
import { DECISIONS, type LiveEvent, type RunEvent, type SignalRequest } from '../../engine/run/events.ts';
import { decider } from '../runs/decisions.ts';
import { type RunRef, refKey } from '../runs/run-ref.ts';
import type { ChatHost, Turn } from './host.ts';
import { block, code, Narrator, plain, type Said, type Telling } from './narrate.ts';

type Ended = Extract<Said, { is: 'ended' }> | { is: 'left' };

/** Characters of a value that are shown in the chat; the rest is on the graph. */
const MOST_SHOWN = 4000;

const LABEL: Readonly<Record<string, string>> = {
  approved: 'Approve',
  rejected: 'Reject',
  happened: 'It Happened',
  retry: 'Try Again',
  abort: 'Abort',
  more: 'Go On',
  stop: 'Stop',
  live: 'Ask the Model',
};

/**
 * @param titles of the run's nodes, by id.
 * @returns how it ended, or that somebody left it to itself. Cancelling the request cancels the run.
 */
export async function tellRun(
  host: ChatHost,
  ref: RunRef,
  { telling, titles, model }: { telling: Telling; titles: ReadonlyMap<string, string>; model: string },
  { stream, token }: Pick<Turn, 'stream' | 'token'>,
): Promise<Ended> {
  const source = await host.hub.source(ref);
  const narrator = new Narrator(telling, titles);
  const listeners: vscode.Disposable[] = [];
  let seen = 0;
  try {
    return await new Promise<Ended>((resolve, reject) => {
      const tell = (event: RunEvent | LiveEvent): void => {
        for (const said of narrator.tell(event)) {
          if (said.is === 'ended') resolve(said);
          else say(said, { ref, model, stream });
        }
      };
      const catchUp = (): void => {
        for (const event of source.events.slice(seen)) tell(event);
        seen = source.events.length;
      };
      const cancel = (): void => void host.hub.cancel(ref, decider()).catch(reject);
      listeners.push(
        source.onDidAppend(({ live }) => {
          catchUp();
          live.forEach(tell);
        }),
        source.onDidReset(catchUp),
        host.onDidLeave((left) => refKey(left) === refKey(ref) && resolve({ is: 'left' })),
        host.hub.onDidStop((stopped) => refKey(stopped.ref) === refKey(ref) && reject(stopped.error)),
        token.onCancellationRequested(cancel),
      );
      catchUp();
      if (token.isCancellationRequested) cancel();
    });
  } finally {
    for (const listener of listeners) listener.dispose();
    source.dispose();
  }
}

interface Place {
  ref: RunRef;
  model: string;
  stream: vscode.ChatResponseStream;
}

function say(said: Exclude<Said, { is: 'ended' }>, place: Place): void {
  const { stream } = place;
  switch (said.is) {
    case 'text':
      stream.markdown(said.text);
      return;
    case 'doing':
      stream.progress(said.text);
      return;
    case 'done':
      stream.markdown(withIcons(`\n- ${said.text}\n`));
      return;
    case 'asks':
      ask(said, place);
      return;
    case 'answered': {
      const { decision, by, reason } = said.reply;
      stream.markdown(withIcons(`\n\n$(arrow-right) ${plain(decision)} by ${plain(by)}${reason ? `: ${plain(reason)}` : ''}\n\n`));
      return;
    }
    default:
      said satisfies never;
  }
}

/** Confirmations of VS Code's own are not open to extensions, so a question is words and buttons. */
function ask({ key, request }: Extract<Said, { is: 'asks' }>, { ref, model, stream }: Place): void {
  stream.markdown(withIcons(`\n\n$(bell-dot) **${plain(request.title)}**\n\n${plain(request.message)}\n\n`));
  const value = subjectOf(request);
  if (value !== undefined) stream.markdown(`${shown(value)}\n\n`);
  if ('untrusted' in request && request.untrusted) {
    stream.markdown(withIcons('$(warning) Some of this comes from a model, a file or the web: read it before you agree.\n\n'));
  }
  const question = { root: ref.root, runId: ref.id, key, title: request.title };
  for (const decision of DECISIONS[request.kind]) {
    const title = request.kind === 'consent' && decision === 'approved' ? 'Allow' : LABEL[decision];
    if (title === undefined) continue;
    const more = decision === 'live' ? { value: model } : {};
    stream.button({ command: 'belay.chat.decide', title, arguments: [{ ...question, kind: request.kind }, decision, more] });
  }
  stream.button({ command: 'belay.openRun', title: 'Show on Graph', arguments: [{ root: ref.root, run: { id: ref.id } }] });
  stream.button({ command: 'belay.chat.leave', title: 'Decide Later', arguments: [ref] });
}

/** What a yes would be about. */
function subjectOf(request: SignalRequest): Json | undefined {
  switch (request.kind) {
    case 'approval':
      return request.details;
    case 'gate':
    case 'inDoubt':
      return request.args;
    case 'reply':
    case 'recordingMissing':
      return request.prompt;
    case 'consent':
      return request.model;
    case 'signal':
    case 'budget':
      return undefined;
    default:
      return request satisfies never;
  }
}

/** A value in the chat: text as it is, anything else as JSON; cut where it is long. */
export function shown(value: Json): string {
  const isText = typeof value === 'string';
  const text = isText ? value : JSON.stringify(value, null, 2);
  const cut = text.length > MOST_SHOWN;
  return `${block(text.slice(0, MOST_SHOWN), isText ? '' : 'json')}${cut ? '\n\n*Cut: the whole is on the graph.*' : ''}`;
}

export function withIcons(markdown: string): vscode.MarkdownString {
  return new vscode.MarkdownString(markdown, true);
}

/** Says how a run ended: its results, or what went wrong and what to do about it. */
export async function tellEnd(
  host: ChatHost,
  ref: RunRef,
  ended: Ended,
  telling: Telling,
  stream: vscode.ChatResponseStream,
): Promise<void> {
  const link = (title: string) => stream.button({ command: 'belay.openRun', title, arguments: [{ root: ref.root, run: { id: ref.id } }] });
  if (ended.is === 'left') {
    stream.markdown('\n\nThe run goes on without the chat; the Approvals view has its question.\n\n');
    return link('Show Run');
  }
  const { outcome, outputs, error, reason } = ended;
  if (outcome === 'succeeded' && telling === 'flow') {
    const whole = outputs === undefined ? {} : await host.hub.whole(ref, outputs);
    const results = Object.entries(whole ?? {});
    stream.markdown(withIcons(`\n\n$(pass) **Succeeded**\n\n`));
    for (const [name, value] of results) stream.markdown(`${code(name)}\n\n${shown(value as Json)}\n\n`);
  } else if (outcome !== 'succeeded') {
    const words = { failed: 'Failed', rejected: 'Ended by a no', cancelled: 'Cancelled' }[outcome];
    const at = error?.node === undefined ? '' : ` at ${code(error.node)}`;
    const why = error ? `${plain(error.message)} ${plain(error.hint)}` : reason === undefined ? '' : plain(reason);
    stream.markdown(withIcons(`\n\n$(${outcome === 'failed' ? 'error' : 'circle-slash'}) **${words}**${at}. ${why}\n\n`));
  }
  link('Show Run');
}
