// @ts-check
import { delimiter, dirname, join } from 'node:path';
import { root } from './paths.mjs';

/**
 * The environment of everything the scripts start: Node 24 first on the path, then the project's own tools.
 * What npm tells about the script that is running is taken out, for a second npm would believe it about its own folder.
 * @param {string} nodeBinary
 * @param {NodeJS.ProcessEnv} [base]
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(nodeBinary, base = process.env) {
  const kept = Object.entries(base).filter(([name]) => !/^npm_(package|lifecycle|command|execpath|node_execpath)/.test(name));
  const path = [dirname(nodeBinary), join(root, 'node_modules', '.bin'), base.PATH ?? ''].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
}

const secret =
  /^(OPENAI|ANTHROPIC|CLAUDE|AZURE_OPENAI|AZURE_AI|OPENROUTER|GEMINI|GOOGLE_GENERATIVE|GOOGLE_AI|MISTRAL|GROQ|DEEPSEEK|XAI|COHERE|TOGETHER|FIREWORKS|PERPLEXITY|OLLAMA|HF|HUGGING_FACE|COPILOT)_/;
const secretEnding = /_(API_?KEY|ACCESS_KEY|SECRET_KEY|AUTH_TOKEN)$/;
const tokens = new Set(['GITHUB_TOKEN', 'GH_TOKEN', 'PASSWORD', 'HASHED_PASSWORD']);

/**
 * The same environment without keys of model services and other secrets: no test may reach, or depend on, somebody's account.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function withoutSecrets(environment) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !secret.test(name) && !secretEnding.test(name) && !tokens.has(name)),
  );
}
