import { describe, expect, it } from 'vitest';
import { secretPlaceholder } from '../../format/resolve-secrets.ts';
import { runNode } from '../testing/run-node.ts';

describe('command', () => {
  it('hands over program, folder, environment, input and limits', async () => {
    const { seen } = await runNode('command', { run: ['a', 'b c'], cwd: 'sub', env: { X: '1' }, stdin: 'in', maxOutput: 2048 });
    expect(seen.commands).toEqual([
      {
        command: { argv: ['a', 'b c'] },
        cwd: '/project/flows/sub',
        env: { X: '1' },
        stdin: 'in',
        id: expect.any(String),
        maxOutputBytes: 2048,
      },
    ]);
    expect(seen.steps[0]?.options).toMatchObject({
      effect: 'irreversible',
      args: { run: ['a', 'b c'], cwd: 'flows/sub', env: { X: '1' }, stdin: 'in' },
    });
  });

  it('shows output while it comes, and the end of stderr when it fails', async () => {
    const stderr = `${'x'.repeat(5000)}the reason`;
    const { seen, error } = await runNode(
      'command',
      { run: ['a'] },
      { command: () => ({ stdout: 'out', stderr, exitCode: 2, signal: null, truncated: false }) },
    );
    expect(seen.live).toEqual([{ type: 'live.output', stream: 'stdout', text: 'out' }]);
    expect(error?.message).toBe('`a` ended with exit code 2.');
    expect(error?.details).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^x{1990}the reason$/) });
  });
});

describe('secrets in the environment of a command', () => {
  const params = { run: ['a'], env: { TOKEN: `Bearer ${secretPlaceholder('API')}`, PLAIN: 'x' } };

  it('reach the process, and neither the arguments that are recorded nor what is shown', async () => {
    const command = () => ({ stdout: 'it is s3cret', stderr: '', exitCode: 0, signal: null, truncated: false });
    const { seen } = await runNode('command', params, { secrets: { API: 's3cret' }, command });
    expect(seen.commands[0]?.env).toEqual({ TOKEN: 'Bearer s3cret', PLAIN: 'x' });
    expect(seen.live).toEqual([{ type: 'live.output', stream: 'stdout', text: 'it is •••' }]);
    expect(JSON.stringify(seen.steps[0]?.options.args)).not.toContain('s3cret');
  });

  it('fail where they are not there, before anything is started', async () => {
    const { error, seen } = await runNode('command', params);
    expect(error).toMatchObject({ code: 'SECRET_MISSING', kind: 'auth', hint: expect.stringContaining('BELAY_SECRET_API') });
    expect(seen.commands).toEqual([]);
  });
});
