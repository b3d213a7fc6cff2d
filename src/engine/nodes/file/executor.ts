import type { Json, JsonObject } from '../../format/json.ts';
import type { Effect } from '../../format/model.ts';
import type { WorkspaceFiles } from '../../ports.ts';
import type { NodeContext, NodeExecutor, StepOptions } from '../executor.ts';
import { optionalText, text } from '../params.ts';
import { MAX_READ, reconcileFile } from './reconcile.ts';

export const fileExecutor: NodeExecutor = {
  type: 'file',
  /** A write into what governs flows, agents and the editor itself cannot be taken back by deleting a file: it needs a yes. */
  async effect(params, ports, flowDir) {
    if (params.action === 'read') return 'read';
    return effectOf(await ports.files.resolve(text(params.path, 'path'), flowDir));
  },
  async run(params, context) {
    const target = await context.ports.files.resolve(text(params.path, 'path'), context.flowDir);
    if (params.action === 'read') return { outlet: 'success', output: await read(target, context) };
    const action = params.action === 'append' ? 'append' : 'write';
    return { outlet: 'success', output: await store(action, target, optionalText(params.content) ?? '', context) };
  },
};

type Target = Awaited<ReturnType<WorkspaceFiles['resolve']>>;

async function read({ absolute, relative: path }: Target, context: NodeContext): Promise<Json> {
  return context.step<JsonObject>('read', { effect: 'read', args: { action: 'read', path } }, async () => {
    const content = await context.ports.files.read(absolute, MAX_READ);
    return { path, text: content, bytes: Buffer.byteLength(content) };
  });
}

function effectOf({ protected: isProtected }: Target): Effect {
  return isProtected ? 'irreversible' : 'write';
}

async function store(action: 'write' | 'append', target: Target, content: string, context: NodeContext): Promise<Json> {
  const { files } = context.ports;
  const { absolute, relative: path } = target;
  // What stood there before is recorded first: only by it can a crash in the middle be told from somebody else's edit.
  const before = await context.step<Json>('before', { effect: 'none', args: { path } }, async () => (await files.hash(absolute)) ?? null);
  const options: StepOptions = {
    // Of the path as the flow names it: behind a link, a protected name may lead to a place that is none.
    effect: effectOf(target),
    args: { action, path, content },
    reconcile: () => reconcileFile({ action, absolute, path, content, before }, files),
  };
  return context.step<JsonObject>(action, options, async () => {
    const { bytes, sha256: hash } = await files[action](absolute, content);
    return { path, bytes, sha256: hash };
  });
}
