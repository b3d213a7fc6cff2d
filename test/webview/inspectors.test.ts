/** The form of every node type, filled with what its example says, beside the graph and in a narrow pane. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { type Harness, startHarness } from './harness/index.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const BUILT = [...catalog.values()].filter(({ built }) => built !== false).map(({ type }) => type);
const FLOW = {
  version: 1,
  title: 'Every form',
  nodes: Object.fromEntries(
    BUILT.map((type) => {
      const { title, with: params } = catalog.get(type)?.example ?? {};
      return [`a_${type}`, { type, title, with: params }];
    }),
  ),
  layout: Object.fromEntries(BUILT.map((type, index) => [`a_${type}`, [(index % 4) * 280, Math.floor(index / 4) * 160]])),
};

// The colours of forms are the same for all types; the other themes are judged in looks-panels.test.ts.
it('has a name for each field, enough contrast, and stays within its width', async () => {
  const editor = await harness.open(JSON.stringify(FLOW), { theme: 'light', height: 1500 });
  const { page } = editor;
  const inspector = page.locator('#inspector');
  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 1500 });
    for (const type of BUILT) {
      await editor.send({ type: 'reveal', node: `a_${type}`, focus: 'canvas' });
      await inspector.locator(`input[value="a_${type}"]`).waitFor();
      if (width === 400) expect(await editor.barriers('#inspector'), type).toEqual([]);
      const beyond = await inspector.evaluate((it) => {
        const { right } = it.getBoundingClientRect();
        return [...it.querySelectorAll('*')].filter((part) => part.getBoundingClientRect().right > right + 1).map((part) => part.outerHTML);
      });
      expect(beyond, `${type} at ${width} px`).toEqual([]);
    }
  }
  await editor.close();
});
