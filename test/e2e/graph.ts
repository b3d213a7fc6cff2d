import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { flowFrame } from '../host/index.ts';

/** What a person does with the graph editor, by the names a person sees. */
export class Graph {
  readonly page: Page;
  readonly frame: FrameLocator;

  constructor(page: Page, frame = flowFrame(page)) {
    this.page = page;
    this.frame = frame;
  }

  node(id: string): Locator {
    return this.frame.locator(`.react-flow__node[data-id="${id}"]`);
  }

  action(name: string): Locator {
    return this.frame.locator(`[data-action="${name}"]`);
  }

  async ready(id: string): Promise<void> {
    await this.node(id).waitFor({ timeout: 60_000 });
  }

  /** Waits until a node of the shown run is in this state. */
  async state(id: string, state: string): Promise<void> {
    await this.node(id).locator(`.card.is-${state}`).waitFor({ timeout: 60_000 });
  }

  /** The banner's first word: Running, Waiting for you, Succeeded, … */
  async phase(words: string): Promise<void> {
    await this.frame.locator('.run-banner strong', { hasText: words }).waitFor({ timeout: 60_000 });
  }

  handle(id: string, outlet: string): Locator {
    return this.node(id).locator(`.outlet[data-outlet="${outlet}"] .react-flow__handle`);
  }

  entry(id: string): Locator {
    return this.node(id).locator('.react-flow__handle.target');
  }

  async drag(from: Locator, to: Locator | { dx: number; dy: number }): Promise<void> {
    const start = await centre(from);
    const end = 'dx' in to ? { x: start.x + to.dx, y: start.y + to.dy } : await centre(to);
    await this.page.mouse.move(start.x, start.y);
    await this.page.mouse.down();
    await this.page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 5 });
    await this.page.mouse.move(end.x, end.y, { steps: 5 });
    await this.page.mouse.up();
  }
}

/**
 * A notification, in the notification centre: under VS Code's test driver no toast is shown, so that none covers what is tested.
 * The centre opens only when there is something in it.
 */
export async function notification(page: Page, text: string): Promise<Locator> {
  const found = page.locator('.notifications-center .notification-list-item', { hasText: text }).first();
  await expect
    .poll(
      async () => {
        if (await found.isVisible()) return true;
        if (!(await page.locator('.notifications-center.visible').isVisible())) await page.locator('#status\\.notifications').click();
        return found.isVisible();
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBe(true);
  return found;
}

/** Opens Belay's side bar. The badge with the number of open questions lies over the icon. */
export async function openSideBar(page: Page): Promise<void> {
  const title = page.locator('.sidebar .composite.title', { hasText: 'Belay' });
  // On the icon of what is shown already, a click hides it.
  if (!(await title.isVisible())) await page.locator('.activitybar a.action-label[aria-label^="Belay"]').click({ force: true });
  await title.waitFor();
}

/** Replaces all that is found in the text editor that has the focus. Typed text would be closed and indented by the editor. */
export async function replaceInText(page: Page, from: string, to: string): Promise<void> {
  await page.keyboard.press('Control+H');
  await page.locator('.find-widget.visible textarea[aria-label^="Find"]').fill(from);
  await page.locator('.find-widget.visible textarea[aria-label^="Replace"]').fill(to);
  await page.keyboard.press('Control+Alt+Enter');
  await page.keyboard.press('Escape');
}

async function centre(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not on the page`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Waits until the file says what is expected: the editor saves by itself or by Ctrl+S, in its own time. */
export async function expectFile(path: string, check: (text: string) => void): Promise<void> {
  await expect.poll(() => passes(path, check), { timeout: 30_000 }).toBe('ok');
}

function passes(path: string, check: (text: string) => void): string {
  if (!existsSync(path)) return `${path} is not there`;
  try {
    check(readFileSync(path, 'utf8'));
    return 'ok';
  } catch (error) {
    return String(error);
  }
}

/** The journal of the only run that a flow, by its file, had in a workspace: its lines. */
export function journal(folder: string, flow: string): { type: string; [key: string]: unknown }[] {
  const runs = join(folder, '.belay', 'local', 'runs');
  const journals = readdirSync(runs).map((run) =>
    readdirSync(join(runs, run))
      .filter((name) => /^\d+\.jsonl$/.test(name))
      .sort()
      .flatMap((name) =>
        readFileSync(join(runs, run, name), 'utf8')
          .split('\n')
          .filter(Boolean),
      )
      .map((line) => JSON.parse(line)),
  );
  const [found, ...more] = journals.filter((lines) => lines.some(({ type, run }) => type === 'run.created' && run.flow === flow));
  if (found === undefined || more.length > 0) throw new Error(`expected one run of ${flow}, found ${more.length + (found ? 1 : 0)}`);
  return found;
}
