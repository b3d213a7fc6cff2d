/**
 * `npm run bench -- host`: what a keystroke in a flow of a thousand nodes costs the extension host of a real VS Code, typed with a real
 * keyboard: in the text with its graph beside it, in a form of the graph, and as gestures on the graph. Counted is the longest stretch
 * in which Belay's code is on the stack without a break, from a CPU profile of the host. Written to bench/RESULTS-host.md.
 *
 *   --keys=N           instead of 16, of each kind
 *   --only=A,B         only these: `form`, `nudge`, `undo`, `text`
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { endAll } from '../../scripts/lib/process.mjs';
import {
  flowFrame,
  launchBrowser,
  openFile,
  openWorkbench,
  pressUntilShown,
  runCommand,
  screenshot,
  startHost,
  temporaryWorkspace,
} from '../../test/host/index.ts';
import { largeFlow } from '../large-flow.ts';
import { Inspector } from './inspector.ts';
import { type Sampled, type Stretch, stretchesOf } from './stretches.ts';

/** µs between two samples. */
const INTERVAL = 200;
/** A frame (ms). */
const FRAME = 16;
const NODES = 1000;
/** After it all that a key has brought about is done: the check comes 120 ms after it, and takes as long (ms). */
const SETTLED = 700;
const NODE = 'n501';

/** Belay's bundles, wherever they stand. */
const isOurs = (url: string): boolean => /\/dist\/(extension\.cjs|extension\/|chunks\/|providers\/)/.test(url);

interface Kind {
  title: string;
  prepare(page: Page): Promise<void>;
  press(page: Page, index: number): Promise<void>;
}

const graphOf = (page: Page) => flowFrame(page);

/** Finds a node by the graph's own search, which takes its focus there. */
async function find(page: Page): Promise<void> {
  const frame = graphOf(page);
  await frame.locator('.react-flow').waitFor();
  const field = frame.getByRole('combobox', { name: 'Find nodes' }).or(frame.getByLabel('Find nodes')).first();
  await frame.locator('.react-flow__pane').click({ position: { x: 8, y: 200 } });
  await pressUntilShown(page, 'Control+F', field);
  await field.fill(NODE);
  await pressUntilShown(page, 'Enter', frame.locator(`.react-flow__node.selected[data-id="${NODE}"]`));
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
}

const KINDS: Record<string, Kind> = {
  form: {
    title: 'A letter in a form of the graph',
    async prepare(page) {
      await find(page);
      const field = graphOf(page).locator('#inspector textarea').first();
      await field.click();
      await page.keyboard.press('Home');
    },
    press: (page, index) => page.keyboard.press('abcdefgh'[index % 8] ?? 'x'),
  },
  nudge: {
    title: 'Shift and an arrow key: a node is moved',
    prepare: find,
    press: (page, index) => page.keyboard.press(index % 2 === 0 ? 'Shift+ArrowDown' : 'Shift+ArrowUp'),
  },
  undo: {
    title: 'Ctrl+Z and Ctrl+Y in the graph',
    async prepare(page) {
      await find(page);
      await page.keyboard.press('Shift+ArrowDown');
      await later(SETTLED);
    },
    press: (page, index) => page.keyboard.press(index % 2 === 0 ? 'Control+Z' : 'Control+Y'),
  },
  text: {
    title: 'A letter in the text, the graph beside it',
    async prepare(page) {
      await runCommand(page, 'Belay: Open Text to the Side');
      const text = page.locator('.editor-instance .monaco-editor').last();
      await text.click();
      await page.keyboard.press('Control+G');
      const line =
        largeFlow(NODES)
          .split('\n')
          .findIndex((it) => it.includes(`${NODE}.output`)) + 1;
      const before = largeFlow(NODES).split('\n')[line - 1]?.indexOf('output') ?? 0;
      await page.locator('.quick-input-widget input.input').fill(`:${line}:${before + 1}`);
      await page.keyboard.press('Enter');
    },
    press: (page, index) => page.keyboard.press('abcdefgh'[index % 8] ?? 'x'),
  },
};

const { values } = parseArgs({ options: { keys: { type: 'string', default: '16' }, only: { type: 'string' } } });
const keys = Number(values.keys);
if (!(keys >= 2)) throw new Error(`--keys=${values.keys}: give a number from 2`);
const only = values.only?.split(',') ?? Object.keys(KINDS);

async function profiled(inspector: Inspector, act: () => Promise<unknown>): Promise<Stretch[]> {
  await inspector.post('Profiler.start');
  await act();
  await later(SETTLED);
  const { profile } = (await inspector.post('Profiler.stop')) as { profile: Sampled };
  return stretchesOf(profile, isOurs, INTERVAL);
}

async function measured(page: Page, inspector: Inspector, kind: Kind): Promise<Stretch[][]> {
  await kind.prepare(page);
  // What is read and compiled once is not what a key costs.
  for (let index = 0; index < 4; index += 1) {
    await kind.press(page, index);
    await later(SETTLED);
  }
  const found: Stretch[][] = [];
  for (let index = 0; index < keys; index += 1) found.push(await profiled(inspector, () => kind.press(page, index)));
  return found;
}

interface Row {
  title: string;
  /** Of each key the longest stretch, the shortest of them first. */
  longest: Stretch[];
  /** Of each key all that it costs (ms). */
  sums: number[];
}

function rowOf(title: string, found: readonly Stretch[][]): Row {
  const sum = (stretches: readonly Stretch[]): number => stretches.reduce((all, { ms }) => all + ms, 0);
  return {
    title,
    longest: found.map(([first]) => first ?? { ms: 0, in: [] }).sort((a, b) => a.ms - b.ms),
    sums: found.map(sum).sort((a, b) => a - b),
  };
}

const median = <T>(sorted: readonly T[]): T | undefined => sorted[Math.floor(sorted.length / 2)];
const ms = (value: number | undefined): string => `${(value ?? 0).toFixed(1)} ms`;

function report(rows: readonly Row[]): string {
  const met = rows.every(({ longest }) => (longest.at(-1)?.ms ?? 0) < FRAME);
  const lines = rows.map(({ title, longest, sums }) =>
    [title, ms(median(longest)?.ms), ms(longest.at(-2)?.ms), ms(longest.at(-1)?.ms), ms(median(sums))].join(' | '),
  );
  const worst = rows.map(({ title, longest }) => `- ${title}: ${longest.at(-1)?.in.join(', ') || 'nothing'}`);
  return `# What a keystroke costs the extension host

\`npm run bench -- host\`: a flow of ${NODES.toLocaleString('en')} nodes (${Math.round(largeFlow(NODES).length / 1000)} thousand characters) in a real VS Code, ${keys} keys of each kind, pressed one after the
other on a real keyboard. Counted is CPU time of the host's thread with Belay on the stack and without a break, sampled every ${INTERVAL} µs.
Goal: no stretch over ${FRAME} ms. It is ${met ? 'met' : '**not met**'}.

| key | longest stretch, median | second worst | worst | all stretches, median |
|---|---|---|---|---|
${lines.map((line) => `| ${line} |`).join('\n')}

In the longest stretch of each:

${worst.join('\n')}
`;
}

/** Each kind has a file of its own: none begins with what another left. */
const fileOf = (name: string): string => `${name}.flow.json`;
const workspace = temporaryWorkspace({ files: Object.fromEntries(only.map((name) => [fileOf(name), largeFlow(NODES)])) });
const browser = await launchBrowser();
const host = await startHost({ folder: workspace.folder, settings: { 'files.autoSave': 'off' } });
let page: Page | undefined;
try {
  page = await openWorkbench(browser, host);
  const [pid] = await host.extensionHosts();
  if (pid === undefined) throw new Error('No extension host runs');
  const inspector = await Inspector.open(pid);
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  const rows: Row[] = [];
  for (const [name, kind] of Object.entries(KINDS)) {
    if (!only.includes(name)) continue;
    console.error(`bench: ${kind.title} …`);
    await openFile(page, fileOf(name));
    await graphOf(page).locator('.react-flow').waitFor({ timeout: 60_000 });
    rows.push(rowOf(kind.title, await measured(page, inspector, kind)));
  }
  inspector.close();
  const text = report(rows);
  console.log(text);
  if (values.only === undefined) writeFileSync(join(import.meta.dirname, '..', 'RESULTS-host.md'), text);
} catch (error) {
  if (page) console.error(`bench: see ${await screenshot(page, 'bench-host')}`);
  throw error;
} finally {
  await browser.close();
  await host.stop();
  workspace.remove();
  await endAll();
}
