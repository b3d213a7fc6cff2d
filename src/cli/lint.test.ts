import { Readable, Writable } from 'node:stream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { type LintOptions, lint } from './commands/lint.ts';
import type { CliContext } from './context.ts';
import { Terminal } from './terminal.ts';
import { belay, workspaceWith } from './testing/belay.ts';

const GOOD = { version: 1, nodes: { a: { type: 'template', with: { template: 'A' } } } };
const BAD = { version: 1, nodes: { a: { type: 'template', with: { template: '{{ steps.nobody.output }}' } } }, titel: 'x' };
const files = {
  'good.flow.json': JSON.stringify(GOOD),
  'deep/bad.flow.json': `${JSON.stringify(BAD, null, 2)}\n`,
  'node_modules/x/no.flow.json': '{',
};

/** What every reader of SARIF 2.1.0 relies on, from the schema of OASIS. */
const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } };
const level = { enum: ['none', 'note', 'warning', 'error'] };
const region = {
  type: 'object',
  required: ['startLine', 'startColumn', 'endLine', 'endColumn'],
  additionalProperties: { type: 'integer', minimum: 1 },
};
const artifactLocation = {
  type: 'object',
  required: ['uri'],
  properties: { uri: { type: 'string', pattern: '^(?!/|file:)[^\\\\ ]+$' }, uriBaseId: { type: 'string' } },
};
const SARIF = {
  type: 'object',
  required: ['version', 'runs'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['tool', 'results'],
        additionalProperties: false,
        properties: {
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name', 'rules'],
                properties: {
                  semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id', 'shortDescription', 'help'],
                      properties: {
                        id: { type: 'string' },
                        shortDescription: text,
                        help: text,
                        defaultConfiguration: { type: 'object', properties: { level } },
                      },
                    },
                  },
                },
              },
            },
          },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['message', 'ruleId', 'ruleIndex', 'level', 'locations'],
              properties: {
                level,
                message: text,
                ruleIndex: { type: 'integer', minimum: 0 },
                partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
                locations: {
                  type: 'array',
                  minItems: 1,
                  items: {
                    type: 'object',
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        required: ['artifactLocation', 'region'],
                        properties: { artifactLocation, region },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

/** As the command does it, without a process of its own. */
async function linted(names: string[], options: Partial<LintOptions> = {}, workspace: Record<string, string> = files) {
  const root = await workspaceWith(workspace);
  const said = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof said) =>
    new Writable({
      write(chunk, _, done) {
        said[stream] += String(chunk);
        done();
      },
    });
  const terminal = new Terminal({ stdin: Readable.from([]), stdout: into('stdout'), stderr: into('stderr') });
  const exit = lint(names, { format: 'text', ...options }, { terminal, cwd: root } as CliContext, '1.2.3');
  return { ...said, exit };
}

describe('belay lint', () => {
  it('checks the folder one is in, its folders, and globs', async () => {
    const all = await linted([]);
    expect(all.exit).toBe('failed');
    expect(all.stdout).toMatch(/^deep\/bad\.flow\.json:7:31 error STEP_UNKNOWN /m);
    expect(all.stderr).toBe('2 flows: 1 error, 1 warning, 0 notes.\n');
    expect(await linted(['*.flow.json'])).toEqual({ exit: 'ok', stdout: '', stderr: '1 flow, no problems.\n' });
    expect((await linted(['deep', 'deep/bad.flow.json'])).stderr).toMatch(/^1 flow: /);
    expect((await linted(['nobody.flow.json'])).stdout).toMatch(/^nobody\.flow\.json:1:1 error FILE_UNREADABLE /);
    await expect(linted(['nothing/**/*.flow.json'])).rejects.toMatchObject({ code: 'LINT_NOTHING' });
  });

  it('writes JSON with whole places', async () => {
    const { files: checked, problems } = JSON.parse((await linted([], { format: 'json' })).stdout);
    expect(checked).toEqual(['deep/bad.flow.json', 'good.flow.json']);
    expect(problems.find(({ code }: { code: string }) => code === 'STEP_UNKNOWN')).toMatchObject({
      file: 'deep/bad.flow.json',
      line: 7,
      column: 31,
      endLine: 7,
      endColumn: 37,
      node: 'a',
    });
    expect(problems.find(({ code }: { code: string }) => code === 'KEY_UNKNOWN')).toMatchObject({ severity: 'warning', fixable: true });
  });

  it('writes SARIF with the rules that are broken', async () => {
    const log = JSON.parse((await linted([], { format: 'sarif' })).stdout);
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(SARIF);
    expect(validate(log) ? [] : validate.errors).toEqual([]);
    const [{ tool, results }] = log.runs;
    expect(tool.driver).toMatchObject({ name: 'Belay', semanticVersion: '1.2.3' });
    expect(results.map(({ ruleId, level: it }: { ruleId: string; level: string }) => [ruleId, it]).toSorted()).toEqual([
      ['KEY_UNKNOWN', 'warning'],
      ['STEP_UNKNOWN', 'error'],
    ]);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(results.find(({ ruleId }: { ruleId: string }) => ruleId === 'STEP_UNKNOWN').locations[0]).toEqual({
      physicalLocation: {
        artifactLocation: { uri: 'deep/bad.flow.json', uriBaseId: '%SRCROOT%' },
        region: { startLine: 7, startColumn: 31, endLine: 7, endColumn: 37 },
      },
      logicalLocations: [{ name: 'a', kind: 'object' }],
    });
  });

  it('fails for warnings where it is asked to', async () => {
    const warned = { 'a.flow.json': JSON.stringify({ ...GOOD, titel: 'x' }) };
    expect((await linted([], {}, warned)).exit).toBe('ok');
    expect((await linted([], { strict: true }, warned)).exit).toBe('failed');
  });

  it('ends as its exit codes say', { timeout: 60_000 }, async () => {
    const root = await workspaceWith(files);
    expect((await belay(root, 'lint')).code).toBe(1);
    expect((await belay(root, 'lint', 'nothing/*.flow.json')).code).toBe(2);
    expect((await belay(root, 'lint', '--format', 'html')).code).toBe(2);
  });
});
