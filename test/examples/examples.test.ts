/** The examples as a newcomer runs them; the pipeline and the smallest one in detail. */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Nodes } from '../../src/engine/format/graph.ts';
import { bodyOf } from '../../src/engine/format/graph.ts';
import { lintFlow } from '../../src/engine/format/lint.ts';
import { parseFlow } from '../../src/engine/format/parse.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { answer, EXAMPLES, examples, question } from './workspace.ts';

const HEADINGS = ['## Highlights', '## Improvements', '## Fixes', '## Upgrade notes'];

const workspace = examples();
const { service, start, written } = workspace;

const flows = (await readdir(EXAMPLES, { recursive: true })).filter((name) => name.endsWith('.flow.json')).sort();

it.each(flows)('%s is without problems, and every node has its place', async (name) => {
  const parsed = parseFlow(await readFile(join(EXAMPLES, name), 'utf8'), catalog);
  const readPrompt = (path: string) => readFileSync(join(EXAMPLES, dirname(name), path), 'utf8');
  const problems = [...parsed.problems, ...lintFlow(parsed, catalog, { readPrompt })].map(({ code }) => code);
  // Schedules do not start anything yet.
  expect(problems).toEqual(name === 'digest.flow.json' ? ['KEY_NOT_BUILT'] : []);
  const { flow } = parsed;
  expect(Object.keys(flow?.layout ?? {})).toEqual(flow && idsIn(flow.nodes));
});

/** In the order of the file, bodies behind the nodes they belong to. */
function idsIn(nodes: Nodes): string[] {
  return Object.entries(nodes).flatMap(([id, node]) => [id, ...idsIn(bodyOf(node) ?? {})]);
}

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
      ['structure', 'succeeded', 'success'],
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
    expect(await readdir(workspace.root).then((names) => names.includes('out'))).toBe(decision === 'approved');
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
    expect(await readdir(workspace.root)).not.toContain('out');
  });
});
