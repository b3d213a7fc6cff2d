/** Templates: LiquidJS, cut down to what can be analysed, bounded and repeated. The only module that renders. */
import { type Context, type Emitter, Liquid, LiquidError, type Template, Tokenizer, TypeGuards, toValue } from 'liquidjs';
import { lazily } from '../lazily.ts';
import { adaptFilters, RANGE_BOUND, weigh } from './liquid-filters.ts';
import { referencesOfTemplate } from './liquid-references.ts';
import { LruCache } from './lru.ts';
import {
  type Chain,
  EXPRESSION_TIME_LIMIT,
  type ExpressionError,
  ExpressionFault,
  isStackOverflow,
  type Reference,
  type Scope,
  type Span,
  type UnknownName,
} from './reference.ts';

/** Characters of a template. Longer texts belong into files that a step reads. */
const MAX_TEMPLATE_LENGTH = 100_000;
/** Characters and list items that rendering may handle in all, the rendered text included. */
const MEMORY_LIMIT = 10_000_000;

export interface CompiledTemplate {
  /** In the order of the text. */
  readonly references: readonly Reference[];
  readonly unknown: readonly UnknownName[];
  readonly chains: readonly Chain[];
  /**
   * The text with the values of `scope`. Null renders as nothing, lists and objects as JSON; nothing is escaped. Dates are in UTC.
   *
   * @throws ExpressionFault where a value does not exist, a filter fails or a limit is exceeded.
   */
  render(scope: Scope): string;
}

export type TemplateResult = { ok: true; template: CompiledTemplate } | { ok: false; error: ExpressionError };

const cache = new LruCache<TemplateResult>(500);

/** Parses a Liquid template. Never throws; what is wrong is told with its place in `text`. */
export function compileTemplate(text: string): TemplateResult {
  return cache.get(text, compile);
}

function compile(text: string): TemplateResult {
  if (text.length > MAX_TEMPLATE_LENGTH) {
    const message = `The template is longer than ${MAX_TEMPLATE_LENGTH} characters.`;
    return { ok: false, error: { message, offset: 0, length: text.length } };
  }
  try {
    const templates = liquid().parse(text);
    const { references, unknown, chains, ranges, stray } = referencesOfTemplate(templates);
    const left = stray ? { offset: stray.begin, length: stray.end - stray.begin } : leftover(templates);
    if (left) return { ok: false, error: { ...left, message: notUnderstood(text, left) } };
    for (const range of ranges) {
      range.lhs = bounded(range.lhs);
      range.rhs = bounded(range.rhs);
    }
    return { ok: true, template: { references, unknown, chains, render: (scope) => render(text, templates, scope) } };
  } catch (thrown) {
    return { ok: false, error: errorOf(thrown, text) };
  }
}

function render(text: string, templates: Template[], scope: Scope): string {
  try {
    // A copy, because `increment` writes into it; without a prototype, so that no inherited name is taken for a value.
    return String(liquid().renderSync(templates, Object.assign(Object.create(null), scope)));
  } catch (thrown) {
    throw new ExpressionFault(errorOf(thrown, text), { cause: thrown });
  }
}

/** Text behind a value that LiquidJS would drop without a word: `{{ a + b }}` would render `a`. */
function leftover(templates: readonly Template[]): Span | undefined {
  for (const { token } of templates) {
    if (!TypeGuards.isOutputToken(token)) continue;
    const tokenizer = new Tokenizer(token.input, liquid().options.operators, undefined, token.contentRange);
    tokenizer.readFilteredValue();
    tokenizer.skipBlank();
    if (tokenizer.end()) continue;
    return { offset: tokenizer.p, length: tokenizer.remaining().trim().length };
  }
  return undefined;
}

function notUnderstood(text: string, { offset, length }: Span): string {
  const part = clip(text.slice(offset, offset + length));
  return `"${part}" is not understood here. Templates calculate with filters: {{ a | plus: b }}.`;
}

/**
 * The bound of a range behind a check: from 2^53 on, adding one changes nothing, and LiquidJS would count for ever.
 * Written as `(bound | filter)`, which the language itself does not offer (`groupedExpressions` is off).
 */
function bounded(bound: { getText(): string }) {
  const tokenizer = new Tokenizer(`(${bound.getText()} | abs)`, liquid().options.operators, undefined, undefined, true);
  const token = tokenizer.readValueOrThrow();
  if (!TypeGuards.isFilteredValueToken(token)) throw new Error(`${bound.getText()} is no bound for a range`);
  for (const filter of token.filters) filter.name = RANGE_BOUND;
  return token;
}

function errorOf(thrown: unknown, text: string): ExpressionError {
  if (!(thrown instanceof Error)) return { message: String(thrown), offset: 0, length: text.length };
  const cause = LiquidError.is(thrown) ? (thrown.originalError ?? thrown) : thrown;
  if (isStackOverflow(cause)) return { message: 'The template is nested too deeply.', offset: 0, length: text.length };
  const message = plainMessage(cause.message);
  const token = LiquidError.is(thrown) ? thrown.token : undefined;
  if (!token || token.input !== text) return { message, offset: 0, length: text.length };
  return { message, offset: token.begin, length: Math.max(1, Math.min(token.end, text.length) - token.begin) };
}

function plainMessage(raw: string): string {
  const message = raw.replace(/, (file:.*, )?line:\d+, col:\d+$/, '');
  const [, variable] = /^undefined variable: (.*)$/.exec(message) ?? [];
  if (variable !== undefined) return `There is no value "${clip(variable)}".`;
  const [, filter] = /^undefined filter: (.*)$/.exec(message) ?? [];
  if (filter !== undefined) return `There is no filter "${clip(filter)}".`;
  const [, tag] = /^tag "(.*)" not found$/.exec(message) ?? [];
  if (tag !== undefined) return tag.startsWith('end') ? `"${clip(tag)}" closes nothing.` : `There is no tag "${clip(tag)}".`;
  if (message === 'expected "|" before filter') return 'Only filters may follow a value: {{ a | plus: b }}.';
  if (/^invalid value expression: ""$/.test(message)) return 'A value is missing here.';
  if (message === 'template render limit exceeded') return `Rendering took longer than ${EXPRESSION_TIME_LIMIT} ms.`;
  if (message === 'memory alloc limit exceeded') return 'Rendering would take too much memory.';
  if (/invalid string length/i.test(message)) return 'Rendering would take too much memory.';
  const sentence = clip(message);
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${/[.!?…]$/.test(sentence) ? '' : '.'}`;
}

function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** Where rendered text goes: values become text here, and every character counts against the memory limit. */
class BoundedEmitter implements Emitter {
  buffer = '';
  private readonly context: Context;

  constructor(context: Context) {
    this.context = context;
  }

  write(raw: unknown): void {
    const value: unknown = toValue(raw);
    if (value === null || value === undefined) return;
    if (typeof value === 'object') weigh(value, this.context);
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    this.context.memoryLimit.use(text.length);
    this.buffer += text;
  }
}

/** Tags that read files (there are none) or exist for them. */
const DROPPED_TAGS = ['include', 'render', 'layout', 'block'];

function createLiquid(): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    // Missing values are fine where they are asked for: in conditions and in front of `default`.
    lenientIf: true,
    ownPropertyOnly: true,
    parseLimit: MAX_TEMPLATE_LENGTH,
    renderLimit: EXPRESSION_TIME_LIMIT,
    memoryLimit: MEMORY_LIMIT,
    // The same text on every machine: in the editor, in CI, and when a run is resumed elsewhere.
    timezoneOffset: 0,
    locale: 'en-US',
    templates: {},
  });
  for (const tag of DROPPED_TAGS) delete engine.tags[tag];
  adaptFilters(engine);
  // Whoever renders without an emitter of his own (the whole template, `capture`, …) gets one that counts.
  const { renderer } = engine;
  const renderTemplates = renderer.renderTemplates.bind(renderer);
  renderer.renderTemplates = (templates, context, emitter) => renderTemplates(templates, context, emitter ?? new BoundedEmitter(context));
  return engine;
}

/** Made for the first template: many flows have none. */
const liquid = lazily(createLiquid);

/** The filters and the tags that a template may use, by name. */
export function templateWords(): { filters: string[]; tags: string[] } {
  return {
    filters: Object.keys(liquid().filters).filter((name) => name !== RANGE_BOUND),
    tags: Object.keys(liquid().tags).filter((name) => /^\w+$/.test(name)),
  };
}
