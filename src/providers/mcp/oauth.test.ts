/** The listener that takes the answer of the browser: whose answer it takes, and whose it does not. The protocol: test/mcp/conformance.test.ts. */
import { request } from 'node:http';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it, onTestFinished } from 'vitest';
import type { OAuthHost } from './oauth.ts';
import { OAuthSession } from './oauth.ts';

const PAGE = new URL('https://sign.in/authorize');

/** A sign-in that waits for the browser. */
async function signingIn(more: Partial<OAuthHost> = {}) {
  const host: OAuthHost = {
    open: async () => true,
    load: async () => undefined,
    keep: async () => undefined,
    learn: () => undefined,
    ...more,
  };
  const session = new OAuthSession('files', new URL('https://files.example/mcp'), host);
  onTestFinished(() => session.dispose());
  const state = String(await session.provider.state?.());
  await session.provider.redirectToAuthorization(PAGE);
  const taken: string[] = [];
  const transport = { finishAuth: async (answer: URLSearchParams) => void taken.push(answer.get('code') ?? '') };
  const finished = session.finish(transport as unknown as StreamableHTTPClientTransport, new AbortController().signal);
  finished.catch(() => undefined);
  const callback = String(session.provider.redirectUrl);
  /** What the browser is shown. */
  const answer = (query: Record<string, string>, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      request(`${callback}?${new URLSearchParams(query)}`, { headers }, (response) => resolve(response.resume().statusCode ?? 0))
        .once('error', reject)
        .end();
    });
  return { session, state, finished, answer, taken };
}

it('an answer with another state, or none, is refused, and the one that was asked for is waited for still', async () => {
  const { session, state, finished, answer, taken } = await signingIn();
  const flipped = `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}`;
  for (const wrong of [{ state: flipped }, { state: '' }, {}, { state: `${state}x` }]) {
    expect([wrong, await answer({ code: 'stolen', ...wrong })]).toEqual([wrong, 400]);
  }
  expect([taken, session.isPending]).toEqual([[], true]);
  expect(await answer({ code: 'mine', state })).toBe(200);
  await finished;
  expect([taken, session.isPending]).toEqual([['mine'], false]);
});

it('an answer under another name of the host is none, whatever it knows', async () => {
  const { state, answer, taken } = await signingIn();
  expect(await answer({ code: 'rebound', state }, { host: 'evil.example' })).toBe(404);
  expect(taken).toEqual([]);
});

it('a refusal of the user is told as that, and so is that nobody can be asked', async () => {
  const refused = await signingIn();
  expect(await refused.answer({ error: 'access_denied', state: refused.state })).toBe(200);
  await expect(refused.finished).rejects.toMatchObject({ code: 'MCP_UNAUTHORIZED', message: expect.stringContaining('refused') });
  const alone = await signingIn({ open: async () => false });
  await expect(alone.finished).rejects.toMatchObject({ code: 'MCP_UNAUTHORIZED', message: expect.stringContaining('nobody can be asked') });
});

it('a page for signing in that is no web page is not opened', async () => {
  const opened: string[] = [];
  const open: OAuthHost['open'] = async (url) => Boolean(opened.push(url.href));
  const session = (await signingIn({ open })).session;
  await expect(async () => session.provider.redirectToAuthorization(new URL('file:///etc/passwd'))).rejects.toMatchObject({
    code: 'MCP_UNAUTHORIZED',
  });
  expect(opened).toEqual([PAGE.href]);
});
