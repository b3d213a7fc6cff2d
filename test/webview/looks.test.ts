/** What the graph editor looks like. The pictures are for people; the checks are for barriers and for what must be in view. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostMessage } from '../../src/webview/protocol/messages.ts';
import { type Editor, type Harness, type OpenOptions, startHarness, THEMES, type Theme } from './harness/index.ts';
import { RELEASE_NOTES, runAfterApproval, runToApproval, stamp, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const MODE: HostMessage = { type: 'mode', choice: { mode: 'recorded', recorded: true, models: ['openai/gpt-5'] } };
const ready = async (options: OpenOptions = {}): Promise<Editor> => {
  const editor = await harness.open(textOf(RELEASE_NOTES), options);
  await editor.send(MODE);
  await editor.node('publish').waitFor();
  return editor;
};
const showRun = (editor: Editor, ...parts: Parameters<typeof stamp>[0][]) => {
  const events = stamp(parts.flat(), Date.now() - 1000 * parts.flat().length);
  return editor.send({ type: 'run', run: { id: 'run-1', events, interrupted: false, flowText: '', sameFlow: true } });
};

const clicked = (editor: Editor, id: string): Promise<boolean> =>
  editor
    .node(id)
    .click({ force: true, timeout: 1000 })
    .then(
      () => true,
      () => false,
    );

/** A line along which what comes from outside flows, and one without. */
const TINTED = {
  version: 1,
  title: 'Tint',
  nodes: {
    page: { type: 'command', title: 'Read the page', with: { run: ['cat', 'page.html'] } },
    count: { type: 'transform', title: 'Words of it', after: { page: 'success' }, with: { value: { $expr: 'steps.page.output.stdout' } } },
    one: { type: 'transform', title: 'A number', with: { value: 1 } },
    two: { type: 'transform', title: 'Twice that', after: { one: 'success' }, with: { value: { $expr: 'steps.one.output * 2' } } },
  },
  layout: { page: [0, 0], count: [360, 0], one: [0, 200], two: [360, 200] },
};

describe.each(Object.keys(THEMES) as Theme[])('in %s', (theme) => {
  it('tells edges along which untrusted data flows from others by their colour', async () => {
    const editor = await harness.open(textOf(TINTED), { theme });
    await editor.node('two').waitFor();
    const strokes = await editor.page
      .locator('.react-flow__edge-path')
      .evaluateAll((lines) => lines.map((line) => [line.classList.contains('untrusted'), getComputedStyle(line).stroke] as const));
    const [tinted, plain] = [true, false].map((is) => strokes.filter(([untrusted]) => untrusted === is).map(([, stroke]) => stroke));
    expect(tinted).toHaveLength(1);
    expect(plain).toHaveLength(1);
    expect(tinted).not.toEqual(plain);
    await editor.screenshot(`tint-${theme}`);
  });

  it('shows a flow, its inspector and a run without barriers', async () => {
    const editor = await ready({ theme });
    await editor.screenshot(`${theme}-flow`);
    expect(await editor.barriers()).toEqual([]);

    await editor.node('draft').click();
    await editor.field('Prompt').waitFor();
    await editor.screenshot(`${theme}-inspector`);
    expect(await editor.barriers()).toEqual([]);

    await editor.page.keyboard.press('a');
    await editor.page.getByRole('combobox', { name: 'Search node types' }).waitFor();
    await editor.screenshot(`${theme}-palette`);
    expect(await editor.barriers()).toEqual([]);
    await editor.page.keyboard.press('Escape');

    await showRun(editor, runToApproval());
    await editor.node('approve').click();
    await editor.screenshot(`${theme}-approval`);
    expect(await editor.barriers()).toEqual([]);
    await editor.node('draft').click();
    await editor.screenshot(`${theme}-run-step`);

    await showRun(editor, runToApproval(), runAfterApproval());
    await editor.page.locator('.run-banner', { hasText: 'Succeeded' }).waitFor();
    await editor.screenshot(`${theme}-run-done`);
    await editor.page.getByRole('button', { name: 'Zoom In' }).click();
    await editor.page.getByRole('button', { name: 'Zoom In' }).click();
    await editor.page.getByRole('button', { name: 'Zoom In' }).click();
    await editor.page.getByRole('button', { name: 'Zoom In' }).click();
    await editor.page.getByRole('button', { name: 'Zoom In' }).click();
    await editor.screenshot(`${theme}-near`);
    expect(await editor.barriers()).toEqual([]);
    await editor.close();
  }, 60_000);
});

it('keeps the flow in view when the pane changes its size', async () => {
  const editor = await ready();
  const inView = async (id: string) => {
    const box = await editor.node(id).boundingBox();
    const pane = await editor.page.locator('.canvas').boundingBox();
    return (
      box !== null && pane !== null && box.x >= pane.x && box.y >= pane.y && box.x < pane.x + pane.width && box.y < pane.y + pane.height
    );
  };
  await editor.page.setViewportSize({ width: 500, height: 500 });
  await expect.poll(() => inView('changes')).toBe(true);
  await editor.page.setViewportSize({ width: 1400, height: 800 });
  await expect.poll(() => inView('tell')).toBe(true);
  await editor.close();
});

it('shows a flow so that the overview map covers none of it', async () => {
  const steps = { first: [0, 0], second: [400, 240], third: [900, 500] } as const;
  const nodes = Object.fromEntries(Object.keys(steps).map((id) => [id, { type: 'template', with: { template: '' } }]));
  const editor = await harness.open(textOf({ version: 1, nodes, layout: steps }));
  const { page } = editor;
  await page.locator('.map canvas').waitFor();
  const covered = async () => {
    const map = await page.locator('.map').boundingBox();
    const boxes = await Promise.all(Object.keys(steps).map((id) => editor.node(id).boundingBox()));
    return boxes.some((box) => !box || !map || (box.x + box.width > map.x && box.y + box.height > map.y));
  };
  await expect.poll(covered).toBe(false);
  await page.getByRole('button', { name: 'Zoom In' }).click();
  await page.getByRole('button', { name: 'Zoom In' }).click();
  await expect.poll(covered).toBe(true);
  await editor.action('fit').click();
  await expect.poll(covered).toBe(false);
  await editor.screenshot('map');
  await editor.close();
});

it('shows a flow in a narrow pane so that the zoom buttons cover none of it', async () => {
  const steps = { first: [0, 0], second: [300, 0], third: [0, 245] } as const;
  const nodes = Object.fromEntries(Object.keys(steps).map((id) => [id, { type: 'template', with: { template: '' } }]));
  const editor = await harness.open(textOf({ version: 1, nodes, layout: steps }), { width: 560, height: 760 });
  await editor.node('third').waitFor();
  const clear = async () => {
    const buttons = await editor.page.locator('.react-flow__controls').boundingBox();
    const pane = await editor.page.locator('.canvas').boundingBox();
    const boxes = await Promise.all(Object.keys(steps).map((id) => editor.node(id).boundingBox()));
    return boxes.every((box) => {
      if (!box || !buttons || !pane || box.y + box.height > pane.y + pane.height || box.x + box.width > pane.x + pane.width) return false;
      return box.x > buttons.x + buttons.width || box.y + box.height < buttons.y;
    });
  };
  await expect.poll(clear).toBe(true);
  await editor.screenshot('zoom-buttons');
  await editor.close();
});

describe('in other sizes', () => {
  it.each([
    ['narrow', { width: 420, height: 800 }],
    ['half', { width: 700, height: 800, theme: 'light' }],
    ['zoomed', { width: 1280, height: 800, zoom: 2 }],
    // What a window of 1280 × 800 leaves to an editor at 200 %.
    ['short', { width: 1180, height: 580, zoom: 2, theme: 'light' }],
    ['wide', { width: 1920, height: 1080, theme: 'light' }],
  ] as const)(
    'fits %s',
    async (name, options) => {
      const editor = await ready(options);
      await showRun(editor, runToApproval());
      // Until the flow has been fitted into the pane, there is nothing to click on.
      await expect.poll(() => clicked(editor, 'approve')).toBe(true);
      await editor.screenshot(`size-${name}`);
      expect((await editor.page.locator('.toolbar').boundingBox())?.height, 'one line of buttons').toBeLessThan(48);
      const overflow = await editor.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      expect((await editor.page.locator('.canvas').boundingBox())?.height).toBeGreaterThan(120);
      expect(await editor.barriers()).toEqual([]);
      await editor.close();
    },
    30_000,
  );
});
