import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../format/json.ts';
import { textOf } from '../../messages.ts';
import type { RunEvent } from '../../run/events.ts';
import { answered } from '../../testing/harness.ts';
import { type Case, fileOf, keeping, lastTold, run, said, use, worldOf } from './testing/decided.ts';

describe('other agents', () => {
  const helper = fileOf('files/read');

  it('are given tasks, within the same node and its budget', async () => {
    const { output, steps, actions } = await run({
      agent: fileOf('agent', 'agents: [helper]\n'),
      agents: { helper },
      decisions: [],
      model: (request) => {
        const system = textOf(request.messages[0]!);
        const told = textOf(request.messages.at(-1)!);
        if (told === 'Find x.') return [{ type: 'toolCall', id: 'i', name: 'files_read', arguments: '{"path":"x.txt"}' }];
        if (told === 'the x') return `found: ${told}`;
        if (told.startsWith('found')) return `${told}!`;
        expect(system).toContain('You work.');
        return [{ type: 'toolCall', id: 'o', name: 'ask_helper', arguments: '{"task":"Find x."}' }];
      },
      files: { '/workspace/x.txt': 'the x' },
    });
    expect(output).toEqual({ text: 'found: the x!', agent: 'worker' });
    expect(steps).toEqual([
      'turn1.model',
      'turn1.call1',
      'turn1.call1.turn1.model',
      'turn1.call1.turn1.call1',
      'turn1.call1.turn2.model',
      'turn2.model',
    ]);
    expect(actions.map(({ tool }) => tool)).toEqual(['agent/helper', 'files/read']);
  });

  it('ask others only so deep', async () => {
    const depths: number[] = [];
    const { output } = await run({
      agent: fileOf('agent', 'agents: [helper]\n'),
      agents: { helper: fileOf('agent', 'agents: [worker]\n') },
      decisions: [],
      model: ({ tools = [], messages }) => {
        const told = textOf(messages.at(-1)!);
        depths.push(tools.length);
        if (!/^(Do it|Deeper)/.test(told)) return told;
        const [tool] = tools;
        return tool ? [{ type: 'toolCall', id: `d${depths.length}`, name: tool.name, arguments: '{"task":"Deeper."}' }] : 'Bottom.';
      },
    });
    expect(output).toMatchObject({ text: 'Bottom.' });
    expect(depths.slice(0, 3)).toEqual([1, 1, 0]);
  });

  it('take over, with the whole conversation', async () => {
    const { output, world } = await run({
      agent: fileOf('srv/look', 'handoffs: [{agent: writer, label: When all is known, prompt: Write now.}]\n'),
      agents: { writer: '---\ntools: []\n---\nYou write.' },
      tools: { 'srv/look': said('fact') },
      decisions: [
        [
          { use: 'hand_off_to_writer', args: { message: 'It is yours.' } },
          { use: 'srv_look', args: {} },
        ],
        'Written.',
      ],
    });
    expect(output).toEqual({ text: 'Written.', agent: 'writer' });
    const [first, second] = world.requests;
    expect(first!.tools!.map(({ name }) => name)).toEqual(['srv_look', 'hand_off_to_writer']);
    expect(textOf(second!.messages[0]!)).toContain('You write.');
    expect(second!.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'tool', 'user']);
    expect(textOf(second!.messages.at(-1)!)).toMatch(/taken over[\s\S]*Write now\.[\s\S]*It is yours\./);
  });
});

describe('flows as tools', () => {
  const triage = (more: JsonObject = {}): string =>
    JSON.stringify({
      version: 1,
      title: 'Triage',
      description: 'Sorts a report.',
      inputs: { text: { type: 'string' } },
      outputs: { kind: { value: { $expr: 'steps.t.output.text' } } },
      nodes: { t: { type: 'template', with: { template: 'bug: {{ inputs.text }}' } } },
      ...more,
    });
  const withFlow = (text: string): Partial<Case> => ({
    agent: fileOf('flow/flows/triage.flow.json'),
    start: {
      readFile: async (path: string) =>
        path.endsWith('worker.agent.md') ? fileOf('flow/flows/triage.flow.json') : path === '../flows/triage.flow.json' ? text : undefined,
    },
  });

  it('have the inputs of the flow as arguments, and run in the node', async () => {
    const { world, output, handle } = await run({
      ...withFlow(triage()),
      decisions: [use('flow_flows_triage_flow_json', { text: 'a' }), use('flow_flows_triage_flow_json', { text: 'b' }), 'Done.'],
    });
    expect(world.requests[0]!.tools).toMatchObject([
      { description: 'Triage. Sorts a report.', parameters: { properties: { text: { type: 'string' } }, required: ['text'] } },
    ]);
    expect(lastTold(world)).toBe('{"kind":"bug: b"}');
    expect(output).toMatchObject({ text: 'Done.' });
    expect(handle.view().nodes['a[0]/t']).toMatchObject({ trust: 'untrusted', output: { text: 'bug: a' } });
  });

  it('that fail are told to the model', async () => {
    const failing = triage({ nodes: { t: { type: 'transform', with: { value: { $expr: '1 / 0' } } } } });
    const { world, output } = await run({ ...withFlow(failing), decisions: [use('flow_flows_triage_flow_json', { text: 'a' }), 'Done.'] });
    expect(output).toMatchObject({ text: 'Done.' });
    expect(world.requests[1]!.messages.at(-1)).toMatchObject({ failed: true });
  });
});

describe('killed', () => {
  const decisions = Array.from({ length: 10 }, (_, at) => use('srv_send', { at }));

  it('at any moment of ten turns, a run goes on and does nothing twice', async () => {
    const sent: Json[] = [];
    const options: Case = {
      decisions: [...decisions, 'Done.'],
      tools: { 'srv/send': keeping(sent) },
    };
    const whole = await run(options);
    expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const events = whole.world.runs.events(whole.handle.id);
    const bundle = await whole.world.runs.getObject(whole.handle.view().bundle);
    const last = events.findIndex(({ type }) => type === 'run.finished');
    for (let cut = 2; cut <= last; cut += 1) {
      sent.length = 0;
      const later = worldOf(options);
      await later.runs.putObject(bundle);
      later.runs.restore(whole.handle.id, events.slice(0, cut));
      const begun = events
        .slice(0, cut)
        .filter((event: RunEvent) => event.type === 'step.started' && event.effect === 'irreversible').length;
      const ended = events
        .slice(0, cut)
        .filter((event: RunEvent) => event.type === 'step.finished' && event.step.endsWith('.call1')).length;
      const handle = await later.service.resume(whole.handle.id);
      // It was begun and nobody knows: a person says that it happened.
      await answered(later, handle, ({ request }) => (request.kind === 'inDoubt' ? 'happened' : 'approved'));
      expect([cut, await handle.done, handle.view().nodes.a?.output]).toEqual([cut, 'succeeded', { text: 'Done.', agent: 'worker' }]);
      expect([cut, sent]).toEqual([cut, Array.from({ length: 10 - Math.max(begun, ended) }, (_, at) => at + Math.max(begun, ended))]);
    }
  });
});
