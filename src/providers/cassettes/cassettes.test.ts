import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redactor } from '../../engine/policy/redact.ts';
import type { Cassettes, ModelEvent, ModelRequest } from '../../engine/ports.ts';
import { cassettePath, createCassettes } from './cassettes.ts';
import { keyOf } from './format.ts';

let root: string;
let cassettes: Cassettes;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'belay-cassettes-'));
  cassettes = createCassettes(root, redactor(['sk-secret-1']));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const FLOW = 'deep/notes.flow.json';
const FILE = '.belay/cassettes/deep/notes.jsonl';
const ask = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'openai/big',
  messages: [{ role: 'user', content }],
  ...more,
});
const say = (text: string): ModelEvent[] => [
  { type: 'start', model: 'big-2026', requestId: 'r1' },
  { type: 'reasoningDelta', text: 'hm' },
  { type: 'reasoningDelta', text: 'm' },
  ...[...text].map((letter) => ({ type: 'textDelta' as const, text: letter })),
  {
    type: 'finish',
    reason: 'stop',
    message: { role: 'assistant', content: text },
    usage: { inputTokens: 3, outputTokens: 5, source: 'reported' },
  },
];
const lines = async () => (await readFile(join(root, FILE), 'utf8')).split('\n').filter((line) => line !== '');

describe('a link that a repository carries', () => {
  it('leads no recording out of the workspace, neither to be read nor to be written', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'belay-elsewhere-'));
    await mkdir(join(root, '.belay'));
    await symlink(elsewhere, join(root, '.belay', 'cassettes'));
    const outside = { code: 'FILE_OUTSIDE' };
    await expect(cassettes.record('notes.flow.json', 'draft', 'Hi', ask('Hi'), say('Hello'))).rejects.toMatchObject(outside);
    await expect(cassettes.find('notes.flow.json', ask('Hi'))).rejects.toMatchObject(outside);
    expect(await readdir(elsewhere)).toEqual([]);
    await rm(elsewhere, { recursive: true });
  });
});

describe('a recording', () => {
  it('is found by its request, whatever the model, and played as it was', async () => {
    await cassettes.record(FLOW, 'draft', 'Hi {{ x }}', ask('Hi'), say('Hello there,\n\nyou  two!\n'));
    const found = await cassettes.find(FLOW, ask('Hi', { model: 'local/small' }));
    expect(found?.at(0)).toEqual({ type: 'start', model: 'big-2026', requestId: 'r1' });
    expect(found?.filter(({ type }) => type === 'reasoningDelta')).toEqual([{ type: 'reasoningDelta', text: 'hmm' }]);
    const pieces = found?.flatMap((event) => (event.type === 'textDelta' ? [event.text] : [])) ?? [];
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe('Hello there,\n\nyou  two!\n');
    expect(found?.at(-1)).toEqual(say('Hello there,\n\nyou  two!\n').at(-1));
  });

  it.each<[what: string, request: ModelRequest]>([
    ['another prompt', ask('Hi!')],
    ['a temperature', ask('Hi', { temperature: 0 })],
    ['a schema', ask('Hi', { schema: { type: 'object' } })],
    ['another role', { model: 'm', messages: [{ role: 'system', content: 'Hi' }] }],
  ])('is not found by %s', async (_what, request) => {
    await cassettes.record(FLOW, 'draft', 'Hi', ask('Hi'), say('Hello'));
    expect(await cassettes.find(FLOW, request)).toBeUndefined();
  });

  it('has a key that does not depend on the order of keys', () => {
    const one = ask('Hi', { schema: { a: 1, b: { c: 2, d: 3 } }, temperature: 1 });
    const two: ModelRequest = {
      temperature: 1,
      schema: { b: { d: 3, c: 2 }, a: 1 },
      messages: [{ content: 'Hi', role: 'user' }],
      model: 'x/y',
    };
    expect(keyOf(one)).toBe(keyOf(two));
  });

  it('is one readable line, replaced when it is recorded again, with nothing else left behind', async () => {
    await cassettes.record(FLOW, 'draft', 'Hi', ask('Hi'), say('one'));
    await cassettes.record(FLOW, 'other', 'Ho', ask('Ho'), say('two'));
    await cassettes.record(FLOW, 'draft', 'Hi', ask('Hi'), say('three'));
    const recorded = (await lines()).map((line) => JSON.parse(line));
    expect(recorded.map(({ node, events }) => [node, events.at(-1).text])).toEqual([
      ['draft', 'three'],
      ['other', 'two'],
    ]);
    expect(recorded[0].request).toEqual({ messages: [{ role: 'user', content: 'Hi' }] });
    expect(recorded[0].events.map(({ type }: ModelEvent) => type)).toEqual(['start', 'reasoningDelta', 'finish']);
    expect(await readdir(join(root, '.belay/cassettes/deep'))).toEqual(['notes.jsonl']);
  });

  it('loses nothing when several come at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => cassettes.record(FLOW, `n${n}`, 'T', ask(`${n}`), say(`${n}`))));
    expect(await lines()).toHaveLength(20);
  });

  describe('of a model that calls tools', () => {
    const tools = [{ name: 'search', description: 'Finds files.', parameters: { type: 'object' } }];
    const called: ModelEvent[] = [
      { type: 'start', model: 'big' },
      { type: 'reasoningDelta', text: 'hm' },
      { type: 'toolCallDelta', index: 0, id: 'c1', name: 'search', arguments: '{"q":"sk-secret-1"}' },
      {
        type: 'finish',
        reason: 'toolCalls',
        message: {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm', state: { dialect: 'x', data: 'signed' } },
            { type: 'text', text: 'Looking there.' },
            { type: 'toolCall', id: 'c1', name: 'search', arguments: '{"q":"sk-secret-1"}' },
          ],
        },
      },
    ];

    it('is played whole, and the next request is found with what was recorded', async () => {
      const first = ask('Hi', { tools });
      await cassettes.record(FLOW, 'agent', 'Hi', first, called);
      const image = { type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const;
      const next = (of: readonly ModelEvent[] | undefined): ModelRequest => {
        const finish = of?.at(-1);
        if (finish?.type !== 'finish') throw new Error('no finish');
        return {
          ...first,
          messages: [...first.messages, finish.message, { role: 'tool', callId: 'c1', name: 'search', content: [image] }],
        };
      };
      await cassettes.record(FLOW, 'agent', 'Hi', next(called), say('Found it.'));

      const played = await cassettes.find(FLOW, ask('Hi', { tools, model: 'local/small' }));
      expect(played?.map(({ type }) => type)).toEqual([
        'start',
        'reasoningDelta',
        'part',
        'textDelta',
        'textDelta',
        'toolCallDelta',
        'part',
        'finish',
      ]);
      expect(played?.at(-1)).toMatchObject({
        reason: 'toolCalls',
        message: { content: [{ type: 'reasoning' }, { text: 'Looking there.' }, { id: 'c1', arguments: '{"q":"•••"}' }] },
      });
      expect((await cassettes.find(FLOW, next(played)))?.at(-1)).toMatchObject({ message: { content: 'Found it.' } });
      const text = await readFile(join(root, FILE), 'utf8');
      expect(text).not.toContain('sk-secret-1');
      expect(text).not.toContain('iVBORw0KGgo');
      expect(text).toContain('"sha256":"');
    });

    it.each<[what: string, more: Partial<ModelRequest>]>([
      ['without tools', {}],
      ['with others', { tools: [{ ...tools[0]!, description: 'Finds.' }] }],
      ['with a choice', { tools, toolChoice: 'required' }],
    ])('is not found %s', async (_what, more) => {
      await cassettes.record(FLOW, 'agent', 'Hi', ask('Hi', { tools }), called);
      expect(await cassettes.find(FLOW, ask('Hi', more))).toBeUndefined();
    });
  });

  it('a request without anything new has the key it always had', () => {
    const request = {
      model: 'm/x',
      messages: [
        { role: 'system', content: 'S' },
        { role: 'user', content: 'U' },
      ],
      temperature: 0.5,
    } as const;
    expect(keyOf(request)).toBe('60081115360f917c69e80732155ac183222eba3ed305f4a6c1f06355b2edea25');
  });

  it('holds no secret', async () => {
    await cassettes.record(FLOW, 'draft', 'Use sk-secret-1', ask('Use sk-secret-1'), say('I used sk-secret-1'));
    expect(await readFile(join(root, FILE), 'utf8')).not.toContain('sk-secret-1');
    expect((await cassettes.find(FLOW, ask('Use sk-secret-1')))?.at(-1)).toMatchObject({ message: { content: 'I used •••' } });
  });

  it('gives back the latest template of a node', async () => {
    await cassettes.record(FLOW, 'draft', 'old', ask('1'), say('x'));
    await cassettes.record(FLOW, 'draft', 'new', ask('2'), say('x'));
    expect(await cassettes.template(FLOW, 'draft')).toBe('new');
    expect(await cassettes.template(FLOW, 'nobody')).toBeUndefined();
  });
});

it('a flow without recordings has none, which is no failure', async () => {
  expect([await cassettes.exists(FLOW), await cassettes.find(FLOW, ask('Hi')), await cassettes.template(FLOW, 'x')]).toEqual([
    false,
    undefined,
    undefined,
  ]);
  await cassettes.record(FLOW, 'draft', 'Hi', ask('Hi'), say('x'));
  expect(await cassettes.exists(FLOW)).toBe(true);
});

describe('a damaged file is told with its line, and not overwritten', () => {
  const good = JSON.stringify({
    key: '0'.repeat(64),
    node: 'a',
    template: '',
    request: {},
    events: [{ type: 'finish', reason: 'stop', text: '' }],
  });
  it.each<[line: number, text: string, why: string]>([
    [2, `${good}\n{"key":\n`, 'not JSON'],
    [1, `${good.slice(0, 40)}\n`, 'not JSON'],
    [3, `${good}\r\n\r\n<<<<<<< ours\r\n${good}`, 'merge conflict'],
    [1, '{"key":"x"}\n', '"key"'],
    [2, `${good}\n${good.replace('"finish"', '"end"')}`, '"events.0.type"'],
    [1, '[]', 'missing or wrong'],
  ])('line %i of %j', async (line, text, why) => {
    await mkdir(join(root, '.belay/cassettes/deep'), { recursive: true });
    await writeFile(join(root, FILE), text);
    const told = { code: 'CASSETTE_INVALID', message: expect.stringContaining(`${FILE}:${line} `), details: { file: FILE, line } };
    await expect(cassettes.find(FLOW, ask('Hi'))).rejects.toMatchObject(told);
    await expect(cassettes.find(FLOW, ask('Hi'))).rejects.toThrow(why);
    await expect(cassettes.record(FLOW, 'a', '', ask('Hi'), say('x'))).rejects.toMatchObject(told);
    expect(await readFile(join(root, FILE), 'utf8')).toBe(text);
  });
});

it.each(['../x.flow.json', '/x.flow.json', 'a/../x.flow.json', 'a\\x.flow.json', 'C:x.flow.json'])(
  '%s is no place for a cassette',
  (flow) => {
    expect(() => cassettePath(flow)).toThrow(expect.objectContaining({ code: 'FILE_PATH_INVALID' }));
  },
);
