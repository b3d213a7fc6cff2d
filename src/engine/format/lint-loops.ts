/** Loops whose condition comes out the same after every pass. */

import { hintsOf } from './hints.ts';
import type { LintedFlow } from './lint-flow.ts';
import { placeIn } from './lint-places.ts';
import { edgesInto } from './model.ts';
import type { FlowReading, ReadExpression } from './reading.ts';

export function lintLoops({ reading, problems }: LintedFlow): void {
  for (const expression of reading.expressions) {
    const { node, inBody, boolean, text, error } = expression;
    if (!inBody || !boolean || error || node === undefined) continue;
    const changing = changingSteps(reading, node);
    if (reads(expression, node, reading, changing)) continue;
    const whole = { offset: 0, length: text.length };
    const message = `"${text.length > 60 ? `${text.slice(0, 59)}…` : text}" comes out the same after every pass: nothing it reads changes from one to the next.`;
    problems.add('LOOP_UNTIL_CONSTANT', placeIn(expression, whole), message);
  }
}

/** The steps of a body (and of bodies in it) that need not come out the same in every pass. */
function changingSteps(reading: FlowReading, owner: string): ReadonlySet<string> {
  const changing = new Set<string>();
  const inside = stepsInside(reading, owner);
  for (let before = -1; before < changing.size; ) {
    before = changing.size;
    for (const id of inside) if (!changing.has(id) && changes(id, owner, reading, changing)) changing.add(id);
  }
  return changing;
}

function stepsInside(reading: FlowReading, owner: string): string[] {
  const found: string[] = [];
  const open = [owner];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const ids = Object.keys(reading.bodyOf(at)?.nodes ?? {});
    found.push(...ids);
    open.push(...ids.filter((id) => reading.bodyOf(id)));
  }
  return found;
}

function changes(id: string, owner: string, reading: FlowReading, changing: ReadonlySet<string>): boolean {
  const node = reading.node(id);
  const manifest = reading.manifestOf(id);
  if (!node || !manifest) return true;
  // Models, files, programs and people may answer differently each time; so may what another flow does.
  if (manifest.effect(node.with ?? {}) !== 'none' || manifest.resultTrust !== 'derived') return true;
  if (Object.values(hintsOf(manifest)).some(({ control }) => control === 'flow')) return true;
  if (edgesInto(id, node).some(({ source }) => changing.has(source))) return true;
  const body = reading.bodyOf(id);
  if (body && Object.keys(body.nodes).some((inner) => changing.has(inner))) return true;
  return reading.expressionsOf(id).some((expression) => reads(expression, owner, reading, changing));
}

/** Whether an expression reads what changes from pass to pass of the loop `owner`. */
function reads(expression: ReadExpression, owner: string, reading: FlowReading, changing: ReadonlySet<string>): boolean {
  return expression.references.some(({ root, path }) => {
    if (root === 'steps') return typeof path[0] !== 'string' || changing.has(path[0]);
    if (root === 'previous' || root === 'index') return reading.giverOf(root, expression) === owner;
    return false;
  });
}
