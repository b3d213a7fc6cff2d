/** Flows whose texts are edited in tests. */
import { catalog } from '../../nodes/catalog.ts';
import { planEdits } from '../edits.ts';
import { flowEditSchema } from '../flow-edit.ts';
import { scanReferences } from '../references.ts';

/** Edits as they come through the door. */
export const plan = (text: string, edits: readonly unknown[]) =>
  planEdits(
    text,
    edits.map((edit) => flowEditSchema.parse(edit)),
    { catalog, scan: scanReferences },
  );

export const BASE = `{
  "version": 1,
  "nodes": {
    "read": { "type": "file", "with": { "action": "read", "path": "notes.md" } },
    "draft": {
      "type": "prompt",
      "after": { "read": "success" },
      "x-mine": [ 1,2 ],
      "with": {
        "prompt": "Sum up:\\n{{ steps.read.output.text }}"
      }
    },
    "send": {
      "type": "approval",
      "title": "Send?",
      "after": { "draft": ["success", "failure"], "read": "failure" },
      "with": { "message": "\\u007b{ steps.draft.output.text | default: \\"draft\\" }}" }
    }
  },
  "layout": {
    "read": [0, 0],
    "draft": [300, 0],
    "send": [600, 0]
  }
}
`;

/** A branch, and a node for each of its cases. */
export const BRANCHES = `{
  "version": 1,
  "nodes": {
    "kind": {
      "type": "branch",
      "with": {
        "cases": [
          { "name": "bug", "when": "inputs.kind == 'bug'" },
          { "name": "task", "when": "true" }
        ]
      }
    },
    "fix": { "type": "template", "after": { "kind": ["case:bug", "else"] }, "with": { "template": "" } },
    "plan": { "type": "template", "after": { "kind": "case:task" }, "with": { "template": "" } }
  }
}
`;

/** A loop with a node in it. */
export const BODY = `{
  "version": 1,
  "nodes": {
    "again": {
      "type": "loop",
      "with": {
        "until": "steps.inner.output.text != ''",
        "maxIterations": 3,
        "nodes": {
          "inner": { "type": "template", "with": { "template": "x" } }
        }
      }
    },
    "next": { "type": "template", "after": { "again": "success" }, "with": { "template": "y" } }
  },
  "layout": {
    "again": [0, 0],
    "inner": [20, 40],
    "next": [300, 0]
  }
}
`;
