/** An agent from the command line: killed in the middle of its turns, it goes on and does nothing twice. */
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Belay, jsonLines, workspaceWith } from './testing/belay.ts';

const TURNS = 10;

/** A model that writes a file in each of ten turns. What it decides depends on the conversation alone; it answers a turn when it may. */
async function model(asked: number[], until: (turn: number) => Promise<void>): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { messages = [] } = JSON.parse(body || '{}') as { messages?: { role: string }[] };
    const turn = messages.filter(({ role }) => role === 'assistant').length + 1;
    asked.push(turn);
    await until(turn);
    const call = {
      index: 0,
      id: `c${turn}`,
      type: 'function',
      function: { name: 'files_write', arguments: JSON.stringify({ path: `out/${turn}.txt`, content: `${turn}` }) },
    };
    const delta = turn > TURNS ? { content: 'All written.' } : { tool_calls: [call] };
    const chunk = { id: 'x', object: 'chat.completion.chunk', created: 0, model: 'scripted' };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null }] })}\n\n`,
    );
    response.write(
      `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: {}, finish_reason: turn > TURNS ? 'stop' : 'tool_calls' }] })}\n\n`,
    );
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** At each recorded event: nodes/agent/agent.test.ts. */
test('kill -9 in the middle of each of ten turns', async () => {
  const asked: number[] = [];
  // No host gets beyond the turn it is to die in: the next one is answered only when it is dead.
  let dead = 0;
  const deaths = new EventEmitter();
  const url = await model(asked, async (turn) => {
    while (dead < turn - 1) await once(deaths, 'death');
  });
  const env = { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: url, BELAY_MODEL: 'openai/scripted' };
  const root = await workspaceWith({
    'work.flow.json': { version: 1, nodes: { work: { type: 'agent', with: { agent: 'writer', task: 'Write the files.' } } } },
    '.github/agents/writer.agent.md': '---\ntools: [edit]\n---\nYou write files.',
  });
  const events: Record<string, unknown>[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const process = new Belay(root, [...(turn === 1 ? ['run', 'work.flow.json'] : ['resume', 'last']), '--json'], { env });
    await process.until(`"work/turn${turn}.call1"`);
    process.signal('SIGKILL');
    events.push(...jsonLines((await process.ended).stdout.replace(/[^\n]*$/, '')));
    dead = turn;
    deaths.emit('death');
  }
  const last = new Belay(root, ['resume', 'last', '--json'], { env });
  const ended = await last.ended;
  events.push(...jsonLines(ended.stdout));
  expect(ended.code).toBe(0);
  for (let turn = 1; turn <= TURNS; turn += 1) {
    expect(await readFile(join(root, `out/${turn}.txt`), 'utf8')).toBe(`${turn}`);
    const of = (type: string) =>
      new Set(events.filter((event) => event.type === type && event.step === `work/turn${turn}.call1`).map(({ seq }) => seq));
    expect([turn, of('step.finished').size]).toEqual([turn, 1]);
    // Begun twice only where it was killed before its end was recorded.
    expect([turn, of('step.started').size <= 2]).toEqual([turn, true]);
  }
  // No reply that was recorded was asked for again.
  for (let turn = 1; turn <= TURNS + 1; turn += 1) expect([turn, asked.filter((it) => it === turn).length <= 2]).toEqual([turn, true]);
  expect(asked.length).toBeLessThanOrEqual(2 * TURNS + 1);
}, 120_000);
