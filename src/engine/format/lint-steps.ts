/** What steps do to the world, and with whose data; what never runs. */
import type { Trust } from '../run/events.ts';
import { compareEffects, declaredEffect } from './effect-rules.ts';
import type { Scope } from './graph.ts';
import type { LintedFlow } from './lint-flow.ts';
import type { Labels } from './lint-trust.ts';
import type { NodeManifest } from './manifest.ts';
import { type ErrorKind, edgesInto, type NodeSpec } from './model.ts';
import type { Fix } from './problem.ts';

export function lintSteps(linted: LintedFlow, labels: Labels): void {
  const { reading } = linted;
  for (const scope of reading.scopes) {
    lintStarts(scope, linted);
    for (const [id, node] of Object.entries(scope.nodes)) {
      const manifest = reading.catalog.get(node.type);
      if (manifest) lintEffect(id, node, manifest, scope, linted, labels.ofArguments(id));
    }
  }
}

/** Steps that never start, and joins that wait for more than ever comes. */
function lintStarts(scope: Scope, { outcomesOf, problems }: LintedFlow): void {
  for (const { id, most } of outcomesOf(scope).unreachable) {
    const node = scope.nodes[id];
    const wanted = typeof node?.join === 'object' ? node.join.atLeast : 1;
    // More than there are edges at all has been told by the parser.
    if (!node || most === 0 || wanted > edgesInto(id, node).length) {
      if (most === 0)
        problems.add('NODE_UNREACHABLE', { path: [...scope.path, id], node: id, key: true }, `No way through the flow starts "${id}".`);
      continue;
    }
    if (most >= wanted) {
      problems.add('NODE_UNREACHABLE', { path: [...scope.path, id], node: id, key: true }, `No way through the flow starts "${id}".`);
      continue;
    }
    problems.add(
      'JOIN_NEVER',
      { path: [...scope.path, id, 'join', 'atLeast'], node: id },
      `"${id}" waits for ${wanted} edges, but no more than ${most} of them can be taken.`,
      { fix: { title: `Wait for ${most}`, edits: [{ kind: 'setParam', node: id, path: ['join', 'atLeast'], value: most }] } },
    );
  }
}

function lintEffect(id: string, node: NodeSpec, manifest: NodeManifest, scope: Scope, { problems }: LintedFlow, trust: Trust): void {
  const path = [...scope.path, id];
  const declared = declaredEffect(manifest, node.with ?? {}, node.effect);
  if (declared.tooLow) {
    const lowest = manifest.lowestEffect(node.with ?? {});
    const message = `A ${manifest.title.toLowerCase()} step with these settings has at least the effect "${lowest}", not "${node.effect}".`;
    const fix: Fix = { title: 'Remove "effect"', edits: [{ kind: 'setParam', node: id, path: ['effect'] }] };
    problems.add('EFFECT_TOO_LOW', { path: [...path, 'effect'], node: id }, message, { fix });
  }
  // What its body or another flow does is looked at there.
  if (manifest.composite || manifest.asksItself) return;
  const isLowered = compareEffects(declared.effect, declared.default) < 0;
  const isIrreversible = declared.effect === 'irreversible' || (isLowered && trust === 'untrusted' && declared.default === 'irreversible');
  if (!isIrreversible) return;
  if (trust === 'untrusted' && node.gate === undefined && !node.disabled) {
    const why = isLowered ? `, which "effect": "${node.effect}" cannot change` : '';
    const message = `"${id}" cannot be undone and uses data that nobody has checked${why}: the engine will ask before it runs.`;
    const fix: Fix = { title: 'Add "gate": true', edits: [{ kind: 'setParam', node: id, path: ['gate'], value: true }] };
    problems.add('IRREVERSIBLE_UNGATED', { path, node: id, key: true }, message, { fix });
  }
  if ((node.retry?.attempts ?? 1) > 1 && !retriesSafely(node)) {
    const fix: Fix = { title: 'Remove "retry"', edits: [{ kind: 'setParam', node: id, path: ['retry'] }] };
    const message = `"${id}" cannot be undone, and may be done more than once.`;
    problems.add('RETRY_IRREVERSIBLE', { path: [...path, 'retry'], node: id, key: true }, message, { fix });
  }
}

/** Kinds of error that come before anything is done. */
const BEFORE_THE_ACT: readonly ErrorKind[] = [
  'auth',
  'permission',
  'quota',
  'rateLimit',
  'overloaded',
  'contextLength',
  'badRequest',
  'modelNotFound',
  'notFound',
];

/** Tried again only while nothing was done, or with the step's own key, by which the other side can know the repetition. */
function retriesSafely({ retry, with: params }: NodeSpec): boolean {
  return retry?.on?.every((kind) => BEFORE_THE_ACT.includes(kind)) === true || IDEMPOTENCY_KEY.test(JSON.stringify(params ?? {}));
}

/** The variable in which a command finds its key, the same in every attempt. */
const IDEMPOTENCY_KEY = /\bBELAY_COMMAND_ID\b/;
