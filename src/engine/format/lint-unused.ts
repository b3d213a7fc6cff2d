/** Steps that were done for nothing: whose only effect is a result that nobody reads. */
import type { LintedFlow } from './lint-flow.ts';
import type { FlowReading } from './reading.ts';

/** Types of these categories are there for their results; others decide, ask, or act. */
const MAKING: readonly string[] = ['Models', 'Data'];

export function lintUnused({ reading, problems }: LintedFlow): void {
  const read = stepsRead(reading);
  if (!read) return;
  const { outputs } = reading.flow;
  const givesOutputs = outputs !== undefined && Object.keys(outputs).length > 0;
  for (const scope of reading.scopes) {
    const sources = new Set(Object.values(scope.nodes).flatMap((node) => Object.keys(node.after ?? {})));
    for (const [id, node] of Object.entries(scope.nodes)) {
      const manifest = reading.catalog.get(node.type);
      if (!manifest || node.disabled || read.has(id) || !MAKING.includes(manifest.category)) continue;
      const effect = node.effect ?? manifest.effect(node.with ?? {});
      if (effect === 'write' || effect === 'irreversible') continue;
      // Of a flow without outputs, the last results are what it is run for.
      if (scope.owner === undefined && !givesOutputs && !sources.has(id)) continue;
      problems.add('OUTPUT_UNUSED', { path: [...scope.path, id], node: id, key: true }, `Nothing reads what "${id}" gives.`);
    }
  }
}

/** The steps that some expression names; undefined, where it cannot be known. */
function stepsRead(reading: FlowReading): ReadonlySet<string> | undefined {
  if (!reading.complete) return undefined;
  const read = new Set<string>();
  for (const { references, error, node } of reading.expressions) {
    // What cannot be parsed may read anything.
    if (error) return undefined;
    for (const { root, path } of references) {
      if (root !== 'steps') continue;
      if (typeof path[0] !== 'string') return undefined;
      if (path[0] !== node) read.add(path[0]);
    }
  }
  return read;
}
