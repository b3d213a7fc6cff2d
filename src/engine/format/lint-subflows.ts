/** Nodes that run another flow: whether it is there, whether it gets what it wants, whether it comes back to itself. */
import { misfitOf, typeOfSchema } from './expressions/types.ts';
import { hintsOf } from './hints.ts';
import { hasDefault, isJsonObject, type JsonPath } from './json.ts';
import type { LintedFlow } from './lint-flow.ts';
import { misfitText } from './lint-types.ts';
import type { NodeSpec } from './model.ts';
import type { Fix } from './problem.ts';
import { type FlowReading, MOST_FLOWS } from './reading.ts';
import { clip, listed, suggest } from './suggest.ts';

export function lintSubFlows(linted: LintedFlow, self: string | undefined): void {
  const { reading, problems } = linted;
  const cycles = new Cycles(self);
  const named = flowsNamed(reading);
  for (const { id, path, file } of named) {
    const sub = reading.subFlow(file);
    if (!sub || (sub.found && sub.unread)) continue;
    const place = { path, node: id };
    if (!sub.found) {
      problems.add('FLOW_FILE_MISSING', place, `The flow "${clip(file)}" is not there.`);
      continue;
    }
    if (!sub.reading) {
      const { problem } = sub;
      const why = problem ? `line ${problem.place.line}: ${problem.message}` : 'it is not a flow.';
      problems.add('FLOW_FILE_INVALID', place, `"${clip(file)}" cannot be run: ${why}`);
      continue;
    }
    lintInputs(id, path.slice(0, -1), sub.reading, linted);
    const cycle = cycles.from(reading, file);
    if (cycle) problems.add('FLOW_RECURSION', place, `This flow comes back to itself: ${cycle.map((it) => clip(it)).join(' → ')}.`);
  }
  const [first] = named;
  if (!first || !reading.hasUnreadFlows) return;
  const place = { path: first.path, node: first.id };
  problems.add(
    'FLOW_FILES_MANY',
    place,
    `This flow reaches more than ${MOST_FLOWS} flows, or very large ones; the others are not looked at.`,
  );
}

/** Nodes that name a flow, and where they do. */
function flowsNamed(reading: FlowReading): { id: string; path: JsonPath; file: string }[] {
  return reading.scopes.flatMap((scope) =>
    Object.entries(scope.nodes).flatMap(([id, node]) => {
      const manifest = reading.catalog.get(node.type);
      const names = manifest ? Object.entries(hintsOf(manifest)).filter(([, { control }]) => control === 'flow') : [];
      return names.flatMap(([name]) => {
        const file = node.with?.[name];
        return typeof file === 'string' ? [{ id, path: [...scope.path, id, 'with', name], file }] : [];
      });
    }),
  );
}

function lintInputs(id: string, at: JsonPath, child: FlowReading, { reading, problems }: LintedFlow): void {
  const node = reading.node(id) as NodeSpec;
  const { inputs = {} } = node.with ?? {};
  if (!isJsonObject(inputs)) return;
  const declared = child.flow.inputs ?? {};
  const path = [...at, 'inputs'];
  for (const [name, value] of Object.entries(inputs)) {
    const schema = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (schema === undefined) {
      const near = suggest(
        name,
        Object.keys(declared).filter((it) => !Object.hasOwn(inputs, it)),
      );
      const hint = near
        ? `Did you mean "${near}"?`
        : Object.keys(declared).length > 0
          ? `It has ${listed(Object.keys(declared))}.`
          : 'It has none.';
      const fix: Fix | undefined = near
        ? { title: `Change to "${near}"`, edits: [{ kind: 'renameKey', path: [...path, name], to: near }] }
        : undefined;
      problems.add('FLOW_INPUT_UNKNOWN', { path: [...path, name], node: id, key: true }, `The sub-flow has no input "${clip(name)}".`, {
        hint,
        fix,
      });
      continue;
    }
    const misfit = misfitOf(reading.types.value(value, { node: id }), typeOfSchema(schema));
    if (misfit) problems.add('TYPE_MISMATCH', { path: [...path, name], node: id }, `The input "${name}": ${misfitText(misfit)}.`);
  }
  for (const [name, schema] of Object.entries(declared)) {
    if (Object.hasOwn(inputs, name) || hasDefault(schema)) continue;
    // Misspelt ones have been told.
    if (Object.keys(inputs).some((it) => !Object.hasOwn(declared, it) && suggest(it, [name]))) continue;
    const isSame = Object.hasOwn(reading.flow.inputs ?? {}, name);
    const fix: Fix | undefined = isSame
      ? {
          title: `Hand on the input "${name}"`,
          edits: [{ kind: 'setParam', node: id, path: ['with', 'inputs', name], value: { $expr: `inputs.${name}` } }],
        }
      : undefined;
    const where = node.with?.inputs === undefined ? { path: at, node: id } : { path, node: id };
    problems.add('FLOW_INPUT_MISSING', where, `The sub-flow needs the input "${name}", which it is not given.`, { fix });
  }
}

/** Ways from flow to flow that come back to where they were. */
class Cycles {
  /** Where the flow itself stands, as its sub-flows name it. */
  readonly #self: string | undefined;
  /** By path: flows from which no way leads back. */
  readonly #harmless = new Set<string>();

  constructor(self: string | undefined) {
    this.#self = self;
  }

  /** The way round that begins with this file, if there is one: its first flow stands at its end again. */
  from(reading: FlowReading, file: string): string[] | undefined {
    const start = reading.subFlow(file);
    if (!start?.found || !start.reading) return undefined;
    return this.#visit(start.path, start.reading, this.#self === undefined ? [] : [this.#self]);
  }

  #visit(path: string, reading: FlowReading, trail: readonly string[]): string[] | undefined {
    const at = trail.indexOf(path);
    if (at >= 0) return [...trail.slice(at), path];
    if (this.#harmless.has(path)) return undefined;
    for (const { file } of flowsNamed(reading)) {
      const next = reading.subFlow(file);
      const cycle = next?.found && next.reading ? this.#visit(next.path, next.reading, [...trail, path]) : undefined;
      if (cycle) return cycle;
    }
    this.#harmless.add(path);
    return undefined;
  }
}
