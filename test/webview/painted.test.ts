/** From far away the nodes of a large flow are painted; what is done to them is the same. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, startHarness } from './harness/index.ts';
import { textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

function flow(): object {
  const nodes: Record<string, object> = {};
  const layout: Record<string, [number, number]> = {};
  for (let index = 0; index < 400; index += 1) {
    nodes[`n${index}`] = {
      type: 'template',
      title: `Node ${index}`,
      with: { template: 'x' },
      ...(index % 7 === 0 ? { disabled: true } : {}),
      ...(index >= 320 && index < 340 ? { after: { [`n${index - 20}`]: 'success' } } : {}),
    };
    layout[`n${index}`] = [Math.floor(index / 20) * 300, (index % 20) * 140];
  }
  return { version: 1, title: 'Far', nodes, layout };
}

/** How many points are painted between the columns of nodes that edges connect, less those between two others. */
function lines(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.painted canvas');
    const first = document.querySelector('.react-flow__node[data-id="n0"]')?.getBoundingClientRect();
    if (!canvas || !first) return 0;
    const box = canvas.getBoundingClientRect();
    const part = first.width / 240;
    const between = (column: number) => {
      const x = first.x - box.x + (column * 300 + 250) * part;
      const image = canvas.getContext('2d')?.getImageData(x, first.y - box.y, 40 * part, 20 * 140 * part);
      return image?.data.filter((value, index) => index % 4 === 3 && value > 0).length ?? 0;
    };
    return between(15) - between(3);
  });
}

for (const theme of ['dark', 'light', 'highContrast'] as const)
  it(`paints a large flow from far away, where nodes are clicked, boxed and moved as near by: ${theme}`, async () => {
    const editor = await harness.open(textOf(flow()), { theme });
    const { page } = editor;
    await editor.node('n0').waitFor();
    await editor.screenshot(`painted-before-${theme}`);
    // A canvas that is made takes long: while cards are all there it is only not seen.
    const canvas = await page.locator('.painted.idle canvas').elementHandle();
    expect(await canvas?.isVisible()).toBe(false);
    await page.locator('.react-flow__controls-fitview').click();
    await expect.poll(() => page.locator('.react-flow__node').count()).toBeLessThan(3);
    await editor.screenshot(`painted-${theme}`);
    expect(await canvas?.isVisible()).toBe(true);
    expect(await lines(page)).toBeGreaterThan(0);
    const box = (await page.locator('.painted').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const at = await page.evaluate(() => {
      const place = (id: string) => document.querySelector(`.react-flow__node[data-id="${id}"]`)?.getBoundingClientRect();
      const { x, y, width, height } = place('n0') ?? { x: 0, y: 0, width: 0, height: 0 };
      return { x: x + width / 2 + 300 * (width / 240) * 3, y: y + height / 2 };
    });
    await page.mouse.move(at.x, at.y);
    await page.mouse.down();
    await page.mouse.up();
    await expect.poll(() => editor.field('Title').inputValue()).toBe('Node 60');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.id)).toBe('n61');
    await page.mouse.move(at.x, at.y + 1);
    await page.mouse.down();
    await page.mouse.move(at.x + 40, at.y - 60, { steps: 4 });
    await page.mouse.up();
    await editor.expectFlow(({ layout }) => expect(layout?.n60?.[1]).toBeLessThan(-100));
    await page.keyboard.down('Shift');
    await page.mouse.move(at.x - 20, box.y + 4);
    await page.mouse.down();
    await page.mouse.move(at.x + 60, at.y + 80, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await expect.poll(() => page.getByText(/nodes (are )?selected/i).count()).toBeGreaterThan(0);
    await editor.screenshot(`painted-selected-${theme}`);
    await editor.close();
  }, 60_000);
