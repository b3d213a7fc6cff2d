/** A flow of 1,000 nodes has to stay usable. The limits are generous: they catch a wrong order of growth, not a slow machine. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, startHarness } from './harness/index.ts';
import { textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const COLUMNS = 40;
const NODES = 1000;

function large(): object {
  const nodes: Record<string, object> = {};
  const layout: Record<string, [number, number]> = {};
  for (let index = 0; index < NODES; index += 1) {
    const after = index < COLUMNS ? {} : { after: { [`n${index - COLUMNS}`]: 'success' } };
    nodes[`n${index}`] = { type: 'template', title: `Node ${index}`, ...after, with: { template: `Text ${index}` } };
    layout[`n${index}`] = [Math.floor(index / COLUMNS) * 300, (index % COLUMNS) * 140];
  }
  return { version: 1, title: 'Large', nodes, layout };
}

it('draws only what is in view, selects, edits and pans in time', async () => {
  const began = Date.now();
  const editor = await harness.open(textOf(large()));
  await editor.node('n0').waitFor();
  const opened = Date.now() - began;
  expect(await editor.page.locator('.react-flow__node').count()).toBeLessThan(NODES);

  const time = async (act: () => Promise<void>) => {
    const from = Date.now();
    await act();
    return Date.now() - from;
  };
  const selected = await time(async () => {
    await editor.node('n0').click();
    await expect.poll(() => editor.field('Title').inputValue()).toBe('Node 0');
  });
  const edited = await time(async () => {
    await editor.field('Title').fill('Another');
    await editor.field('Title').press('Enter');
    await editor.node('n0').getByText('Another').waitFor();
  });
  const panned = await time(async () => {
    await editor.page.mouse.move(400, 400);
    for (let step = 0; step < 20; step += 1) await editor.page.mouse.wheel(0, -20);
    await editor.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));
  });
  await editor.screenshot('large');
  const slow = Object.entries({
    opened: [opened, 15_000],
    selected: [selected, 3000],
    edited: [edited, 5000],
    panned: [panned, 10_000],
  }).filter(([, [took, limit]]) => took === undefined || limit === undefined || took > limit);
  expect(slow).toEqual([]);
  await editor.close();
}, 60_000);
