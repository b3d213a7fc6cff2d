/** Edges along which untrusted data flows are told from others by their colour, in every theme. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, startHarness } from './harness/index.ts';
import { textOf } from './samples.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
}, 60_000);
afterAll(() => harness?.close());

const FLOW = {
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

for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const)
  it(`of what comes from outside: ${theme}`, async () => {
    const editor = await harness.open(textOf(FLOW), { theme });
    await editor.node('two').waitFor();
    const strokes = await editor.page
      .locator('.react-flow__edge-path')
      .evaluateAll((lines) => lines.map((line) => [line.classList.contains('untrusted'), getComputedStyle(line).stroke] as const));
    const [tinted, plain] = [true, false].map((is) => strokes.filter(([untrusted]) => untrusted === is).map(([, stroke]) => stroke));
    expect(tinted).toHaveLength(1);
    expect(plain).toHaveLength(1);
    expect(tinted).not.toEqual(plain);
    await editor.screenshot(`tint-${theme}`);
    await editor.page.close();
  });
