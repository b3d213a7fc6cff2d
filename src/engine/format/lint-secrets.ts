import type { JsonPath } from './json.ts';
import type { JsonNode, JsonTree } from './json-tree.ts';
import { keyOf } from './json-tree.ts';
import type { LintProblems } from './lint-problems.ts';
import { findSecrets } from './secret-shapes.ts';

/** Keys that somebody pasted into the document, wherever they stand. Never repeats the key in its message. */
export function lintSecrets(tree: JsonTree, problems: LintProblems): void {
  if (findSecrets(tree.text).length > 0) visit(tree.root, [], problems);
}

function visit(node: JsonNode, path: JsonPath, problems: LintProblems): void {
  if (node.type === 'string') {
    for (const { name, offset, length } of findSecrets(String(node.value))) {
      const at = path[0] === 'nodes' && typeof path[1] === 'string' ? path[1] : undefined;
      problems.add('SECRET_IN_TEXT', { path, node: at, part: { offset, length } }, `This looks like a secret key (${name}).`);
    }
  } else if (node.type === 'object') {
    for (const property of node.children ?? []) {
      const value = property.children?.[1];
      if (value) visit(value, [...path, keyOf(property)], problems);
    }
  } else if (node.type === 'array') {
    for (const [index, item] of (node.children ?? []).entries()) visit(item, [...path, index], problems);
  }
}
