/** The examples as a newcomer runs them: real files, real processes, real journal; replies from the recordings or from a server. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lintFlow } from '../../src/engine/format/lint.ts';
import { parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { executors } from '../../src/engine/nodes/executors.ts';
import type { RunHandle, StartRequest } from '../../src/engine/run/api.ts';
import type { SignalReply } from '../../src/engine/run/events.ts';
import { RunService } from '../../src/engine/run/service.ts';
import { openSignals } from '../../src/engine/run/view.ts';
import { createCassettes } from '../../src/providers/cassettes/cassettes.ts';
import { systemClock } from '../../src/providers/clock/system-clock.ts';
import { createWorkspaceFiles } from '../../src/providers/files/files.ts';
import { FileRunStore } from '../../src/providers/journal/file-run-store.ts';
import { createModels } from '../../src/providers/models/registry.ts';
import { createEnvironmentSecrets } from '../../src/providers/secrets/environment.ts';
import { createCommandRunner } from '../../src/providers/shell/runner.ts';
import { FileState } from '../../src/providers/state/file-state.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const HEADINGS = ['## Highlights', '## Improvements', '## Fixes', '## Upgrade notes'];

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'belay-examples-'));
  // As a fresh clone: without what earlier runs left.
  await cp(EXAMPLES, root, { recursive: true, filter: (path) => !/[\\/](out|local)$/.test(path) });
});
afterEach(() => rm(root, { recursive: true, force: true }));

function service(modelAt?: string): RunService {
  const secrets = createEnvironmentSecrets({});
  const complain = (message: string) => {
    throw new Error(message);
  };
  const log = { debug() {}, info() {}, warn: complain, error: complain };
  const connections = modelAt === undefined ? [] : [{ id: 'mock', baseUrl: modelAt, key: async () => undefined }];
  const ports = {
    clock: systemClock,
    log,
    models: createModels({ connections: async () => connections, aliases: () => ({}), defaultModel: () => 'mock/any' }),
    cassettes: createCassettes(root, secrets.redact),
    commands: createCommandRunner(),
    files: createWorkspaceFiles(root),
    secrets,
    state: new FileState(root),
    runs: new FileRunStore({ root, kind: 'test', log, now: systemClock.now }),
  };
  return new RunService({ ports, catalog, executors, hostKind: 'test', version: '0.0.0' });
}

async function start(runs: RunService, flow: string, more: Partial<StartRequest> = {}): Promise<RunHandle> {
  const flowText = await readFile(join(root, flow), 'utf8');
  return runs.start({ flowPath: flow, flowText, inputs: {}, mode: 'recorded', readFile: async () => undefined, ...more });
}

/** Waits until the run asks something (or fails the test when it ends first), and gives the one open question. */
async function question(run: RunHandle) {
  const asked = new Promise<void>((resolve) => void run.onIdle(() => resolve()));
  const ended = run.done.then((outcome) => {
    throw new Error(`the run ${outcome} without asking: ${JSON.stringify(run.view().error)}`);
  });
  await Promise.race([asked, ended]);
  ended.catch(() => undefined);
  const [signal, ...others] = openSignals(run.view());
  expect(others).toEqual([]);
  return signal!;
}

const answer = (decision: string, more: Partial<SignalReply> = {}): SignalReply => ({ decision, by: 'ada, test', at: 0, ...more });
const written = (path: string) => readFile(join(root, path), 'utf8');

it('every example is without problems', async () => {
  const flows = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.flow.json'));
  expect(flows.length).toBeGreaterThanOrEqual(2);
  for (const name of flows) {
    const parsed = parseFlow(await readFile(join(EXAMPLES, name), 'utf8'), catalog);
    expect({ name, problems: [...parsed.problems, ...lintFlow(parsed, catalog)] }).toEqual({ name, problems: [] });
    expect(Object.keys(parsed.flow?.layout ?? {})).toEqual(Object.keys(parsed.flow?.nodes ?? {}));
  }
});

describe('release notes', () => {
  it('runs to the end on recorded replies: the missing section is found and added, a person agrees, the file is there', async () => {
    const runs = service();
    const run = await start(runs, 'release-notes.flow.json');
    const signal = await question(run);
    expect(signal.request).toMatchObject({ kind: 'approval', title: 'Publish these notes?', untrusted: true });
    const shown = signal.request.kind === 'approval' ? String(signal.request.details) : '';
    for (const heading of HEADINGS) expect(shown).toContain(heading);
    expect(await runs.decide(run.id, signal.key, answer('approved'))).toEqual({ accepted: true });
    expect(await run.done).toBe('succeeded');

    const { nodes, outputs } = run.view();
    expect(Object.values(nodes).map(({ node, state, outlet }) => [node, state, outlet])).toEqual([
      ['changes', 'succeeded', 'success'],
      ['draft', 'succeeded', 'success'],
      ['check', 'succeeded', 'invalid'],
      ['sections', 'succeeded', 'case:missing'],
      ['redraft', 'succeeded', 'success'],
      ['approve', 'succeeded', 'approved'],
      ['publish', 'succeeded', 'success'],
    ]);
    expect(nodes.check?.output).toMatchObject({ problems: [{ message: '"## Upgrade notes" is missing' }] });
    for (const id of ['draft', 'redraft']) expect(nodes[id]?.attempts).toMatchObject([{ recorded: true, effect: 'read' }]);
    expect(await written('out/release-notes.md')).toBe(`${shown}\n`);
    expect(outputs).toEqual({ file: 'out/release-notes.md' });
  });

  it.each(['approved', 'rejected'])('a run that was left waiting goes on in another process when it is %s', async (decision) => {
    const first = await start(service(), 'release-notes.flow.json');
    const signal = await question(first);
    const ran = first.events().filter(({ type }) => type === 'step.started').length;
    await first.park();
    expect(await first.done).toBe('parked');

    const runs = service();
    const second = await runs.resume(first.id);
    await runs.decide(second.id, signal.key, answer(decision));
    expect(await second.done).toBe(decision === 'approved' ? 'succeeded' : 'rejected');
    const steps = second.events().flatMap((event) => (event.type === 'step.started' ? [event.step] : []));
    expect(new Set(steps).size).toBe(steps.length);
    expect(steps.length > ran).toBe(decision === 'approved');
    expect(await readdir(root).then((names) => names.includes('out'))).toBe(decision === 'approved');
  });

  describe('with an edited prompt', () => {
    const edited = async () => (await written('release-notes.flow.json')).replace('Leave nothing out', 'Be funny. Leave nothing out');

    it('offers the recorded one back', async () => {
      const runs = service();
      const run = await start(runs, 'release-notes.flow.json', { flowText: await edited() });
      const signal = await question(run);
      expect(signal.request).toMatchObject({ kind: 'recordingMissing', prompt: expect.stringContaining('Be funny.') });
      const template = signal.request.kind === 'recordingMissing' ? signal.request.recordedTemplate : '';
      expect(JSON.parse(await written('release-notes.flow.json')).nodes.draft.with.prompt).toBe(template);
      await runs.decide(run.id, signal.key, answer('restore'));
      expect(await run.done).toBe('cancelled');
    });

    it('takes a reply by hand', async () => {
      const runs = service();
      const run = await start(runs, 'release-notes.flow.json', { flowText: await edited() });
      const missing = await question(run);
      await runs.decide(run.id, missing.key, answer('byHand', { value: HEADINGS.join('\n') }));
      const approval = await question(run);
      await runs.decide(run.id, approval.key, answer('approved'));
      expect(await run.done).toBe('succeeded');
      expect(run.view().nodes.redraft?.state).toBe('skipped');
      expect(await written('out/release-notes.md')).toBe(`${HEADINGS.join('\n')}\n`);
    });
  });

  describe('with a model', () => {
    const mock = new LLMock({ port: 0 });
    let address: string;
    beforeAll(async () => {
      address = `${await mock.start()}/v1`;
      mock.onMessage('Write the release notes', { content: `Live!\n${HEADINGS.join('\n')}` });
    });
    afterAll(() => mock.stop());

    it('goes live, and a complete first draft needs no second one', async () => {
      const run = await start(service(address), 'release-notes.flow.json', { mode: 'live', model: 'mock/any', approved: ['approve'] });
      expect(await run.done).toBe('succeeded');
      expect(run.view().nodes.sections?.outlet).toBe('else');
      expect(await written('out/release-notes.md')).toMatch(/^Live!/);
      expect(mock.getLastRequest()?.body).toMatchObject({ model: 'any' });
    });

    it('goes live from a recorded run when a person says so', async () => {
      const runs = service(address);
      const run = await start(runs, 'release-notes.flow.json', { inputs: { version: '2.5.0' }, approved: ['approve'] });
      const signal = await question(run);
      expect(signal.request).toMatchObject({ kind: 'recordingMissing' });
      expect(signal.request).not.toHaveProperty('recordedTemplate');
      await runs.decide(run.id, signal.key, answer('live', { value: 'mock/other' }));
      expect(await run.done).toBe('succeeded');
      expect(run.view()).toMatchObject({ mode: 'live', model: 'mock/other' });
    });
  });
});

describe('hello', () => {
  it('writes only what was agreed to', async () => {
    const runs = service();
    const run = await start(runs, 'hello.flow.json', { inputs: { name: 'Grace' }, mode: 'live' });
    const signal = await question(run);
    expect(signal.request).toMatchObject({ kind: 'approval', untrusted: false, details: expect.stringContaining('Hello Grace,') });
    await runs.decide(run.id, signal.key, answer('approved'));
    expect(await run.done).toBe('succeeded');
    expect(await written('out/hello.md')).toMatch(/^Hello Grace,\n/);
  });

  it('writes nothing after a no', async () => {
    const runs = service();
    const run = await start(runs, 'hello.flow.json', { mode: 'live' });
    await runs.decide(run.id, (await question(run)).key, answer('rejected', { reason: 'not today' }));
    expect(await run.done).toBe('rejected');
    expect(await readdir(root)).not.toContain('out');
  });
});
