/** One example for each pattern, from the command line as people run them there, and what happens when something goes wrong. */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ended } from '../../src/cli/testing/belay.ts';
import { belay } from '../../src/cli/testing/belay.ts';
import { answer, examples, question } from './workspace.ts';

const TIMEOUT = 60_000;
const workspace = examples();
const { service, start, written } = workspace;

const run = (name: string, ...args: string[]) => belay(workspace.root, 'run', `${name}.flow.json`, ...args);

/** What the run gave, as the terminal prints it. */
function outputsIn({ stdout }: Ended): unknown {
  return JSON.parse(stdout.slice(stdout.indexOf('Outputs:\n') + 'Outputs:\n'.length));
}

test(
  'pipeline: collect, structure, draft, check, mend, approve, publish',
  async () => {
    const ended = await run('release-notes', '--approve', 'approve');
    expect([ended.code, outputsIn(ended)]).toEqual([0, { file: 'out/release-notes.md' }]);
    expect(await written('out/release-notes.md')).toContain('## Upgrade notes');
  },
  TIMEOUT,
);

test(
  'an agent: searches, reads, answers with its source; nothing is asked, because it only reads',
  async () => {
    const ended = await run('ask');
    expect([ended.code, outputsIn(ended)]).toEqual([
      0,
      { answer: 'No. Whoever gets the link opens it in a browser, without an account.', source: 'data/manual.md' },
    ]);
    expect(await written('out/answer.md')).toContain('> Open the route');
  },
  TIMEOUT,
);

describe('branch and merge: research', () => {
  test(
    'every source is read, and named in the answer',
    async () => {
      const ended = await run('research');
      expect([ended.code, outputsIn(ended)]).toEqual([0, { report: 'out/research.md', missing: [] }]);
      const report = await written('out/research.md');
      for (const source of ['[reviews]', '[forum]', '[usage]']) expect(report).toContain(source);
      expect(report).not.toContain('Not read');
    },
    TIMEOUT,
  );

  test('with one source missing the answer says so; one that is not named is asked about', async () => {
    await rm(join(workspace.root, 'data/forum.md'));
    const runs = service();
    const handle = await start(runs, 'research.flow.json');
    const missing = await question(handle);
    expect(missing.request).toMatchObject({ kind: 'recordingMissing' });
    await runs.decide(handle.id, missing.key, answer('byHand', { value: 'It is the battery [reviews].' }));
    const asked = await question(handle);
    expect(asked.request).toMatchObject({ kind: 'approval', message: expect.stringContaining('The figures are not named as a source.') });
    await runs.decide(handle.id, asked.key, answer('approved'));
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().outputs).toEqual({ report: 'out/research.md', missing: ['forum'] });
    expect(await written('out/research.md')).toMatch(/\n\nNot read: forum\.\n$/);
  });

  test(
    'with two sources missing it ends early',
    async () => {
      await rm(join(workspace.root, 'data/forum.md'));
      await rm(join(workspace.root, 'data/usage.csv'));
      const ended = await run('research');
      expect([ended.code, outputsIn(ended)]).toEqual([0, { report: null, missing: ['forum', 'usage'] }]);
      expect(existsSync(join(workspace.root, 'out'))).toBe(false);
    },
    TIMEOUT,
  );
});

describe('branch and merge: vote', () => {
  const DISPUTED = 'The photo I add to a track is shown upside down until I open the track again.';

  test(
    'two votes that agree decide',
    async () => {
      const ended = await run('vote');
      expect([ended.code, outputsIn(ended)]).toEqual([0, { severity: 'blocker' }]);
      expect(await written('out/bugs.md')).toMatch(/^## blocker\n\nSince the update.*\n\n(- blocker: .*\n){2,3}\n$/);
    },
    TIMEOUT,
  );

  test(
    'where they do not agree, a person is asked',
    async () => {
      const ended = await run('vote', '-i', `report=${DISPUTED}`);
      expect([ended.code, ended.stdout]).toEqual([3, expect.stringContaining('Take the gravest?: waits for a person')]);
      const approved = await belay(workspace.root, 'approve', 'last', 'gravest');
      expect(approved.code).toBe(0);
      expect(outputsIn(approved)).toEqual({ severity: expect.stringMatching(/^(blocker|major)$/) });
    },
    TIMEOUT,
  );

  describe('with models', () => {
    const mock = new LLMock({ port: 0 });
    let address: string;
    const vote = (severity: string) => ({ content: JSON.stringify({ severity, reason: 'Because.' }) });
    const refused = { error: { message: 'This model is gone.' }, status: 404 };
    beforeAll(async () => {
      address = `${await mock.start()}/v1`;
    });
    afterAll(() => mock.stop());
    beforeEach(() => void mock.clearFixtures());

    test('one that fails is made up for by the two others', async () => {
      mock.on({ model: 'fast' }, vote('minor')).on({ model: 'smart' }, refused).on({ model: 'local' }, vote('minor'));
      const handle = await start(service(address), 'vote.flow.json', { mode: 'live' });
      expect(await handle.done).toBe('succeeded');
      expect(handle.view().outputs).toEqual({ severity: 'minor' });
      expect(handle.view().nodes.careful?.state).toBe('failed');
    });

    test('when two fail there is no quorum, and a person decides', async () => {
      mock.on({ model: 'fast' }, vote('minor')).on({ model: 'smart' }, refused).on({ model: 'local' }, refused);
      const runs = service(address);
      const handle = await start(runs, 'vote.flow.json', { mode: 'live' });
      const asked = await question(handle);
      expect(asked.request).toMatchObject({ kind: 'approval', title: 'File it unrated?' });
      expect(handle.view().nodes.votes).toMatchObject({ state: 'failed', error: { code: 'JOIN_QUORUM' } });
      await runs.decide(handle.id, asked.key, answer('approved'));
      expect(await handle.done).toBe('succeeded');
      expect(handle.view().outputs).toEqual({ severity: 'unrated' });
      expect(await written('out/bugs.md')).toMatch(/^## unrated\n/);
    });
  });
});

describe('loop until done', () => {
  test(
    'each pass mends what the check of the one before found',
    async () => {
      const ended = await run('improve', '--approve', 'approve');
      const text = 'Take whole regions with you: maps that work where the signal does not.';
      expect([ended.code, outputsIn(ended)]).toEqual([0, { text, passed: true }]);
      expect(ended.stdout.match(/#\d › Mend what is wrong: succeeded/g)).toEqual(
        [2, 3].map((pass) => `#${pass} › Mend what is wrong: succeeded`),
      );
      expect(await written('out/shop.txt')).toBe(`${text}\n`);
    },
    TIMEOUT,
  );

  test.each([
    ['approve', 0],
    ['reject', 4],
  ])(
    'after four times a person looks at it: %s',
    async (decision, code) => {
      const ended = await run('improve', '-i', 'limit=30');
      expect([ended.code, ended.stdout]).toEqual([3, expect.stringContaining('Use it anyway?: waits for a person')]);
      const decided = await belay(workspace.root, decision, 'last', 'anyway');
      expect(decided.code).toBe(code);
      expect(existsSync(join(workspace.root, 'out/shop.txt'))).toBe(code === 0);
      if (code === 0) expect(outputsIn(decided)).toEqual({ text: 'Whole regions, without a signal.', passed: false });
    },
    TIMEOUT,
  );
});

describe('trigger and dispatch', () => {
  test.each<[string, string | undefined, string, RegExp]>([
    ['a bug', undefined, 'bug', /taken it down as "App closes when a photo is added" and write to you when it is mended\.$/],
    ['a question', 'Hello, I get a new phone on Friday. How do I take my tracks along? Jan', 'question', /^Hello Jan, .*"Save to file"/],
    [
      'a question the manual does not answer',
      'Hi, can Switchback show avalanche warnings on the map? Tove',
      'question',
      /does not answer it/,
    ],
    [
      'something other',
      'Dear team, we are a hiking club with 300 members. Shall we talk about a partnership? Old Boots',
      'other',
      /One of us will read your message/,
    ],
  ])(
    '%s',
    async (_, ticket, kind, reply) => {
      const ended = await run('triage', ...(ticket === undefined ? [] : ['-i', `ticket=${ticket}`]));
      expect([ended.code, ended.stdout]).toEqual([3, expect.stringContaining('Send the answer: waits for a person')]);
      expect(existsSync(join(workspace.root, 'out/sent.txt'))).toBe(false);
      const sent = await belay(workspace.root, 'approve', 'last', 'send');
      expect([sent.code, outputsIn(sent)]).toEqual([0, { kind, reply: expect.stringMatching(reply) }]);
      const { reply: text } = outputsIn(sent) as { reply: string };
      expect(await written('out/sent.txt')).toBe(`To: mira@example.org\n\n${text}\n\n`);
      expect(existsSync(join(workspace.root, 'out/bugs/app-closes-when-a-photo-is-added.md'))).toBe(kind === 'bug');
    },
    TIMEOUT,
  );

  test(
    'after a no nothing is sent',
    async () => {
      await run('triage');
      expect((await belay(workspace.root, 'reject', 'last', 'send')).code).toBe(4);
      expect(existsSync(join(workspace.root, 'out/sent.txt'))).toBe(false);
    },
    TIMEOUT,
  );

  test('what a sub-flow cannot do goes to a person', async () => {
    await rm(join(workspace.root, 'data/manual.md'));
    const runs = service();
    const ticket = 'Hello, I get a new phone on Friday. How do I take my tracks along? Jan';
    const handle = await start(runs, 'triage.flow.json', { inputs: { ticket } });
    const asked = await question(handle);
    await runs.decide(handle.id, asked.key, answer('approved'));
    expect(await handle.done).toBe('succeeded');
    expect(handle.view().nodes.question).toMatchObject({ state: 'failed', error: { code: 'FILE_NOT_FOUND' } });
    expect(await written('out/sent.txt')).toContain('One of us will read your message');
  });
});

describe('schedule and report', () => {
  const digest = () => run('digest', '--approve', 'approve');
  const TODAY = /^out\/reviews\/\d{4}-\d\d-\d\d\.md$/;

  test(
    'new reviews are read and told once; one that could not be read is new again',
    async () => {
      const first = await digest();
      expect([first.code, outputsIn(first)]).toEqual([0, { report: expect.stringMatching(TODAY), reviews: 3 }]);
      const { report } = outputsIn(first) as { report: string };
      expect(await written(report)).toMatch(/^# Reviews of .*\n\n(- .* of 5: ".*" \(r\d+\)\n){3}\nCould not be read.*: 1\.\n$/);
      const told = await written('out/outbox.md');
      expect(told).toContain(`3 new reviews: ${report}`);

      const second = await digest();
      expect([second.code, outputsIn(second)]).toEqual([0, { report: null, reviews: 0 }]);
      expect(second.stdout.match(/› What is it about\?: succeeded/g)).toHaveLength(1);
      expect(await written('out/outbox.md')).toBe(told);

      await writeFile(join(workspace.root, 'data/reviews.json'), '{ "reviews": [{ "id": "r101", "stars": 3, "text": "Better now." }] }');
      const third = await digest();
      expect([third.code, third.stdout]).toEqual([0, expect.not.stringContaining('What is it about?: running')]);
    },
    TIMEOUT,
  );

  test(
    'reviews that cannot be listed are told, too',
    async () => {
      await writeFile(join(workspace.root, 'data/reviews.json'), 'not JSON');
      const runs = service();
      const flowText = (await written('digest.flow.json')).replace('"retry": { "attempts": 3 },\n      "with": { "run"', '"with": { "run"');
      const handle = await start(runs, 'digest.flow.json', { flowText });
      expect(await handle.done).toBe('succeeded');
      expect(await written('out/outbox.md')).toMatch(/^To: team\n\nNo digest today: /);
    },
    TIMEOUT,
  );
});
