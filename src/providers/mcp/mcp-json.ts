/** `.vscode/mcp.json` as VS Code has it, for hosts that have to read it themselves. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { parseEnv } from 'node:util';
import { type ParseError, parse } from 'jsonc-parser';
import { BelayError } from '../../engine/errors.ts';
import type { Json, JsonObject } from '../../engine/format/json.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import { defineServer, replaceEach, type ServerDefinition } from './definitions.ts';
import { invalidServer } from './errors.ts';

const MCP_JSON = '.vscode/mcp.json';
const MOST_BYTES = 1_000_000;

/** Something that the user of the file is asked for. */
export interface McpInput {
  id: string;
  description: string;
  /** Not shown while it is typed, and never written down. */
  password: boolean;
  options: readonly string[];
  initial: string | undefined;
}

export interface McpJsonHost {
  root: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Undefined: nobody can be asked. Rejects where somebody would not answer. */
  ask?: ((input: McpInput) => Promise<string>) | undefined;
  /** A value that must never be written down. */
  learn(secret: string): void;
}

/** The environment variable that answers an input where nobody can be asked. */
function inputVariable(id: string): string {
  return `BELAY_INPUT_${id.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}

/**
 * The servers of the file, by name; none where there is no file. What somebody answered is remembered as long as this process lives.
 * Throws `MCP_JSON_INVALID`.
 */
export async function readMcpJson(host: McpJsonHost): Promise<ReadonlyMap<string, () => ServerDefinition>> {
  const text = await readFile(join(host.root, MCP_JSON), 'utf8').catch(() => undefined);
  if (text === undefined) return new Map();
  const errors: ParseError[] = [];
  const value: unknown = text.length > MOST_BYTES ? undefined : parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || !isJsonObject(value)) {
    throw new BelayError('MCP_JSON_INVALID', `${MCP_JSON} cannot be read.`, {
      hint: 'Open it in VS Code, which shows what is wrong with it.',
      kind: 'badRequest',
    });
  }
  const answers = new Answers(inputsOf(value.inputs), host);
  const servers = isJsonObject(value.servers) ? value.servers : {};
  return new Map(Object.entries(servers).map(([name, entry]) => [name, () => define(name, entry, answers, host)]));
}

/** What VS Code knows of a server and nobody else needs is left out; what is missing then is said by `defineServer`. */
function define(name: string, entry: Json, answers: Answers, host: McpJsonHost): ServerDefinition {
  if (!isJsonObject(entry)) throw invalidServer(name, 'it is no object.');
  if (entry.type === 'sse') throw invalidServer(name, 'the old transport "sse" is not spoken here; use streamable HTTP ("http").');
  const kept: JsonObject = {};
  for (const key of ['type', 'command', 'args', 'env', 'url', 'headers']) if (entry[key] !== undefined) kept[key] = entry[key];
  const fixed = (text: string): string =>
    text
      .replaceAll(/\$\{workspaceFolder\}/g, () => host.root)
      .replaceAll(/\$\{userHome\}/g, () => homedir())
      .replaceAll(/\$\{(?:pathSeparator|\/)\}/g, () => sep);
  if (typeof entry.cwd === 'string') kept.cwd = fixed(entry.cwd);
  const definition = defineServer(name, kept, {
    root: host.root,
    folder: '.',
    from: MCP_JSON,
    fill: (text) => answers.fill(name, fixed(text)),
  });
  const { envFile } = entry;
  if (typeof envFile !== 'string' || !('command' in definition.server)) return definition;
  return withEnvFile(definition, resolve(host.root, fixed(envFile)), host.root);
}

/** Variables of the file stand behind those of the list. The file is read when the server is started. */
function withEnvFile(definition: ServerDefinition, path: string, root: string): ServerDefinition {
  const below = relative(root, path);
  if (below.startsWith('..') || isAbsolute(below)) throw invalidServer(definition.name, '"envFile" lies outside of the workspace.');
  return {
    ...definition,
    more: async () => {
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) throw invalidServer(definition.name, `its "envFile" (${below}) is not there.`);
      return Object.fromEntries(
        Object.entries(parseEnv(text)).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
      );
    },
  };
}

function inputsOf(inputs: Json | undefined): Map<string, McpInput> {
  const found = new Map<string, McpInput>();
  for (const input of Array.isArray(inputs) ? inputs : []) {
    if (!isJsonObject(input) || typeof input.id !== 'string') continue;
    if (input.type !== 'promptString' && input.type !== 'pickString') continue;
    const { id, description, password, options } = input;
    found.set(id, {
      id,
      description: typeof description === 'string' ? description : id,
      password: password === true,
      options: (Array.isArray(options) ? options : []).flatMap((it) => {
        const value = isJsonObject(it) ? it.value : it;
        return typeof value === 'string' ? [value] : [];
      }),
      initial: typeof input.default === 'string' ? input.default : undefined,
    });
  }
  return found;
}

class Answers {
  readonly #inputs: ReadonlyMap<string, McpInput>;
  readonly #host: McpJsonHost;
  readonly #given = new Map<string, Promise<string>>();

  constructor(inputs: ReadonlyMap<string, McpInput>, host: McpJsonHost) {
    this.#inputs = inputs;
    this.#host = host;
  }

  async fill(server: string, text: string): Promise<string> {
    const withInputs = await replaceEach(text, /\$\{input:([^}]{1,200})\}/g, (id) => this.#answer(server, id));
    return replaceEach(withInputs, /\$\{env:([^}]{1,200})\}/g, async (name) => {
      const value = this.#host.environment[name] ?? '';
      if (value.length >= 8) this.#host.learn(value);
      return value;
    });
  }

  #answer(server: string, id: string): Promise<string> {
    const before = this.#given.get(id);
    if (before !== undefined) return before;
    const answer = this.#ask(server, id);
    this.#given.set(id, answer);
    // Asked anew the next time.
    answer.catch(() => this.#given.delete(id));
    return answer;
  }

  async #ask(server: string, id: string): Promise<string> {
    const input = this.#inputs.get(id);
    if (!input)
      throw invalidServer(
        server,
        `it refers to the input "${id}", which ${MCP_JSON} does not describe in a way that can be asked for here.`,
      );
    const { environment, ask, learn } = this.#host;
    const given = environment[inputVariable(id)];
    if (given === undefined && !ask) {
      throw new BelayError(
        'MCP_INPUT_MISSING',
        `The MCP server "${server}" needs "${input.description}" (input ${id} of ${MCP_JSON}), and nobody can be asked here.`,
        {
          hint: `Set ${inputVariable(id)}.`,
          kind: 'auth',
          details: { server, input: id },
        },
      );
    }
    const value = given ?? (await (ask as NonNullable<typeof ask>)(input));
    if (input.password && value !== '') learn(value);
    return value;
  }
}
