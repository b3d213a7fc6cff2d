/** Which models can be told how much to think: by their names, as no service says so. Others refuse the wish, so it is left out. */

/** OpenAI's that think; behind a gateway there is a vendor in front. */
const OPENAI = /(^|\/)(o\d|gpt-[5-9])/;
/** Anthropic's, from 4.5 on. */
const ANTHROPIC = /^claude-[a-z]+-(4-[5-9]|[5-9])(?!\d)/;

export function thinks(model: string): boolean {
  return OPENAI.test(model);
}

export function takesEffort(model: string): boolean {
  return ANTHROPIC.test(model);
}

export const NO_EFFORT = 'Whether this model can be told how much to think is not known; it was left out.';
