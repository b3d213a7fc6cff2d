import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../format/json.ts';
import { executors } from '../executors.ts';
import { fakeContext } from '../fake-context.ts';
import { runNode } from '../testing/run-node.ts';

describe('file', () => {
  it.each<[JsonObject, string]>([
    [{ action: 'read', path: '.belay/policy.json' }, 'read'],
    [{ action: 'write', path: 'out.md' }, 'write'],
    [{ action: 'append', path: '.belay/policy.json' }, 'irreversible'],
  ])('%j has the effect %s', async (params, effect) => {
    const { context } = fakeContext({});
    expect(await executors.get('file')?.effect?.(params, context.ports, '')).toBe(effect);
  });

  it.each<[what: string, action: 'write' | 'append', before: string | undefined, now: string | undefined, verdict: JsonObject]>([
    ['written already', 'write', 'old', 'new', { is: 'done', output: { path: 'flows/a', bytes: 3, sha256: expect.any(String) } }],
    ['not yet written', 'write', 'old', 'old', { is: 'repeat' }],
    ['not yet created', 'write', undefined, undefined, { is: 'repeat' }],
    ['edited by somebody', 'write', 'old', 'theirs', { is: 'ask', why: expect.stringContaining('flows/a') }],
    ['not yet added', 'append', 'old', 'old', { is: 'repeat' }],
    ['added already', 'append', 'old', 'oldnew', { is: 'done', output: { path: 'flows/a', bytes: 3, sha256: expect.any(String) } }],
    ['created by adding', 'append', undefined, 'new', { is: 'done', output: { path: 'flows/a', bytes: 3, sha256: expect.any(String) } }],
    ['half added', 'append', 'old', 'oldne', { is: 'ask', why: expect.stringContaining('flows/a') }],
    ['added to something else', 'append', 'old', 'odnew', { is: 'ask', why: expect.stringContaining('flows/a') }],
  ])('after a crash: %s (%s)', async (_what, action, before, now, verdict) => {
    const { seen, files } = await runNode(
      'file',
      { action, path: 'a', content: 'new' },
      { files: before === undefined ? {} : { '/project/flows/a': before } },
    );
    if (now === undefined) files.delete('/project/flows/a');
    else files.set('/project/flows/a', now);
    expect(await seen.steps.at(-1)?.options.reconcile?.()).toEqual(verdict);
  });
});
