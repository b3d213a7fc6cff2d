/** The door to the extension host: VS Code's API of a web view, typed by the protocol. */
import { quickLook } from '../engine/format/quick-look.ts';
import type { SentMessage, WebviewMessage } from './protocol/messages.ts';

interface VsCodeApi {
  postMessage(message: WebviewMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What VS Code keeps for this editor between its lives. Never part of the file. */
export interface Saved {
  viewport?: { x: number; y: number; zoom: number };
  selection?: string[];
  /** Nodes whose body is folded away. */
  collapsed?: string[];
  /** Where edges lead when the flow is arranged, and on which side of a card they leave. */
  direction?: 'right' | 'down';
  inspectorOpen?: boolean;
  /** CSS pixels. */
  inspectorWidth?: number;
}

const texts = { type: 'array', items: { type: 'string' } };
const isSaved = quickLook({
  type: 'object',
  properties: {
    viewport: {
      type: 'object',
      properties: { x: { type: 'number' }, y: { type: 'number' }, zoom: { type: 'number', exclusiveMinimum: 0 } },
      required: ['x', 'y', 'zoom'],
    },
    selection: texts,
    collapsed: texts,
    direction: { enum: ['right', 'down'] },
    inspectorOpen: { type: 'boolean' },
    inspectorWidth: { type: 'number', exclusiveMinimum: 0 },
  } satisfies { [K in keyof Saved]-?: object },
});

export interface Host {
  post(message: WebviewMessage): void;
  /** What was saved, or nothing where it cannot be understood (an older version wrote it). */
  readonly saved: Saved;
  /** Adds to what is saved. */
  save(part: Saved): void;
  onMessage(listener: (message: SentMessage) => void): void;
}

/** One set of names for both: a message of another kind (a developer tool's, a newer host's) is not for this editor. */
const KINDS: { readonly [K in SentMessage['type']]: true } = {
  document: true,
  changes: true,
  problems: true,
  mode: true,
  run: true,
  runEvents: true,
  reveal: true,
  editResult: true,
  answer: true,
  command: true,
  action: true,
};

function isSentMessage(data: unknown): data is SentMessage {
  return typeof data === 'object' && data !== null && 'type' in data && typeof data.type === 'string' && Object.hasOwn(KINDS, data.type);
}

/** Connects to the host. Can be done once in the life of a page (VS Code's rule). */
export function connectHost(): Host {
  const api = acquireVsCodeApi();
  const state = api.getState();
  let saved: Saved = isSaved(state) ? (state as Saved) : {};
  return {
    post: (message) => api.postMessage(message),
    saved,
    save(part) {
      saved = { ...saved, ...part };
      api.setState(saved);
    },
    onMessage(listener) {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (isSentMessage(event.data)) listener(event.data);
      });
    },
  };
}
