/**
 * `npm run bench -- browser [--rounds=N]`: the graph editor beside the bare React Flow page of the same graph, in one browser that draws
 * in software, round by round. Prints Markdown and writes bench/RESULTS-editor.md.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrange } from '../../src/engine/format/arrange.ts';
import { arrangeProblem } from '../../src/engine/format/arrange-problem.ts';
import { place } from '../../src/engine/format/layout.ts';
import type { Flow, NodeSpec } from '../../src/engine/format/model.ts';
import { catalog } from '../../src/engine/nodes/catalog.ts';
import { launchBrowser } from '../../test/host/browser.ts';
import { arranging, drag, open, pan, running, typing, zoom } from './measure.ts';
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

async function benchEditor(rounds: number): Promise<void> {
  const pages = await servePages();
  const browser = await launchBrowser();
  const results = new Map<string, Row[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const count of [1000, 5000]) {
        const text = flowOf(count);
        for (const who of ['bare', 'visible', 'editor'] as const) {
          const address = who === 'visible' ? `${pages.address('bare')}?visible` : pages.address(who);
          const { page, opened } = await open(browser, address, text);
          const [zoomed, panned, dragged] = [await zoom(page), await pan(page), await drag(page)];
          const row: Row = {
            ...opened,
            drag: dragged.p95,
            dragWorst: dragged.worst,
            pan: panned.p95,
            zoom: zoomed.p95,
            zoomWorst: zoomed.worst,
          };
          if (who === 'editor') {
            Object.assign(row, { typing: await typing(page) });
            if (count === 1000) {
              const run = await running(page, count);
              const layout = await arranging(page);
              Object.assign(row, { run: run.p99, arrange: layout.longest });
            }
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
  writeFileSync(join(import.meta.dirname, '..', 'RESULTS-editor.md'), text);
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
1,000 nodes takes ${round(layout.whole)} ms of CPU, beside the page.
`;
}

await benchEditor(Number(process.argv[2] ?? ROUNDS));
