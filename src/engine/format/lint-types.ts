/** Whether what expressions do is possible with the types of what they read, and whether what they give is what is wanted. */
import type { TypeProblem } from './expressions/cel-types.ts';
import { describeType, KIND, mayBe, misfitOf, typeOfSchema } from './expressions/types.ts';
import { hintsOf } from './hints.ts';
import type { LintedFlow } from './lint-flow.ts';
import { placeIn, replacement, whereIn } from './lint-places.ts';
import type { ReadExpression } from './reading.ts';
import { clip, listed, suggest } from './suggest.ts';

/** The types in one expression. Only what no value could make work is told. */
export function lintTypes(expression: ReadExpression, linted: LintedFlow): void {
  const { condition } = expression;
  if (!condition) {
    lintPaths(expression, linted);
    return;
  }
  const { problems, reading } = linted;
  const type = condition.type(
    (name) => reading.types.root(name, expression),
    (problem) => report(problem, expression, linted),
  );
  if (expression.boolean && !(condition.mayBeBoolean && mayBe(type, KIND.boolean))) {
    const whole = { offset: 0, length: expression.text.length };
    const what = mayBe(type, KIND.boolean) ? '' : `: it is ${describeType(type)}`;
    problems.add('CONDITION_NOT_BOOLEAN', placeIn(expression, whole), `This condition is never true or false${what}.`);
  }
}

function report(problem: TypeProblem, expression: ReadExpression, { problems }: LintedFlow): void {
  const place = placeIn(expression, problem);
  if (problem.kind === 'mismatch') problems.add('TYPE_MISMATCH', place, problem.message);
  else if (problem.kind === 'comparison') problems.add('COMPARISON_CONSTANT', place, problem.message);
  else {
    const [root, id, part] = problem.path ?? [];
    // Names of inputs are looked up elsewhere.
    if (root === 'inputs' && problem.path?.length === 2) return;
    const { known = [], suggestion, name } = problem;
    const hint = suggestion ? `Did you mean "${suggestion}"?` : known.length > 0 ? `It has ${listed(known)}.` : undefined;
    const fix = suggestion && name ? replacement(expression, name, suggestion) : undefined;
    if (root === 'steps' && part === 'output') problems.add('STEP_FIELD_UNKNOWN', place, messageFor(String(id), problem), { hint, fix });
    else problems.add('FIELD_UNKNOWN', place, problem.message, { hint, fix });
  }
}

function messageFor(step: string, { path = [], message }: TypeProblem): string {
  return path.length === 4 && message.startsWith('"') ? `The output of "${step}" has no "${clip(String(path[3]))}".` : message;
}

/** Templates: what their references lead to. What filters make of it is not followed. */
function lintPaths(expression: ReadExpression, { reading, problems }: LintedFlow): void {
  for (const reference of expression.references) {
    const { root, path } = reference;
    const { missing } = reading.types.follow(root, path, expression);
    if (!missing || (root === 'inputs' && missing.at === 0)) continue;
    const key = String(path[missing.at]);
    const known = missing.within.object?.known ?? [];
    const near = mayBe(missing.within, KIND.object) ? suggest(key, known) : undefined;
    const owner = [root, ...path.slice(0, missing.at)].join('.');
    const place = placeIn(expression, reference);
    const what = mayBe(missing.within, KIND.object) ? '' : `: it is ${describeType(missing.within)}`;
    const hint = near ? `Did you mean "${near}"?` : known.length > 0 ? `It has ${listed(known)}.` : undefined;
    const written = expression.text.slice(reference.offset, reference.offset + reference.length);
    const at = `${owner}.`.length;
    const isPlain = written.startsWith(`${owner}.${key}`);
    const fix = near && isPlain ? replacement(expression, { offset: reference.offset + at, length: key.length }, near) : undefined;
    if (root === 'steps' && path[1] === 'output') {
      const message =
        missing.at === 2 ? `The output of "${path[0]}" has no "${clip(key)}"${what}.` : `"${owner}" has no "${clip(key)}"${what}.`;
      problems.add('STEP_FIELD_UNKNOWN', place, whereIn(expression, reference) + message, { hint, fix });
    } else {
      problems.add('FIELD_UNKNOWN', place, `${whereIn(expression, reference)}"${owner}" has no "${clip(key)}"${what}.`, { hint, fix });
    }
  }
}

/** What parameters and results come out as, where it is known what they have to be. */
export function lintValues({ reading, problems }: LintedFlow): void {
  const { types } = reading;
  for (const scope of reading.scopes) {
    for (const [id, node] of Object.entries(scope.nodes)) {
      const manifest = reading.catalog.get(node.type);
      if (!manifest || reading.homeOf(id) !== scope) continue;
      for (const [name, hint] of Object.entries(hintsOf(manifest))) {
        const value = node.with?.[name];
        if (hint.of === undefined || value === undefined) continue;
        const misfit = misfitOf(types.value(value, { node: id, ...(hint.scope && { inBody: true as const }) }), typeOfSchema(hint.of));
        if (misfit)
          problems.add('TYPE_MISMATCH', { path: [...scope.path, id, 'with', name], node: id }, `"${name}" of "${id}": ${misfit.message}.`);
      }
      // What others hand in may still be made to fit (a reply of a model is parsed); what is computed here is what it is.
      if (node.output === undefined || manifest.resultTrust !== 'derived') continue;
      const misfit = misfitOf(types.natural(id), typeOfSchema(node.output));
      if (misfit) {
        const message = `The result of "${id}" never matches its output schema: ${misfitText(misfit)}.`;
        problems.add('TYPE_MISMATCH', { path: [...scope.path, id, 'output'], node: id }, message);
      }
    }
  }
  for (const [name, { value, schema }] of Object.entries(reading.flow.outputs ?? {})) {
    const misfit = schema === undefined ? undefined : misfitOf(types.value(value, {}), typeOfSchema(schema));
    if (misfit) {
      problems.add(
        'TYPE_MISMATCH',
        { path: ['outputs', name, 'value'] },
        `The output "${name}" never matches its schema: ${misfitText(misfit)}.`,
      );
    }
  }
}

/** `price: a number is wanted here, not a text` */
export function misfitText({ path, message }: { path: readonly string[]; message: string }): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
