import { expect, test, vi } from 'vitest';
import { systemClock } from './system-clock.ts';

test('a sleep ends by itself, or at once with the reason of the signal', async () => {
  await systemClock.sleep(1);
  await systemClock.sleep(0);
  const why = new Error('enough');
  await expect(systemClock.sleep(60_000, AbortSignal.abort(why))).rejects.toBe(why);
  const abort = new AbortController();
  const sleep = systemClock.sleep(60_000, abort.signal);
  abort.abort(why);
  await expect(sleep).rejects.toBe(why);
});

test('a sleep longer than a timer can be does not end early', async () => {
  vi.useFakeTimers();
  try {
    const days = 24 * 3_600_000;
    let over = false;
    const sleep = systemClock.sleep(40 * days).then(() => {
      over = true;
    });
    await vi.advanceTimersByTimeAsync(39 * days);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(2 * days);
    expect(over).toBe(true);
    await sleep;
  } finally {
    vi.useRealTimers();
  }
});
