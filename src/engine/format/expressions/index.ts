/**
 * Expressions: the one module that knows LiquidJS and CEL. Browser-safe. Hosts load it lazily (behind a `*.lazy.ts`): the two
 * libraries come with it.
 */
export { compileCondition } from './cel.ts';
export { compilePattern, FUNCTIONS } from './cel-functions.ts';
export { type CompiledTemplate, compileTemplate, templateWords } from './liquid.ts';
export { FILTERS, INNER_TAGS, TAGS } from './liquid-docs.ts';
export { type Chain, type ExpressionError, ExpressionFault, type Reference, type Scope, type UnknownName } from './reference.ts';
