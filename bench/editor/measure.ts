/** What a person feels of one page, measured in a browser that draws in software. Milliseconds. */
import type { Browser, Page } from 'playwright-core';

/** Long tasks are over when nothing took longer than this (ms) for half a second. */
const SMOOTH = 50;

export interface Opened {
  firstPaint: number;
  interactive: number;
}

export interface Frames {
  p95: number;
  p99: number;
  worst: number;
}

/** Frames and long tasks from here on, as the page itself sees them. The first node alone is only where the focus can go: the flow is not painted with it. */
const PROBE = `
  window.probe = { frames: [], tasks: [], first: 0, busy: 0 };
  (() => {
    let last = performance.now();
    const frame = (now) => {
      probe.frames.push(now - last);
      if (now - last > ${SMOOTH}) probe.busy = now;
      last = now;
      if (!probe.first && document.querySelectorAll('.react-flow__node').length > 1) requestAnimationFrame(() => { probe.first ||= performance.now(); });
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) probe.tasks.push(entry.duration); }).observe({ type: 'longtask' });
  })();
`;

interface Probe {
  frames: number[];
  tasks: number[];
  first: number;
  busy: number;
}

const probeOf = (page: Page) => page.evaluate(() => (window as unknown as { probe: Probe }).probe);
const reset = (page: Page) =>
  page.evaluate(() => {
    const { probe } = window as unknown as { probe: Probe };
    probe.frames = [];
    probe.tasks = [];
  });

/** What V8 samples of the page meanwhile. */
export async function profiled(page: Page, act: () => Promise<unknown>) {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 200 });
  await session.send('Profiler.start');
  await act();
  const { profile } = await session.send('Profiler.stop');
  await session.detach();
  return profile;
}

/** Opens a page with a flow and waits until it has calmed down. */
export async function open(browser: Browser, address: string, text: string, { profiled: isProfiled = false } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(PROBE);
  await page.goto(address);
  await page.waitForFunction(() => typeof window.openFlow === 'function');
  let began = 0;
  const show = async (): Promise<void> => {
    began = await page.evaluate((flow) => {
      const now = performance.now();
      window.openFlow(flow);
      return now;
    }, text);
    await page.waitForFunction(
      () => {
        const { probe } = window as unknown as { probe: Probe };
        return probe.first > 0 && performance.now() - Math.max(probe.busy, probe.first) > 500;
      },
      undefined,
      { timeout: 60_000 },
    );
  };
  const profile = isProfiled ? await profiled(page, show) : await show();
  const { first, busy } = await probeOf(page);
  const opened: Opened = { firstPaint: first - began, interactive: Math.max(first, busy) - began };
  return { page, opened, profile: profile ?? undefined };
}

function summed(frames: readonly number[]): Frames {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p95: at(0.95), p99: at(0.99), worst: sorted.at(-1) ?? 0 };
}

async function during(page: Page, act: () => Promise<void>): Promise<Frames & { longest: number }> {
  await page.waitForTimeout(300);
  await reset(page);
  await act();
  await page.waitForTimeout(200);
  const { frames, tasks } = await probeOf(page);
  return { ...summed(frames), longest: Math.max(0, ...tasks) };
}

/** A node that is seen, near to the middle. */
async function visibleNode(page: Page): Promise<{ x: number; y: number }> {
  return page.evaluate(() => {
    const boxes = [...document.querySelectorAll('.react-flow__node')].map((node) => node.getBoundingClientRect());
    const seen = boxes.filter((box) => box.x > 80 && box.y > 80 && box.right < 900 && box.bottom < 600);
    const box = seen[Math.floor(seen.length / 2)] ?? boxes[0];
    return box ? { x: box.x + box.width / 2, y: box.y + Math.min(12, box.height / 2) } : { x: 0, y: 0 };
  });
}

async function pull(page: Page, from: { x: number; y: number }, turns: number): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (let turn = 1; turn <= turns; turn += 1)
    await page.mouse.move(from.x + Math.round(90 * Math.sin(turn / 8)), from.y + Math.round(70 * Math.sin(turn / 5)));
  await page.mouse.up();
}

export async function drag(page: Page): Promise<Frames> {
  const from = await visibleNode(page);
  return during(page, () => pull(page, from, 60));
}

/** By the ground between the nodes. */
export async function pan(page: Page): Promise<Frames> {
  const from = await page.evaluate(() => {
    for (let y = 120; y < 640; y += 7) {
      for (let x = 120; x < 900; x += 11) if (document.elementFromPoint(x, y)?.classList.contains('react-flow__pane')) return { x, y };
    }
    return { x: 400, y: 400 };
  });
  return during(page, () => pull(page, from, 60));
}

export async function zoom(page: Page): Promise<Frames> {
  await page.mouse.move(450, 380);
  return during(page, async () => {
    for (const delta of [...Array<number>(25).fill(60), ...Array<number>(25).fill(-60)]) await page.mouse.wheel(0, delta);
  });
}

/** A run in which 200 nodes change their state in a second, for three seconds. */
export async function running(page: Page, nodes: number): Promise<Frames> {
  return during(page, () =>
    page.evaluate(async (count) => {
      let seq = 1;
      const base = { id: 'run', flow: '', title: '', bundle: '', inputs: {}, mode: 'live', startedBy: 'bench', belay: '0' };
      const run = {
        id: 'run',
        events: [{ seq: 0, t: Date.now(), type: 'run.created', run: base }],
        interrupted: false,
        flowText: '',
        sameFlow: true,
      };
      window.tell({ type: 'run', run });
      for (let batch = 0; batch < 150; batch += 1) {
        const events = [0, 1, 2, 3].map((step) => {
          const node = `n${Math.floor((batch * 4 + step) / 2) % count}`;
          seq += 1;
          const about = { seq, t: Date.now(), node };
          return (batch * 4 + step) % 2 === 0
            ? { ...about, type: 'node.started', input: {} }
            : { ...about, type: 'node.finished', outlet: 'success', output: 'x', trust: 'trusted' };
        });
        window.tell({ type: 'runEvents', runId: 'run', events, live: [] });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }, nodes),
  );
}

/** The longest task of the page while the whole flow is laid out beside it, and until the new places are drawn. */
export async function arranging(page: Page): Promise<{ longest: number; took: number }> {
  const began = Date.now();
  const { longest } = await during(page, async () => {
    const before = await page.evaluate(() => window.flowVersion());
    await page.evaluate(() => window.tell({ type: 'command', command: 'arrange' }));
    await page.waitForFunction((version) => window.flowVersion() !== version, before);
    await page.waitForTimeout(1000);
  });
  return { longest, took: Date.now() - began };
}

/** From a letter typed elsewhere to the picture that shows it. */
export async function typing(page: Page): Promise<number> {
  const times: number[] = [];
  // Where the view has just been another one, cards are not there yet.
  await page.locator('.react-flow__node .card-title').first().waitFor();
  for (let round = 0; round < 5; round += 1) {
    times.push(
      await page.evaluate(async (word) => {
        const shown = document.querySelector('.react-flow__node .card-title')?.textContent ?? '';
        const began = performance.now();
        window.openFlow(window.flowText().replace(`"${shown}"`, `"${word}"`));
        await new Promise<void>((resolve) => {
          const look = (): void => {
            const titles = [...document.querySelectorAll('.react-flow__node .card-title')];
            if (titles.some((title) => title.textContent === word)) resolve();
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        });
        return performance.now() - began;
      }, `Typed ${round}`),
    );
  }
  return times.sort((a, b) => a - b)[2] ?? 0;
}
