/** What comes up over the graph, in every theme, in a narrow pane and at 200 %. The pictures are for people; the checks are for barriers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Editor, type Harness, type OpenOptions, startHarness } from './harness/index.ts';
import { RELEASE_NOTES, runToApproval, stamp, textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

/** With notes, a join, a model, a problem and a loop. */
const FLOW = {
  ...RELEASE_NOTES,
  model: 'smart',
  nodes: {
    ...RELEASE_NOTES.nodes,
    polish: {
      type: 'loop',
      title: 'Polish until it fits',
      after: { draft: ['success', 'failure'] },
      with: {
        until: 'steps.shorten.output.text.size() < 80',
        maxIterations: 3,
        nodes: { shorten: { type: 'prompt', with: { prompt: 'Shorter.' } } },
      },
    },
    lost: { type: 'template', after: { nobody: 'success' }, with: { template: '' } },
  },
  notes: {
    why: { text: '# Why\n- the team reads `CHANGES.md`\n- **never** by hand', color: 'blue', at: [0, -200], size: [260, 130] },
    todo: { text: 'Ask Ada about the tone', color: 'yellow', at: [300, -160], size: [200, 80] },
  },
};

const JUDGED = new Set(['light', 'highContrast', 'narrow']);

it.each<[string, OpenOptions]>([
  ['dark', { theme: 'dark' }],
  ['light', { theme: 'light' }],
  ['highContrast', { theme: 'highContrast' }],
  ['highContrastLight', { theme: 'highContrastLight' }],
  ['narrow', { width: 400, height: 760 }],
  ['zoomed', { zoom: 2, theme: 'light' }],
])(
  '%s',
  async (name, options) => {
    const editor: Editor = await harness.open(textOf(FLOW), options);
    const { page } = editor;
    const { keyboard } = page;
    await editor.node('draft').waitFor();
    const seen = async (what: string) => {
      expect((await page.locator('.toolbar').boundingBox())?.height, 'one line of buttons').toBeLessThan(48);
      await editor.screenshot(`panels-${name}-${what}`);
      // What axe-core judges differs by colours and size only: three of the six have them all, and it takes its time.
      if (JUDGED.has(name)) expect(await editor.barriers()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    };
    await editor.node('note:why').focus();
    await keyboard.press(' ');
    await seen('notes');
    await editor.node('draft').focus();
    await keyboard.press(' ');
    await keyboard.press('Control+f');
    await page.getByRole('combobox', { name: 'Find nodes' }).fill('e');
    await keyboard.press('Enter');
    await seen('search');
    await keyboard.press('Escape');
    await editor.node('draft').focus();
    await keyboard.press('w');
    await page.getByRole('combobox', { name: 'Search node types' }).waitFor();
    await seen('wrap');
    await keyboard.press('Escape');
    await editor.node('draft').focus();
    await keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of the graph' }).waitFor();
    await seen('keys');
    await keyboard.press('Escape');
    await editor.node('lost').focus();
    await keyboard.press('Enter');
    await page.locator('#inspector .problems, #inspector .field-problem').first().waitFor();
    await seen('problems');

    const hint = 'Wait, or name another model.';
    const said = 'The service asks to slow down: you exceeded your current quota, please check your plan and billing details.';
    const error = { code: 'MODEL_RATE_LIMIT', kind: 'rateLimit', message: said, hint } as const;
    const events = stamp(
      [
        ...runToApproval().slice(0, 5),
        { type: 'node.started', node: 'draft' },
        { type: 'node.finished', node: 'draft', outlet: 'failure', output: null, trust: 'untrusted', error },
        { type: 'run.finished', outcome: 'failed', error },
      ],
      Date.now() - 10_000,
    );
    await editor.send({ type: 'run', run: { id: 'run-1', events, interrupted: false, flowText: '', sameFlow: true } });
    await page.locator('.run-banner', { hasText: 'Failed' }).waitFor();
    await seen('failed');
    expect((await page.locator('.run-banner').boundingBox())?.height, 'two lines at most').toBeLessThan(66);
    const looks = await page.locator('.run-note').evaluate((element) => getComputedStyle(element).display);
    expect(looks, 'only in a block a text that is too long ends in dots').toBe('block');
    await editor.close();
  },
  90_000,
);
