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

const PROMPT = { type: 'prompt', with: { prompt: 'x', model: 'large' } };
const branch = (names: readonly string[]) => ({ type: 'branch', with: { cases: names.map((name) => ({ name, when: 'true' })) } });

/** Chains of all sorts of cards: with one outlet, two and many, with a body, and saying what they ask. */
function motley(): { version: 1; nodes: Record<string, object>; layout: object } {
  const kinds = [
    { type: 'template', with: { template: 'x' } },
    branch(['a', 'b', 'c']),
    PROMPT,
    { type: 'loop', with: { maxIterations: 2, nodes: { INNER: { type: 'template', with: { template: 'x' } } } } },
    { type: 'transform', with: { value: 1 } },
  ];
  const nodes = Array.from({ length: 210 }, (_, index): [string, object] => {
    const kind = kinds[index % kinds.length] ?? {};
    const after = index % 5 === 0 ? {} : { after: { [`n${index - 1}`]: index % 5 === 2 ? 'a' : 'success' } };
    return [`n${index}`, { ...JSON.parse(JSON.stringify(kind).replace('INNER', `in${index}`)), ...after }];
  });
  const layout = Object.fromEntries(nodes.map(([id], index) => [id, [(index % 5) * 400, Math.floor(index / 5) * 330]]));
  return { version: 1, nodes: Object.fromEntries(nodes), layout };
}

/** How the editor begins that had been left so. */
async function openLeft(saved: object) {
  const editor = await harness.open('{ "version": 1, "nodes": {} }');
  await editor.page.evaluate((state) => sessionStorage.setItem('harness-state', JSON.stringify(state)), saved);
  await editor.page.reload();
  return editor;
}

/** How far each end of an edge is from the middle of its handle, where that one is an element. */
const endsOf = (page: Page): Promise<number[]> =>
  page.evaluate(() => {
    /** From a point to the middle of a handle, if that one is an element. */
    const distance = ({ x, y }: DOMPoint, handle: string): number[] => {
      const box = document.querySelector(handle)?.getBoundingClientRect();
      return box ? [Math.hypot(x - box.x - box.width / 2, y - box.y - box.height / 2)] : [];
    };
    return [...document.querySelectorAll<SVGPathElement>('.react-flow__edge-path')].flatMap((path) => {
      const [source, outlet, target] = path.closest('.react-flow__edge')?.getAttribute('data-id')?.split('|') ?? [];
      const at = (length: number) => path.getPointAtLength(length).matrixTransform(path.getScreenCTM() ?? undefined);
      return [
        ...distance(at(0), `[data-id="${source}"] [data-outlet="${outlet}"] .react-flow__handle`),
        ...distance(at(path.getTotalLength()), `[data-id="${target}"] .react-flow__handle.target`),
      ];
    });
  });

it.each(['right', 'down'])('knows where edges end before a card is measured: %s', async (direction) => {
  const editor = await openLeft({ direction, viewport: { x: 40, y: 40, zoom: 0.6 }, inspectorOpen: false });
  const { page } = editor;
  await page.evaluate(() => {
    const moved: string[] = [];
    new MutationObserver((changes) => {
      for (const { target, oldValue } of changes)
        if (oldValue !== null) moved.push(`${oldValue} -> ${(target as Element).getAttribute('d')}`);
    }).observe(document.body, { subtree: true, attributeFilter: ['d'], attributeOldValue: true });
    Object.assign(window, { moved });
  });
  await editor.setText(textOf(motley()));
  await page.locator('.canvas:not(.painting)').waitFor();
  await expect.poll(() => page.locator('.react-flow__edge-path').count()).toBeGreaterThan(4);
  const ends = await endsOf(page);
  expect(ends.length).toBeGreaterThan(8);
  expect(Math.max(...ends)).toBeLessThan(6);
  expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
  // Other outlets, in as many rows and in more.
  const changed = motley();
  for (const [index, names] of [
    ['z', 'b', 'c'],
    ['b', 'c', 'd', 'a'],
  ].entries()) {
    changed.nodes[`n${5 * index + 1}`] = { ...branch(names), after: { [`n${5 * index}`]: 'success' } };
    changed.nodes[`n${5 * index + 2}`] = { ...PROMPT, after: { [`n${5 * index + 1}`]: names.at(-1) } };
  }
  await editor.setText(textOf(changed));
  await editor.edge('n1|c|n2').waitFor({ state: 'attached' });
  await editor.edge('n6|a|n7').waitFor({ state: 'attached' });
  await expect.poll(async () => Math.max(...(await endsOf(page)))).toBeLessThan(6);
  await editor.close();
});
