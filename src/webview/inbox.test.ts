import { expect, it } from 'vitest';
import { createInbox } from './inbox.ts';

const WAIT = new Error('not loaded');

function inbox({ broken = false } = {}) {
  const got: string[] = [];
  const faults: unknown[] = [];
  let isLoaded = false;
  const take = createInbox<string>(
    (message, hold) => {
      if (message === 'bad') throw new Error('a fault');
      if (message.startsWith('odd') && !isLoaded) throw WAIT;
      got.push(message);
      if (message === 'slow') hold(new Promise((resolve) => setTimeout(resolve)).then(() => got.push('slow, done')));
      if (message === 'slow and bad') hold(Promise.reject(new Error('a late fault')));
    },
    {
      isWaiting: (thrown) => thrown === WAIT,
      async load() {
        if (broken) throw new Error('no such file');
        isLoaded = true;
      },
      fault: (thrown) => faults.push(thrown),
    },
  );
  return { take, got, faults };
}

it('gives messages on at once, and a fault in one stops no other', () => {
  const { take, got, faults } = inbox();
  for (const message of ['one', 'bad', 'two']) take(message);
  expect(got).toEqual(['one', 'two']);
  expect(faults).toHaveLength(1);
});

it('keeps their order while something has to be loaded for one of them', async () => {
  const { take, got } = inbox();
  for (const message of ['one', 'odd document', 'problems', 'odd again']) take(message);
  expect(got).toEqual(['one']);
  await expect.poll(() => got).toEqual(['one', 'odd document', 'problems', 'odd again']);
});

it('waits for what takes another task, and for what fails in it', async () => {
  const { take, got, faults } = inbox();
  for (const message of ['slow', 'one', 'slow and bad', 'two']) take(message);
  expect(got).toEqual(['slow']);
  await expect.poll(() => got).toEqual(['slow', 'slow, done', 'one', 'slow and bad', 'two']);
  expect(faults).toHaveLength(1);
});

it('goes on without what cannot be read', async () => {
  const { take, got, faults } = inbox({ broken: true });
  for (const message of ['odd document', 'two']) take(message);
  await expect.poll(() => got).toEqual(['two']);
  expect(faults).toHaveLength(1);
});
