/**
 * Expressions: the one module that knows LiquidJS and CEL. Browser-safe. Import it lazily in hosts (`await import`): the two
 * libraries are loaded with it.
 */
export { type CompiledCondition, type ConditionResult, compileCondition, MAX_CONDITION_LENGTH } from './cel.ts';
export { FUNCTIONS, type FunctionDoc } from './cel-functions.ts';
export { type CompiledTemplate, compileTemplate, MAX_TEMPLATE_LENGTH, type TemplateResult } from './liquid.ts';
export {
  type ExpressionError,
  ExpressionFault,
  REFERENCE_ROOTS,
  type Reference,
  type ReferenceRoot,
  type Scope,
  type UnknownName,
} from './reference.ts';
