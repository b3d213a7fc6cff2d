/** Belay's MCP client as the conformance suite starts it: with the address of its server, and the scenario in the environment. */
import { createMcpTools } from '../../src/providers/mcp/tools.ts';
import { defaultsOf } from './defaults.ts';

const [url = ''] = process.argv.slice(2);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as { client_id?: string; client_secret?: string };
const kept = new Map<string, string>();
// A client that its user has registered beforehand is kept as one that Belay registered.
if (scenario === 'auth/pre-registration') {
  const client = { client_id: context.client_id, client_secret: context.client_secret };
  kept.set(new URL(url).origin + new URL(url).pathname, JSON.stringify({ client }));
}

const tools = createMcpTools({
  root: process.cwd(),
  version: '0.0.0',
  environment: process.env,
  secrets: { get: async () => undefined },
  note: (message) => process.stderr.write(`${message}\n`),
  allow: async () => true,
  howToAllow: () => '',
  elicit: async ({ fields }) => ({ action: 'accept', content: defaultsOf(fields) }),
  oauth: {
    async open(page) {
      // As a browser goes: to the page, and back to the listener.
      const answer = await fetch(page, { redirect: 'manual' });
      await fetch(answer.headers.get('location') ?? '');
      return true;
    },
    load: async (server) => kept.get(server),
    keep: async (server, value) => void (value === undefined ? kept.delete(server) : kept.set(server, value)),
    learn: () => undefined,
  },
});
const scope = { flow: 'conformance.flow.json', servers: { it: { url } } };
const { signal } = new AbortController();
try {
  const { tools: listed, unavailable } = await tools.list(['it/*'], { scope, signal });
  for (const { error } of unavailable) throw error;
  const ARGUMENTS: Record<string, Record<string, number>> = { 'it/add_numbers': { a: 5, b: 3 } };
  if (scenario !== 'initialize') {
    for (const { name } of listed) await tools.call(name, ARGUMENTS[name] ?? {}, { scope, signal, idempotencyKey: name });
  }
} finally {
  await tools.dispose();
}
