/**
 * `npm run bench -- browser`: the graph editor beside the bare React Flow page of the same graph, in one browser that draws in software,
 * round by round. Prints Markdown; all of it, with 2 rounds or more, is written to bench/RESULTS-editor.md.
 *
 *   --rounds=N         instead of 3
 *   --only=A,B         only these pages (`bare`, `visible`, `editor`) and measurements (`zoom`, `pan`, `drag`, `typing`, `run`, `arrange`)
 *   --nodes=N          only this size
 *   --profile=A        instead of measuring: the functions of the editor that take most of the time of this measurement; `open` too
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { arrange } from '../../src/engine/format/arrange.ts';
import { arrangeProblem } from '../../src/engine/format/arrange-problem.ts';
import { place } from '../../src/engine/format/layout.ts';
import type { Flow, NodeSpec } from '../../src/engine/format/model.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { launchBrowser } from '../../test/host/browser.ts';
import { selfTimes } from '../profile.ts';
import { arranging, drag, type Frames, open, pan, profiled, running, typing, zoom } from './measure.ts';
import { servePages } from './pages.ts';

const COLUMNS = 40;

function flowOf(count: number): string {
  const nodes: Record<string, NodeSpec> = {};
  const layout: Record<string, [number, number]> = {};
  for (let index = 0; index < count; index += 1) {
    const after = index < COLUMNS ? {} : { after: { [`n${index - COLUMNS}`]: 'success' } };
    nodes[`n${index}`] = { type: 'template', title: `Node ${index}`, ...after, with: { template: `Text ${index}` } };
    layout[`n${index}`] = [Math.floor(index / COLUMNS) * 300, (index % COLUMNS) * 140];
  }
  return JSON.stringify({ version: 1, title: 'Large', nodes, layout }, null, 2);
}

type Row = Record<string, number>;

function median(rows: readonly Row[]): Row {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = rows.flatMap((row) => row[name] ?? []).sort((a, b) => a - b);
      return [name, values[Math.floor(values.length / 2)] ?? Number.NaN];
    }),
  );
}

/** CPU milliseconds of the layout itself, on Node. */
function layoutCosts(count: number): { whole: number; one: number } {
  const flow = JSON.parse(flowOf(count)) as Flow;
  const cost = (act: () => unknown): number => {
    const costs = [0, 1, 2, 3, 4].map(() => {
      const before = process.cpuUsage();
      act();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    return costs.sort((a, b) => a - b)[2] ?? Number.NaN;
  };
  const whole = cost(() => arrange(arrangeProblem(flow, catalog, { direction: 'right' })));
  const more: Flow = { ...flow, nodes: { ...flow.nodes, extra: { type: 'template', after: { n10: 'success' } } } };
  return { whole, one: cost(() => place(more, catalog)) };
}

const ROUNDS = 3;
const SIZES = [1000, 5000];
const PAGES = ['bare', 'visible', 'editor'] as const;
type PageName = (typeof PAGES)[number];

/** What can be measured of a page, in this order: what is before it is part of what a later one finds. */
const MEASURES: Readonly<Record<string, { pages: readonly PageName[]; most?: number; of(page: Page, nodes: number): Promise<Row> }>> = {
  zoom: { pages: PAGES, of: async (page) => named('zoom', await zoom(page)) },
  pan: { pages: PAGES, of: async (page) => named('pan', await pan(page)) },
  drag: { pages: PAGES, of: async (page) => named('drag', await drag(page)) },
  typing: { pages: ['editor'], of: async (page) => ({ typing: await typing(page) }) },
  run: { pages: ['editor'], most: 1000, of: async (page, nodes) => ({ run: (await running(page, nodes)).p99 }) },
  arrange: { pages: ['editor'], most: 1000, of: async (page) => ({ arrange: (await arranging(page)).longest }) },
};

const named = (name: string, { p95, worst }: Frames): Row => ({ [name]: p95, [`${name}Worst`]: worst });

interface Wanted {
  rounds: number;
  only: readonly string[];
  sizes: readonly number[];
}

/** Whether one of a group is asked for; all of it where nobody named one. */
function isWanted(only: readonly string[], group: readonly string[], name: string): boolean {
  return only.includes(name) || !only.some((it) => group.includes(it));
}

async function benchEditor({ rounds, only, sizes }: Wanted): Promise<void> {
  const pages = await servePages();
  const browser = await launchBrowser();
  const results = new Map<string, Row[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const count of sizes) {
        const text = flowOf(count);
        for (const who of PAGES.filter((name) => isWanted(only, PAGES, name))) {
          const address = who === 'visible' ? `${pages.address('bare')}?visible` : pages.address(who);
          const { page, opened } = await open(browser, address, text);
          const row: Row = { ...opened };
          for (const [name, measure] of Object.entries(MEASURES)) {
            if (!measure.pages.includes(who) || count > (measure.most ?? count) || !isWanted(only, Object.keys(MEASURES), name)) continue;
            Object.assign(row, await measure.of(page, count));
          }
          const key = `${count} ${who}`;
          results.set(key, [...(results.get(key) ?? []), row]);
          process.stderr.write(
            `${round + 1}/${rounds} ${key}: ${Object.entries(row)
              .map(([name, value]) => `${name} ${Math.round(value)}`)
              .join(', ')}\n`,
          );
          await page.context().close();
        }
      }
    }
  } finally {
    await browser.close();
    pages.close();
  }
  const text = report(new Map([...results].map(([key, rows]) => [key, median(rows)])), pages.sizes, layoutCosts(1000), rounds);
  process.stdout.write(text);
  if (rounds > 1 && only.length === 0 && sizes === SIZES) writeFileSync(join(import.meta.dirname, '..', 'RESULTS-editor.md'), text);
}

function report(
  results: ReadonlyMap<string, Row>,
  sizes: { editor: number; bare: number; later: number },
  layout: { whole: number; one: number },
  rounds: number,
): string {
  const of = (key: string, name: string) => results.get(key)?.[name] ?? Number.NaN;
  const [small, large] = [(name: string) => of('1000 editor', name), (name: string) => of('5000 editor', name)];
  const goals: [text: string, is: number, most: number, unit: string][] = [
    ['1,000 nodes: interactive, against bare with visible only', small('interactive'), of('1000 visible', 'interactive'), 'ms'],
    ['1,000 nodes: drag, p95', small('drag'), 33.4, 'ms'],
    ['1,000 nodes: pan, p95', small('pan'), 33.4, 'ms'],
    ['1,000 nodes: zoom, p95, against 1.2 × bare', small('zoom'), 1.2 * of('1000 bare', 'zoom'), 'ms'],
    ['5,000 nodes: first paint, against 1.1 × bare', large('firstPaint'), 1.1 * of('5000 bare', 'firstPaint'), 'ms'],
    ['5,000 nodes: interactive, against 0.5 × bare', large('interactive'), 0.5 * of('5000 bare', 'interactive'), 'ms'],
    ['5,000 nodes: drag, p95', large('drag'), 50, 'ms'],
    ['5,000 nodes: zoom, p95, against 0.3 × bare', large('zoom'), 0.3 * of('5000 bare', 'zoom'), 'ms'],
    ['A run that changes 200 states a second, 1,000 nodes: p99 of frames', small('run'), 33.4, 'ms'],
    ['Arranging 1,000 nodes: longest task of the page', small('arrange'), 50, 'ms'],
    ['A node without a place among 1,000: CPU of its layout', layout.one, 50, 'ms'],
    ['Typing in the text of 1,000 nodes: until the graph shows it', small('typing'), 67, 'ms'],
    ['JavaScript that is read at once, minified', sizes.editor / 1000, 700, 'KB'],
  ];
  const met = goals.filter(([, is, most]) => is <= most).length;
  const round = (value: number) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en'));
  const columns = ['firstPaint', 'interactive', 'drag', 'dragWorst', 'pan', 'zoom', 'zoomWorst'];
  return `# The graph editor beside the bare React Flow page

\`npm run bench -- browser\`: medians of ${rounds} rounds, Chromium that draws in software, 1280 × 760. ${met} of ${goals.length} goals are met. Bare: React Flow with
its own nodes and the same graph; visible: the same with \`onlyRenderVisibleElements\`. Frames in ms, the 95th percentile.

| goal | is | at most | |
|---|---|---|---|
${goals.map(([words, is, most, unit]) => `| ${words} | ${round(is)} ${unit} | ${round(most)} ${unit} | ${is <= most ? 'met' : '**not met**'} |`).join('\n')}

| nodes, page | first paint | interactive | drag | worst | pan | zoom | worst |
|---|---|---|---|---|---|---|---|
${[...results].map(([key, row]) => `| ${key} | ${columns.map((name) => round(row[name] ?? Number.NaN)).join(' | ')} |`).join('\n')}

Bundles, minified: the editor ${round(sizes.editor / 1000)} KB at once and ${round(sizes.later / 1000)} KB when it is needed, the bare page ${round(sizes.bare / 1000)} KB. The layout of
1,000 nodes takes ${round(layout.whole)} ms of CPU, beside the page. [What is behind the goals](GOALS-editor.md).
`;
}

/** With the names that functions have in the source. */
async function showProfile(name: string, nodes: number): Promise<void> {
  const measure = MEASURES[name];
  if (!measure && name !== 'open') throw new Error(`There is no measurement ${name}. There are: open, ${Object.keys(MEASURES).join(', ')}`);
  const pages = await servePages({ minify: false });
  const browser = await launchBrowser();
  try {
    const { page, profile } = await open(browser, pages.address('editor'), flowOf(nodes), { profiled: measure === undefined });
    const sampled = measure ? await profiled(page, () => measure.of(page, nodes)) : profile;
    process.stdout.write(`${name}, ${nodes} nodes: itself, with what it calls\n${sampled ? selfTimes([sampled]).join('\n') : ''}\n`);
  } finally {
    await browser.close();
    pages.close();
  }
}

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, only: { type: 'string' }, nodes: { type: 'string' }, profile: { type: 'string' } },
});
if (values.profile !== undefined) await showProfile(values.profile, Number(values.nodes ?? 1000));
else {
  await benchEditor({
    rounds: Number(values.rounds ?? ROUNDS),
    only: values.only?.split(',') ?? [],
    sizes: values.nodes === undefined ? SIZES : [Number(values.nodes)],
  });
}
