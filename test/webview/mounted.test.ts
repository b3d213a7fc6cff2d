/** Which cards of a large flow are elements, picture by picture: they come once a zoom has come to rest, and come and go a few at a time. */
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
  const ids = Array.from({ length: 400 }, (_, index) => `n${index}`);
  const nodes = Object.fromEntries(
    ids.map((id, index) => [
      id,
      { type: 'template', title: `Node ${index}`, with: { template: 'x' }, ...(index === 1 ? { after: { n0: 'success' } } : {}) },
    ]),
  );
  const layout = Object.fromEntries(ids.map((id, index) => [id, [Math.floor(index / 20) * 300, (index % 20) * 140]]));
  return { version: 1, title: 'Mounted', nodes, layout };
}

interface Picture {
  /** Milliseconds. */
  at: number;
  cards: number;
  zoom: number;
}

/** Writes down what each picture shows from now on; what it gives back tells what there has been so far. */
async function watch(page: Page): Promise<() => Promise<Picture[]>> {
  await page.evaluate(() => {
    const cards = document.getElementsByClassName('card-title');
    const pictures: Picture[] = [];
    const look = (at: number): void => {
      const viewport = document.querySelector('.react-flow__viewport');
      pictures.push({ at, cards: cards.length, zoom: viewport ? new DOMMatrix(getComputedStyle(viewport).transform).a : 0 });
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    Object.assign(window, { pictures });
  });
  return () => page.evaluate(() => (window as unknown as { pictures: Picture[] }).pictures);
}

const cardsOf = (page: Page) => page.locator('.card-title').count();

/** One at a time may come for another reason: what has the focus or is under the pointer is always an element. */
const OTHERS = 2;
/** Cards that are made for one picture, at most. */
const MADE = 40 + OTHERS;
const GONE = 80 + OTHERS;

it('makes no card while a zoom lasts, and a few for each picture once it rests', async () => {
  const editor = await harness.open(textOf(flow()));
  const { page } = editor;
  const told = await watch(page);
  await page.locator('.canvas:not(.painting)').waitFor();
  expect(await cardsOf(page)).toBeGreaterThan(100);
  const box = (await page.locator('.react-flow').boundingBox()) ?? { x: 0, y: 0 };
  await page.mouse.move(box.x + 400, box.y + 300);
  const opened = (await told()).length;
  for (const delta of [...Array<number>(14).fill(60), ...Array<number>(10).fill(-60)]) await page.mouse.wheel(0, delta);
  await page.locator('.canvas:not(.painting, .blocks)').waitFor();
  await expect.poll(() => cardsOf(page)).toBeGreaterThan(100);
  const pictures = await told();
  expect(Math.min(...pictures.map(({ zoom }) => zoom))).toBeLessThan(0.2);
  let zoomed = 0;
  for (const [index, { at, cards, zoom }] of pictures.entries()) {
    const before = pictures[index - 1] ?? { cards, zoom };
    // What a zoom of this very picture follows may have been made before it.
    const isResting = index < opened || at - zoomed >= 100;
    expect(cards - before.cards, `picture ${index} of ${pictures.length}`).toBeLessThanOrEqual(isResting ? MADE : OTHERS);
    if (before.zoom !== zoom) zoomed = at;
  }
  await editor.close();
}, 60_000);

it('takes cards away a few for each picture while it arranges, and brings them back so', async () => {
  const editor = await harness.open(textOf(flow()));
  const { page } = editor;
  await page.locator('.canvas:not(.painting)').waitFor();
  await editor.node('n0').click();
  await page.keyboard.down('Shift');
  await editor.node('n1').click();
  await page.keyboard.up('Shift');
  await page
    .getByText(/2 nodes (are )?selected/i)
    .first()
    .waitFor();
  await page.locator('.canvas:not(.painting)').waitFor();
  const all = await cardsOf(page);
  const told = await watch(page);
  // What is selected alone: the view stays.
  await editor.send({ type: 'command', command: 'arrange' });
  await editor.expectFlow(({ layout }) => expect(layout?.n1).not.toEqual([0, 140]));
  await expect.poll(async () => Math.min(...(await told()).map(({ cards }) => cards))).toBeLessThan(all);
  await page.locator('.canvas:not(.painting)').waitFor();
  await expect.poll(() => cardsOf(page)).toBeGreaterThanOrEqual(all - OTHERS);
  const pictures = await told();
  for (const [index, { cards }] of pictures.entries()) {
    const more = cards - (pictures[index - 1]?.cards ?? cards);
    expect(more, `picture ${index} of ${pictures.length}`).toBeLessThanOrEqual(MADE);
    expect(more, `picture ${index} of ${pictures.length}`).toBeGreaterThanOrEqual(-GONE);
  }
  await editor.close();
}, 60_000);
