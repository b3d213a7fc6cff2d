import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { RUN, storeIn, temporaryRoot } from './testing/fixture.ts';

const CONTENDER = fileURLToPath(new URL('testing/contender.ts', import.meta.url));

interface Contender {
  next(): Promise<Record<string, unknown>>;
  say(line: string): void;
  kill(): Promise<void>;
}

/** A real process that waits for the word to go for the run. */
async function contender(root: string, how: 'create' | 'acquire'): Promise<Contender> {
  const child = spawn(process.execPath, [CONTENDER, root, RUN, how], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  onTestFinished(kill);
  const self: Contender = {
    async next() {
      const line = await lines.next();
      if (line.done) throw new Error('the process has nothing more to say');
      return JSON.parse(line.value) as Record<string, unknown>;
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    kill,
  };
  expect(await self.next()).toEqual({ ready: true });
  return self;
}

test('of several processes exactly one gets the run; killed, it leaves what it recorded to the next', async () => {
  const root = await temporaryRoot();
  const first = await contender(root, 'create');
  first.say('go');
  const { pid } = await first.next();
  for (const node of ['read', 'draft']) {
    first.say(node);
    expect(await first.next()).toEqual({ recorded: node });
  }
  await expect(storeIn(root).acquire(RUN)).rejects.toMatchObject({ code: 'RUN_OWNED', details: { owner: 'cli', pid } });
  const racers = await Promise.all([1, 2, 3, 4].map(() => contender(root, 'acquire')));
  await first.kill();

  for (const racer of racers) racer.say('go');
  const said = await Promise.all(racers.map((racer) => racer.next()));
  const winner = said.findIndex((line) => 'got' in line);
  expect(said[winner]).toMatchObject({ got: 5 });
  for (const [i, line] of said.entries()) if (i !== winner) expect(line).toMatchObject({ refused: 'RUN_OWNED' });

  racers[winner]!.say('check');
  expect(await racers[winner]!.next()).toEqual({ recorded: 'check' });
  await racers[winner]!.kill();
  const { events, owner } = await storeIn(root).read(RUN);
  expect(owner).toBeUndefined();
  expect(events.map((event) => ('node' in event ? event.node : event.type))).toEqual([
    'segment.opened',
    'run.created',
    'read',
    'draft',
    'segment.opened',
    'check',
  ]);
}, 30_000);

test('of several processes that make the same run exactly one makes it', async () => {
  const root = await temporaryRoot();
  const makers = await Promise.all([1, 2, 3].map(() => contender(root, 'create')));
  for (const maker of makers) maker.say('go');
  const said = await Promise.all(makers.map((maker) => maker.next()));
  expect(said.filter((line) => 'got' in line)).toHaveLength(1);
  expect(said.filter((line) => line.refused === 'RUN_EXISTS')).toHaveLength(2);
}, 30_000);
