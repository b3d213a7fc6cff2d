/**
 * Signing in at a server (OAuth 2.1 with PKCE): the SDK speaks the protocol, a browser shows the page, and a listener on loopback takes
 * the answer. The listener is there only while one is waited for, and takes no answer without the state that was sent.
 */
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { unauthorized } from './errors.ts';

export interface OAuthHost {
  /** Shows the page to the user. False: nobody is there to see it. */
  open(url: URL, server: string): Promise<boolean>;
  /** What was kept for a server; JSON. */
  load(server: string): Promise<string | undefined>;
  keep(server: string, value: string | undefined): Promise<void>;
  /** A value that must never be written down. */
  learn(secret: string): void;
}

/** How long somebody may take to sign in, in ms. */
const SIGN_IN_MS = 300_000;
const CALLBACK = '/callback';
const PAGE = (title: string, text: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Belay</title><style>body{font:16px system-ui;margin:4rem auto;max-width:32rem}</style><h1>${title}</h1><p>${text}</p>`;

interface Kept {
  /** Of the redirect: servers may insist on the one that was registered. */
  port?: number;
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
}

export class OAuthSession {
  readonly #name: string;
  readonly #host: OAuthHost;
  /** Under which it is kept: the address without its query. */
  readonly #key: string;
  /** Of the newest page: only its answer fits the verifier that is kept. */
  #state = '';
  #kept: Kept | undefined;
  #port: number | undefined;
  #verifier = '';
  #discovery: OAuthDiscoveryState | undefined;
  #listener: Server | undefined;
  #answer: Promise<URLSearchParams> | undefined;
  #refuse: (error: unknown) => void = () => undefined;
  readonly provider: OAuthClientProvider;

  constructor(name: string, url: URL, host: OAuthHost) {
    this.#name = name;
    this.#host = host;
    this.#key = url.origin + url.pathname;
    const session = this;
    this.provider = {
      get redirectUrl() {
        return session.#redirectUrl();
      },
      get clientMetadata(): OAuthClientMetadata {
        return {
          client_name: 'Belay',
          redirect_uris: [session.#redirectUrl()],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
          application_type: 'native',
        };
      },
      state: () => {
        session.#state = randomBytes(32).toString('base64url');
        return session.#state;
      },
      clientInformation: async () => (await session.#load()).client,
      saveClientInformation: (client) => session.#save({ client, port: session.#portOf() }),
      tokens: async () => (await session.#load()).tokens,
      saveTokens: (tokens) => session.#save({ tokens }),
      redirectToAuthorization: (url) => session.#redirect(url),
      saveCodeVerifier: (verifier) => {
        session.#verifier = verifier;
      },
      codeVerifier: () => session.#verifier,
      saveDiscoveryState: (state) => {
        session.#discovery = state;
      },
      discoveryState: () => session.#discovery,
      invalidateCredentials: (scope) => session.#invalidate(scope),
    };
  }

  /** Somebody is signing in now. */
  get isPending(): boolean {
    return this.#answer !== undefined;
  }

  /** Waits for the answer of the browser and gets the tokens for it. Throws `MCP_UNAUTHORIZED`, or the signal's reason. */
  async finish(transport: StreamableHTTPClientTransport, signal: AbortSignal): Promise<void> {
    try {
      const params = await raced(this.#answer ?? Promise.reject(new Error('nobody was asked to sign in')), signal);
      await transport.finishAuth(params);
    } catch (error) {
      signal.throwIfAborted();
      throw unauthorized(this.#name, error instanceof Error ? error.message : String(error), error);
    } finally {
      this.dispose();
    }
  }

  dispose(): void {
    this.#listener?.close();
    this.#listener?.closeAllConnections();
    this.#listener = undefined;
    this.#answer = undefined;
  }

  async #load(): Promise<Kept> {
    if (this.#kept) return this.#kept;
    const text = await this.#host.load(this.#key);
    this.#kept = keptOf(text);
    this.#port ??= this.#kept.port;
    this.#learn(this.#kept);
    return this.#kept;
  }

  async #save(more: Kept): Promise<void> {
    this.#kept = { ...(await this.#load()), ...more };
    this.#learn(this.#kept);
    await this.#host.keep(this.#key, JSON.stringify(this.#kept));
  }

  #learn({ tokens, client }: Kept): void {
    for (const secret of [tokens?.access_token, tokens?.refresh_token, tokens?.id_token, client?.client_secret]) {
      if (secret) this.#host.learn(secret);
    }
  }

  async #invalidate(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): Promise<void> {
    if (scope === 'discovery' || scope === 'all') this.#discovery = undefined;
    if (scope === 'verifier' || scope === 'discovery') return;
    const { client: _client, tokens: _tokens, ...rest } = await this.#load();
    const { client, tokens } = this.#kept ?? {};
    this.#kept = { ...rest, ...(scope === 'tokens' && client ? { client } : {}), ...(scope === 'client' && tokens ? { tokens } : {}) };
    await this.#host.keep(this.#key, JSON.stringify(this.#kept));
  }

  #portOf(): number {
    // Not listened on before it is needed; PKCE and the state keep whoever else takes it from doing harm.
    this.#port ??= randomInt(49_152, 65_536);
    return this.#port;
  }

  #redirectUrl(): string {
    return `http://127.0.0.1:${this.#portOf()}${CALLBACK}`;
  }

  async #redirect(url: URL): Promise<void> {
    if (!/^https?:$/.test(url.protocol)) throw unauthorized(this.#name, `its page for signing in is no web page (${url.protocol})`);
    // A second request may be sent to sign in while the first one waits: both wait for the answer of the newest page.
    if (this.#answer === undefined) {
      let settle: { resolve(answer: URLSearchParams): void; reject(error: unknown): void } = { resolve() {}, reject() {} };
      const answer = new Promise<URLSearchParams>((resolve, reject) => {
        settle = { resolve, reject };
      });
      answer.catch(() => undefined);
      this.#answer = answer;
      this.#refuse = settle.reject;
      await this.#listen(settle.resolve, settle.reject);
    }
    const refuse = this.#refuse;
    // Not waited for: whoever connects has little time, and people take theirs.
    this.#host.open(url, this.#name).then((opened) => {
      if (!opened) refuse(new Error('somebody has to sign in, and nobody can be asked here'));
    }, refuse);
  }

  #listen(resolve: (answer: URLSearchParams) => void, reject: (error: Error) => void): Promise<void> {
    const port = this.#portOf();
    const listener = createServer((request, response) => {
      const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
      const say = (status: number, title: string, text: string): void => {
        response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', connection: 'close' });
        response.end(PAGE(title, text));
      };
      if (request.headers.host !== `127.0.0.1:${port}` || request.method !== 'GET' || url.pathname !== CALLBACK) {
        return say(404, 'Not here', 'Nothing is to be seen here.');
      }
      if (this.#state === '' || !same(url.searchParams.get('state') ?? '', this.#state))
        return say(400, 'Not signed in', 'This answer does not belong to what was asked.');
      if (url.searchParams.has('error')) {
        say(200, 'Not signed in', 'You can close this page and go back to Belay.');
        return reject(new Error('signing in was refused'));
      }
      say(200, 'Signed in', 'You can close this page and go back to Belay.');
      resolve(url.searchParams);
    });
    this.#listener = listener;
    const timer = setTimeout(() => reject(new Error('nobody signed in within five minutes')), SIGN_IN_MS);
    listener.once('close', () => clearTimeout(timer));
    return new Promise((listening, failed) => {
      listener.once('error', async (cause) => {
        // Another program has the port: next time another one is registered.
        this.#port = undefined;
        this.#answer = undefined;
        await this.#invalidate('client').catch(() => undefined);
        failed(unauthorized(this.#name, `no answer could be listened for (${cause.message}). Try again.`, cause));
      });
      listener.listen(port, '127.0.0.1', () => listening());
    });
  }
}

function keptOf(text: string | undefined): Kept {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Kept) : {};
  } catch {
    return {};
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
