/** Services that a connection can be made to with little typing. */
import type { Dialect } from '../connection.ts';

export interface Preset {
  id: string;
  name: string;
  /** One line: what it is. */
  about: string;
  /** `{name}` stands for what the user is asked. */
  baseUrl: string;
  asks?: readonly { name: string; title: string; example: string }[];
  dialect?: Dialect;
  keyHeader?: string;
  headers?: Readonly<Record<string, string>>;
  key: 'needed' | 'optional';
  /** Where keys come from. */
  keyPage?: string;
}

export const PRESETS: readonly Preset[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    about: "GPT models, by OpenAI's Responses API",
    baseUrl: 'https://api.openai.com/v1',
    key: 'needed',
    keyPage: 'https://platform.openai.com/api-keys',
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    about: 'Claude models, by the Messages API',
    baseUrl: 'https://api.anthropic.com/v1',
    key: 'needed',
    keyPage: 'https://platform.claude.com/settings/keys',
  },
  {
    id: 'openrouter',
    name: 'OpenRouter',
    about: 'Many services behind one key; says what each call costs',
    baseUrl: 'https://openrouter.ai/api/v1',
    headers: { 'X-Title': 'Belay' },
    key: 'needed',
    keyPage: 'https://openrouter.ai/settings/keys',
  },
  {
    id: 'azure',
    name: 'Azure OpenAI',
    about: 'Deployments of your own resource',
    baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
    asks: [{ name: 'resource', title: 'Name of the Azure resource', example: 'contoso' }],
    key: 'needed',
  },
  {
    id: 'bedrock',
    name: 'Amazon Bedrock',
    about: "Bedrock's OpenAI endpoint, with a Bedrock API key",
    baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com/openai/v1',
    asks: [{ name: 'region', title: 'AWS region', example: 'us-west-2' }],
    key: 'needed',
  },
  {
    id: 'vercel',
    name: 'Vercel AI Gateway',
    about: 'Many services behind one key',
    baseUrl: 'https://ai-gateway.vercel.sh/v1',
    key: 'needed',
  },
  {
    id: 'cloudflare',
    name: 'Cloudflare AI Gateway',
    about: 'Your gateway, by its OpenAI-compatible endpoint',
    baseUrl: 'https://gateway.ai.cloudflare.com/v1/{account}/{gateway}/compat',
    asks: [
      { name: 'account', title: 'Cloudflare account id', example: '0123456789abcdef0123456789abcdef' },
      { name: 'gateway', title: 'Name of the gateway', example: 'default' },
    ],
    keyHeader: 'cf-aig-authorization',
    key: 'needed',
  },
  {
    id: 'portkey',
    name: 'Portkey',
    about: 'Hosted gateway; models are named @provider/model',
    baseUrl: 'https://api.portkey.ai/v1',
    keyHeader: 'x-portkey-api-key',
    key: 'needed',
  },
  {
    id: 'litellm',
    name: 'LiteLLM',
    about: 'Your own proxy',
    baseUrl: '{address}',
    asks: [{ name: 'address', title: 'Base URL of the proxy, up to and including /v1', example: 'http://127.0.0.1:4000/v1' }],
    dialect: 'chat',
    key: 'optional',
  },
  {
    id: 'other',
    name: 'Another OpenAI-compatible service',
    about: 'Any address that speaks Chat Completions',
    baseUrl: '{address}',
    asks: [{ name: 'address', title: 'Base URL, up to and including /v1', example: 'http://127.0.0.1:11434/v1' }],
    key: 'optional',
  },
];

/** The address of a preset with what the user typed. Parts of it are names, and nothing that could lead elsewhere. */
export function presetAddress({ baseUrl }: Pick<Preset, 'baseUrl'>, answers: Readonly<Record<string, string>>): string {
  return baseUrl.replace(/\{(\w+)\}/g, (_, name: string) => {
    const answer = (answers[name] ?? '').trim();
    return baseUrl === `{${name}}` ? answer.replace(/\/+$/, '') : encodeURIComponent(answer);
  });
}
