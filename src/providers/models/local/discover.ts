/** Model servers on this machine, looked for on their usual ports when somebody asks for it: loopback only, one question each. */
import { isJsonObject } from '../../../engine/format/json.ts';

export interface LocalServer {
  id: string;
  name: string;
  port: number;
}

const LOCAL_SERVERS: readonly LocalServer[] = [
  { id: 'ollama', name: 'Ollama', port: 11434 },
  { id: 'lmstudio', name: 'LM Studio', port: 1234 },
  { id: 'llamacpp', name: 'llama.cpp', port: 8080 },
  { id: 'vllm', name: 'vLLM', port: 8000 },
];

export interface FoundServer extends LocalServer {
  baseUrl: string;
  models: string[];
}

/** ms. It is this machine: who does not answer at once is not there. */
const PATIENCE = 1500;

/** Those that answer with a list of models; the ports belong to others as often as not. */
export async function findLocalServers(signal?: AbortSignal, servers: readonly LocalServer[] = LOCAL_SERVERS): Promise<FoundServer[]> {
  const found = await Promise.all(servers.map((server) => probe(server, signal)));
  return found.filter((server) => server !== undefined);
}

async function probe(server: LocalServer, signal: AbortSignal | undefined): Promise<FoundServer | undefined> {
  const baseUrl = `http://127.0.0.1:${server.port}/v1`;
  const limit = AbortSignal.timeout(PATIENCE);
  try {
    const response = await fetch(`${baseUrl}/models`, {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    if (!response.ok || !/json/.test(response.headers.get('content-type') ?? '')) return undefined;
    const body: unknown = await response.json();
    const entries = isJsonObject(body) && Array.isArray(body.data) ? body.data : undefined;
    const models = entries?.flatMap((entry) => (isJsonObject(entry) && typeof entry.id === 'string' ? [entry.id] : []));
    return models && { ...server, baseUrl, models };
  } catch {
    return undefined;
  }
}
