/** Agents and tools that a flow names: whether they are there, as far as that can be known without asking anybody. */
import { hintsOf } from './hints.ts';
import type { JsonPath } from './json.ts';
import type { LintedFlow } from './lint-flow.ts';
import type { LintFiles } from './reading.ts';
import { clip, suggest } from './suggest.ts';
import { TOOL_GROUP_NAMES, TOOL_NAMES, toolNameProblem } from './tool-names.ts';

export function lintAgents({ reading, problems }: LintedFlow, files: LintFiles | undefined): void {
  for (const scope of reading.scopes) {
    for (const [id, node] of Object.entries(scope.nodes)) {
      const manifest = reading.catalog.get(node.type);
      for (const [name, { names }] of manifest ? Object.entries(hintsOf(manifest)) : []) {
        const value = node.with?.[name];
        const path = [...scope.path, id, 'with', name];
        if (names === 'agent' && typeof value === 'string') lintAgent(value, { path, node: id });
        if (names === 'tool' && typeof value === 'string') lintTool(value, false, { path, node: id });
        if (names !== 'tool' || !Array.isArray(value)) continue;
        for (const [at, item] of value.entries()) if (typeof item === 'string') lintTool(item, true, { path: [...path, at], node: id });
      }
    }
  }

  function lintAgent(name: string, place: { path: JsonPath; node: string }): void {
    if (files?.agent === undefined) return;
    const faults = files.agent(name);
    const [first] = faults ?? [];
    if (faults === undefined) problems.add('AGENT_FILE_MISSING', place, `There is no agent "${clip(name)}".`);
    else if (first !== undefined) problems.add('AGENT_FILE_INVALID', place, `The agent "${clip(name)}" cannot be used: ${first}`);
  }

  function lintTool(name: string, inList: boolean, place: { path: JsonPath; node: string }): void {
    const problem = toolNameProblem(name, inList);
    if (problem === undefined) return;
    const near = suggest(name, inList ? [...TOOL_NAMES, ...TOOL_GROUP_NAMES] : TOOL_NAMES);
    problems.add('TOOL_NAME_UNKNOWN', place, problem, { hint: near === undefined ? undefined : `Did you mean "${near}"?` });
  }
}
