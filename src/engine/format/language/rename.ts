/** Giving a node, an input or a case of a branch another name, in its flow and in the prompt files that are this flow's alone. */
import { planEdits } from '../edits.ts';
import type { TextEdit } from '../flow-edit.ts';
import { INPUT, OUTLET } from '../model.ts';
import { scanReferences } from '../references.ts';
import type { TextRange } from '../string-offsets.ts';
import type { FlowText } from './flow-text.ts';
import { declarationOf, keyRange, type Occurrence, occurrencesOfCase, occurrencesOfInput, occurrencesOfNode } from './occurrences.ts';
import type { Thing } from './things.ts';

/** `files`: edits of the prompt files that the flow names, by the path it names them with. */
export type Renaming = { ok: true; edits: TextEdit[]; files: { file: string; edits: TextEdit[] }[] } | { ok: false; message: string };

/** What can be renamed, by the name it has now. `range`: of the name, in the text the thing stands in. */
export type Renameable = { name: string; range: TextRange } & ({ is: 'node' } | { is: 'input' } | { is: 'case'; source: string });

const CASE = 'case:';

export function renameable(flow: FlowText, thing: Thing): Renameable | undefined {
  const { range } = thing;
  if (thing.is === 'node') return flow.reading.node(thing.id) && { is: 'node', name: thing.id, range };
  if (thing.is === 'input') return Object.hasOwn(flow.flow.inputs ?? {}, thing.name) ? { is: 'input', name: thing.name, range } : undefined;
  if (thing.is !== 'outlet' || !thing.outlet.startsWith(CASE) || !occurrencesOfCase(flow, thing.source, thing.outlet).declared)
    return undefined;
  const name = thing.outlet.slice(CASE.length);
  // In an edge the word before it stays.
  const skipped = range.length - name.length;
  return { is: 'case', name, source: thing.source, range: { offset: range.offset + skipped, length: name.length } };
}

/**
 * @param sharedWith the other flows that name a prompt file, by the path this flow names it with. A renaming in a file that other
 *   flows use would break those, so it is refused.
 */
export function rename(flow: FlowText, what: Renameable, to: string, sharedWith: (file: string) => readonly string[]): Renaming {
  if (what.is === 'node') {
    const plan = planEdits(flow.text, [{ kind: 'renameNode', id: what.name, to }], { catalog: flow.catalog, scan: scanReferences });
    if (!plan.ok) return { ok: false, message: `${plan.problem.message} ${plan.problem.hint}` };
    return withFiles(what, occurrencesOfNode(flow, what.name).named, plan.edits, to, sharedWith);
  }
  const refused = what.is === 'input' ? inputProblem(flow, to) : caseProblem(flow, what.source, to);
  if (refused !== undefined) return { ok: false, message: refused };
  const found =
    what.is === 'input'
      ? {
          declared: declarationOf(flow, { is: 'input', name: what.name, as: 'key', range: what.range }),
          named: occurrencesOfInput(flow, what.name),
        }
      : occurrencesOfCase(flow, what.source, `${CASE}${what.name}`);
  const ranges = [found.declared, ...found.named.flatMap(({ range, file }) => (file === undefined ? [range] : []))];
  const edits = ranges.flatMap((range) => (range ? [{ ...range, newText: to }] : [])).toSorted((a, b) => a.offset - b.offset);
  return withFiles(what, found.named, edits, to, sharedWith);
}

function inputProblem(flow: FlowText, to: string): string | undefined {
  if (!INPUT.test(to)) return `"${to}" cannot be the name of an input: letters, digits and "_", and no digit at the beginning.`;
  return Object.hasOwn(flow.flow.inputs ?? {}, to) ? `There is an input "${to}" already.` : undefined;
}

function caseProblem(flow: FlowText, source: string, to: string): string | undefined {
  if (!OUTLET.test(`${CASE}${to}`)) return `"${to}" cannot be the name of a case: letters and digits, then also spaces, "_", "." and "-".`;
  return occurrencesOfCase(flow, source, `${CASE}${to}`).declared ? `There is a case "${to}" already.` : undefined;
}

function withFiles(
  { name }: Renameable,
  named: readonly Occurrence[],
  edits: TextEdit[],
  to: string,
  sharedWith: (file: string) => readonly string[],
): Renaming {
  const byFile = new Map<string, TextEdit[]>();
  for (const { file, range } of named) {
    if (file === undefined) continue;
    const others = sharedWith(file);
    if (others.length > 0) {
      const message = `"${name}" cannot be renamed: ${file} refers to it, and is used by ${others.slice(0, 3).join(', ')} too.`;
      return { ok: false, message: `${message} Give this flow a prompt file of its own first.` };
    }
    byFile.set(file, [...(byFile.get(file) ?? []), { ...range, newText: to }]);
  }
  return { ok: true, edits, files: [...byFile].map(([file, inFile]) => ({ file, edits: inFile })) };
}

/** In a flow that calls others: the keys by which it gives an input to one of them. `isCalled` tells by the path that is written. */
export function renamedInCaller(caller: FlowText, name: string, to: string, isCalled: (flow: string) => boolean): TextEdit[] {
  return inputsGiven(caller, name, isCalled).map((range) => ({ ...range, newText: to }));
}

function inputsGiven(caller: FlowText, name: string, isCalled: (flow: string) => boolean): TextRange[] {
  return caller.reading.scopes.flatMap((scope) =>
    Object.entries(scope.nodes).flatMap(([id, { type, with: params = {} }]) => {
      const { flow } = params;
      if (type !== 'flow' || typeof flow !== 'string' || !isCalled(flow)) return [];
      return keyRange(caller, [...scope.path, id, 'with', 'inputs', name]) ?? [];
    }),
  );
}
