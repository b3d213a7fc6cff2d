/** The flow that is killed: every type of node, and effects that leave a trace which can be counted. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../src/engine/format/json.ts';
import { isJsonObject } from '../../src/engine/format/json.ts';

export const FLOW = 'main.flow.json';
export const EFFECTS = 'effects.log';
/** What an effect is counted by: its place, the number of the run and, in a body, that of the pass. */
export const LABEL = /fx-[a-z]+(-\d+)+/;

/** The folder's own log of effects: one label for each time. */
export function effectsIn(root: string): string[] {
  const path = join(root, EFFECTS);
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line) => line.split(' ')[0] || [])
    : [];
}

/** Labels of the irreversible effects of run `n`: each has to be there once. */
export function labelsOf(n: number): string[] {
  const passes = [0, 1, 2].map((pass) => `fx-loop-${n}-${pass}`);
  const items = [0, 1, 2, 3].map((item) => `fx-each-${n}-${item}`);
  return [`fx-gate-${n}`, `fx-open-${n}`, `fx-tool-${n}`, `fx-agent-${n}`, postOf(n), ...passes, ...items, `fx-sub-${n}`];
}

/** The label of what another process does for run `n`: no command comes to it that could end the host. */
export const postOf = (n: number): string => `fx-post-${n}`;

/** Files of run `n` with what has to be in them at the end. */
export function filesOf(n: number): Record<string, string> {
  const items = [0, 1, 2, 3].map((item): [string, string] => [`out/item-${n}-${item}.txt`, `item ${item * 10}\n`]);
  return {
    [`out/whole-${n}.txt`]: `run ${n}\n`,
    [`out/log-${n}.txt`]: 'one\ntwo\npass 0\npass 1\npass 2\n',
    ...Object.fromEntries(items),
  };
}

/** The outputs of run `n`. */
export function outputsOf(n: number): JsonObject {
  return {
    said: `Say run ${n}`,
    taken: 'yes',
    passes: ['pass 0', 'pass 1', 'pass 2'],
    items: [0, 10, 20, 30],
    kept: [n, n + 1],
    sub: { early: n * 2, kept: [`sub ${n}`] },
    signal: { go: true },
  };
}

const command = (label: string, more: JsonObject = {}): JsonObject => ({
  type: 'command',
  ...more,
  with: { run: ['sh', 'effect.sh', label] },
});

const main: JsonObject = {
  version: 1,
  inputs: { n: { type: 'integer' } },
  outputs: {
    said: { value: { $expr: 'steps.ask.output.text.substring(0, size("Say run ") + size(string(inputs.n)))' } },
    taken: { value: { $expr: 'steps.kind.output.case' } },
    passes: { value: { $expr: 'steps.improve.output' } },
    items: { value: { $expr: 'steps.all_items.output' } },
    kept: { value: { $expr: 'steps.kept.output.value' } },
    sub: { value: { $expr: 'steps.fix.output' } },
    signal: { value: { $expr: 'steps.sign.output.value' } },
  },
  nodes: {
    note: { type: 'template', with: { template: 'run {{ inputs.n }}' } },
    ask: { type: 'prompt', after: { note: 'success' }, with: { prompt: 'Say {{ steps.note.output.text }}' } },
    kind: {
      type: 'branch',
      after: { ask: 'success' },
      with: { cases: [{ name: 'yes', when: 'inputs.n >= 0' }] },
    },
    never: { type: 'template', after: { kind: 'else' }, with: { template: 'never' } },
    reshape: { type: 'transform', after: { kind: 'case:yes' }, with: { value: { n: { $expr: 'inputs.n' }, list: [0, 10, 20, 30] } } },
    check: {
      type: 'validate',
      after: { reshape: 'success' },
      with: { value: { $expr: 'steps.reshape.output.n' }, schema: { type: 'integer' } },
    },
    gated: command('fx-gate-{{ inputs.n }}', { after: { check: 'valid' }, gate: { message: 'Run {{ inputs.n }}?' } }),
    open: command('fx-open-{{ inputs.n }}', { after: { check: 'valid' } }),
    look: command('fx-look-{{ inputs.n }}', { after: { check: 'valid' }, effect: 'read' }),
    use_tool: {
      type: 'tool',
      after: { open: 'success' },
      with: { tool: 'command/run', arguments: { run: ['sh', 'effect.sh', { $expr: '"fx-tool-" + string(inputs.n)' }] } },
    },
    ask_agent: { type: 'agent', after: { look: 'success' }, with: { agent: 'doer', task: 'Do fx-agent-{{ inputs.n }}' } },
    fetch: { type: 'http', after: { check: 'valid' }, with: { url: 'ADDRESS' } },
    post: {
      type: 'http',
      after: { fetch: 'success' },
      with: { method: 'POST', url: 'ADDRESS', body: { label: { $expr: '"fx-post-" + string(inputs.n)' } } },
    },
    whole: {
      type: 'file',
      after: { gated: 'success' },
      with: { action: 'write', path: 'out/whole-{{ inputs.n }}.txt', content: 'run {{ inputs.n }}\n' },
    },
    begin_log: {
      type: 'file',
      after: { gated: 'success' },
      with: { action: 'write', path: 'out/log-{{ inputs.n }}.txt', content: 'one\n' },
    },
    more_log: {
      type: 'file',
      after: { begin_log: 'success' },
      with: { action: 'append', path: 'out/log-{{ inputs.n }}.txt', content: 'two\n' },
    },
    keep: { type: 'state', after: { open: 'success' }, with: { action: 'append', key: 'k{{ inputs.n }}', value: { $expr: 'inputs.n' } } },
    keep_more: {
      type: 'state',
      after: { keep: 'success' },
      with: { action: 'append', key: 'k{{ inputs.n }}', value: { $expr: 'inputs.n + 1' } },
    },
    kept: { type: 'state', after: { keep_more: 'success' }, with: { action: 'get', key: 'k{{ inputs.n }}' } },
    pause: { type: 'wait', after: { look: 'success' }, with: { for: '15ms' } },
    sign: { type: 'wait', after: { pause: 'success' }, with: { signal: 'go' } },
    agree: { type: 'approval', after: { sign: 'success', more_log: 'success', whole: 'success' }, with: { message: 'On?' } },
    improve: {
      type: 'loop',
      after: { agree: 'approved' },
      with: {
        until: 'index >= 2',
        maxIterations: 5,
        delay: '3ms',
        result: { $expr: '(previous == null ? [] : previous) + [steps.line.output.text]' },
        nodes: {
          line: { type: 'template', with: { template: 'pass {{ index }}' } },
          do_it: command('fx-loop-{{ inputs.n }}-{{ index }}', { after: { line: 'success' } }),
          tell: {
            type: 'file',
            after: { do_it: 'success' },
            with: { action: 'append', path: 'out/log-{{ inputs.n }}.txt', content: '{{ steps.line.output.text }}\n' },
          },
        },
      },
    },
    all_items: {
      type: 'each',
      after: { agree: 'approved' },
      with: {
        items: { $expr: 'steps.reshape.output.list' },
        concurrency: 2,
        result: { $expr: 'item' },
        nodes: {
          work: command('fx-each-{{ inputs.n }}-{{ index }}'),
          put: {
            type: 'file',
            after: { work: 'success' },
            with: { action: 'write', path: 'out/item-{{ inputs.n }}-{{ index }}.txt', content: 'item {{ item }}\n' },
          },
        },
      },
    },
    fix: {
      type: 'flow',
      after: { improve: 'success', all_items: 'success', kept: 'success', use_tool: 'success', ask_agent: 'success', post: 'success' },
      with: { flow: 'sub.flow.json', inputs: { n: { $expr: 'inputs.n' } } },
    },
  },
};

const sub: JsonObject = {
  version: 1,
  inputs: { n: { type: 'integer' } },
  nodes: {
    act: command('fx-sub-{{ inputs.n }}'),
    keep_sub: {
      type: 'state',
      after: { act: 'success' },
      with: { action: 'append', key: 's{{ inputs.n }}', value: { $expr: '"sub " + string(inputs.n)' } },
    },
    over: {
      type: 'end',
      after: { keep_sub: 'success' },
      with: { outputs: { early: { $expr: 'inputs.n * 2' }, kept: { $expr: 'steps.keep_sub.output.value' } } },
    },
  },
};

/**
 * What commands do: `effect.sh LABEL` writes its label and the name of its step down. `kill-plan` may say that it ends its host when
 * it comes to a label: `before` that, `after`, or `instead`.
 */
const EFFECT = `plan=
{ read -r plan < kill-plan; } 2>/dev/null
hit=no
[ "\${plan#* }" = "$1" ] && mv kill-plan kill-plan.done 2>/dev/null && hit="\${plan%% *}"
[ $hit = instead ] && kill -9 $PPID && exit 0
[ $hit = before ] && kill -9 $PPID
printf '%s %s\\n' "$1" "$BELAY_COMMAND_ID" >> ${EFFECTS}
[ $hit = after ] && kill -9 $PPID
exit 0
`;

/** The flow without what is remembered from run to run: a `state` node gives what it would give if it did. */
function forgetful(nodes: JsonObject, values: Record<string, Json>): JsonObject {
  const made = Object.entries(nodes).map(([id, node]): [string, Json] => {
    const value = values[id];
    return [
      id,
      value !== undefined && isJsonObject(node) ? { type: 'transform', after: node.after ?? {}, with: { value: { value } } } : node,
    ];
  });
  return Object.fromEntries(made);
}

/** Types that are in no other test of this kind would be killed by nobody. */
export const TYPES = new Set([...Object.values({ ...(main.nodes as JsonObject), ...(sub.nodes as JsonObject) })].flatMap(typesIn));

function typesIn(node: Json): string[] {
  if (!isJsonObject(node)) return [];
  const inner = isJsonObject(node.with ?? null) ? ((node.with as JsonObject).nodes as JsonObject | undefined) : undefined;
  return [String(node.type), ...Object.values(inner ?? {}).flatMap(typesIn)];
}

/**
 * Makes the folder in which the flow runs. `address`: of the service that it asks. `remembers`: with `state` nodes, whose documents
 * stand on the same disk as the journals.
 */
export function furnish(root: string, address: string, remembers = true): void {
  mkdirSync(join(root, '.belay'), { recursive: true });
  const n = { $expr: 'inputs.n' };
  const kept = { keep: n, keep_more: n, kept: [n, { $expr: 'inputs.n + 1' }] };
  const keptBySub = { keep_sub: [{ $expr: '"sub " + string(inputs.n)' }] };
  const write = (name: string, flow: JsonObject, values: Record<string, Json>): void => {
    const nodes = remembers || !isJsonObject(flow.nodes) ? flow.nodes : forgetful(flow.nodes, values);
    writeFileSync(join(root, name), JSON.stringify({ ...flow, nodes }, null, 2).replaceAll('ADDRESS', address));
  };
  write(FLOW, main, kept);
  write('sub.flow.json', sub, keptBySub);
  mkdirSync(join(root, '.github/agents'), { recursive: true });
  writeFileSync(join(root, '.github/agents/doer.agent.md'), '---\ntools: [execute]\n---\nYou do what you are told.\n');
  writeFileSync(join(root, 'effect.sh'), EFFECT);
  chmodSync(join(root, 'effect.sh'), 0o755);
}
