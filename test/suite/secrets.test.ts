import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { ModelSettings } from '../../src/extension/models/settings.ts';

/** Secrets in memory: the suite has no extension of its own whose storage it could fill. */
function storage(values: Record<string, string>): vscode.SecretStorage {
  const stored = new Map(Object.entries(values));
  return {
    get: async (name) => stored.get(name),
    keys: async () => [...stored.keys()],
    store: async (name, value) => void stored.set(name, value),
    delete: async (name) => void stored.delete(name),
    onDidChange: new vscode.EventEmitter<vscode.SecretStorageChangeEvent>().event,
  };
}

describe('the secrets of a user', () => {
  it('are known before they are first used, and as soon as they are entered', async () => {
    const settings = new ModelSettings(storage({ 'secret:TOKEN': 'stored-before', 'key:https://a.example': 'key-of-a' }));
    assert.deepEqual([...settings.known()], []);
    await settings.learn();
    await settings.setSecret('OTHER', 'entered-now');
    assert.deepEqual([...settings.known()], ['stored-before', 'key-of-a', 'entered-now']);
    settings.dispose();
  });
});
