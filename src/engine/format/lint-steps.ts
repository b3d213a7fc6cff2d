/** What steps do to the world, and with whose data; what never runs. */

import type { Trust } from '../run/events.ts';
import { compareEffects, declaredEffect } from './effect-rules.ts';
import type { Scope } from './graph.ts';
import type { LintedFlow, LintFiles } from './lint-references.ts';
import type { NodeManifest } from './manifest.ts';
import type { NodeSpec } from './model.ts';
import { nodeReferences } from './references.ts';
import { trustOf } from './resolve.ts';

export function lintSteps(linted: LintedFlow, files: LintFiles | undefined): void {
  const read = (path: string) => files?.readPrompt(path);
  const labels = labelsOf(linted, read);
  for (const scope of linted.scopes) {
    const { unreachable } = linted.outcomesOf(scope);
    for (const id of unreachable) {
      linted.problems.add(
        'NODE_UNREACHABLE',
        { path: [...scope.path, id], node: id, key: true },
        `No way through the flow starts "${id}".`,
      );
    }
    for (const [id, node] of Object.entries(scope.nodes)) {
      const manifest = linted.catalog.get(node.type);
      if (manifest) lintEffect(id, node, manifest, scope, linted, trustOf(nodeReferences(manifest, node, read), { steps: labels }));
    }
  }
}

function lintEffect(id: string, node: NodeSpec, manifest: NodeManifest, scope: Scope, { problems }: LintedFlow, trust: Trust): void {
  const path = [...scope.path, id];
  const declared = declaredEffect(manifest, node.with ?? {}, node.effect);
  if (declared.tooLow) {
    const lowest = manifest.lowestEffect(node.with ?? {});
    const message = `A ${manifest.title.toLowerCase()} step with these settings has at least the effect "${lowest}", not "${node.effect}".`;
    problems.add('EFFECT_TOO_LOW', { path: [...path, 'effect'], node: id }, message);
  }
  const isLowered = compareEffects(declared.effect, declared.default) < 0;
  const isIrreversible = declared.effect === 'irreversible' || (isLowered && trust === 'untrusted' && declared.default === 'irreversible');
  if (!isIrreversible) return;
  if (trust === 'untrusted' && node.gate === undefined && !node.disabled) {
    const why = isLowered ? `, which "effect": "${node.effect}" cannot change` : '';
    const message = `"${id}" cannot be undone and uses data that nobody has checked${why}: the engine will ask before it runs.`;
    problems.add('IRREVERSIBLE_UNGATED', { path, node: id, key: true }, message);
  }
  if ((node.retry?.attempts ?? 1) > 1) {
    problems.add(
      'RETRY_IRREVERSIBLE',
      { path: [...path, 'retry'], node: id, key: true },
      `"${id}" cannot be undone, and may be done more than once.`,
    );
  }
}

/** The label of every step's result, as far as it is known before anything runs. */
function labelsOf(linted: LintedFlow, read: (path: string) => string | undefined): Map<string, Trust> {
  const nodes = linted.scopes.flatMap((scope) => Object.entries(scope.nodes));
  const labels = new Map<string, Trust>(nodes.map(([id]) => [id, 'trusted']));
  const derived: { id: string; references: ReturnType<typeof nodeReferences> }[] = [];
  for (const [id, node] of nodes) {
    const manifest = linted.catalog.get(node.type);
    if (!manifest || manifest.resultTrust === 'untrusted') labels.set(id, 'untrusted');
    else if (manifest.resultTrust === 'derived') derived.push({ id, references: nodeReferences(manifest, node, read) });
  }
  // Untrust spreads along references until nothing changes; each pass labels one step more at least.
  for (let changed = true; changed; ) {
    changed = false;
    for (const { id, references } of derived) {
      if (labels.get(id) === 'untrusted' || trustOf(references, { steps: labels }) === 'trusted') continue;
      labels.set(id, 'untrusted');
      changed = true;
    }
  }
  return labels;
}
