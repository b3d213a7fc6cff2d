/** Opens the built graph editor in a bare browser, under the policy it has in VS Code. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { build } from 'esbuild';
import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { resultsFolder } from '../../../scripts/lib/paths.mjs';
import { webviewBundle } from '../../../scripts/webview-bundle.mjs';
import type { Answers } from '../../../src/webview/protocol/ask.ts';
import type { HostMessage, WebviewMessage } from '../../../src/webview/protocol/messages.ts';
import { launchBrowser } from '../../host/browser.ts';
import type {} from './host.ts';

const here = import.meta.dirname;

/** The body classes VS Code sets. */
export const THEMES = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  highContrast: 'vscode-high-contrast',
  highContrastLight: 'vscode-high-contrast-light',
} as const;
export type Theme = keyof typeof THEMES;

const NONCE = 'aGFybmVzcw';
/** As the extension sets it: style attributes of the page itself are set by script (CSSOM), which the policy does not forbid. */
const POLICY = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src 'self'; font-src 'self'; img-src 'self' data:; worker-src blob:`;

const TYPES: Record<string, string> = { css: 'text/css', html: 'text/html', js: 'text/javascript', ttf: 'font/ttf' };

async function bundles(): Promise<Map<string, Uint8Array>> {
  const common = { write: false, minify: true, outdir: '/', define: { 'process.env.NODE_ENV': '"production"' } } as const;
  const editor = await build({ ...webviewBundle, ...common, entryPoints: { editor: 'src/webview/main.tsx' } });
  // With a zod of its own: the host checks every message at once.
  const host = await build({
    ...webviewBundle,
    ...common,
    plugins: [],
    splitting: false,
    entryPoints: { host: 'test/webview/harness/host.ts' },
  });
  const files = new Map(
    [...editor.outputFiles, ...host.outputFiles].map((file) => [file.path.slice(file.path.lastIndexOf('/') + 1), file.contents]),
  );
  files.set('themes.css', await readFile(join(here, 'themes.css')));
  files.set('', Buffer.from((await readFile(join(here, 'index.html'), 'utf8')).replaceAll('NONCE', NONCE)));
  return files;
}

async function serve(files: ReadonlyMap<string, Uint8Array>): Promise<Server> {
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    const body = files.get(name);
    if (!body) {
      // Browsers look for an icon by themselves.
      response.writeHead(name === 'favicon.ico' ? 204 : 404).end();
      return;
    }
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? TYPES.html;
    response
      .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY, 'cache-control': 'max-age=600' })
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

export interface Harness {
  open(text: string, options?: OpenOptions): Promise<Editor>;
  close(): Promise<void>;
}

export interface OpenOptions {
  theme?: Theme;
  width?: number;
  height?: number;
  /** As with zoom in VS Code: 2 is 200 %. */
  zoom?: number;
  readonly?: boolean;
  readonlyReason?: string;
  motion?: boolean;
}

/**
 * Opening a window takes longer than loading the editor into it, so a window whose editor was closed in good order is used again. What a
 * test left in one that failed is seen by no other.
 */
export async function startHarness(): Promise<Harness> {
  const server = await serve(await bundles());
  const browser: Browser = await launchBrowser();
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const idle = new Map<string, Page[]>();
  return {
    async open(text, options = {}) {
      const { width = 1280, height = 760, zoom = 1, motion = false } = options;
      const kind = `${zoom} ${motion}`;
      const viewport = { width: Math.round(width / zoom), height: Math.round(height / zoom) };
      const page = idle.get(kind)?.pop() ?? (await newWindow(browser, zoom, motion));
      await page.setViewportSize(viewport);
      const errors: string[] = [];
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(address);
      await page.evaluate((theme) => document.body.setAttribute('class', theme), THEMES[options.theme ?? 'dark']);
      const release = async (): Promise<void> => {
        page.removeAllListeners();
        await page.mouse.move(0, 0);
        // Leaving, the editor may remember something: what it remembers goes once it is gone.
        await page.goto(`${address}themes.css`);
        await page.evaluate(() => sessionStorage.clear());
        idle.set(kind, [...(idle.get(kind) ?? []), page]);
      };
      const editor = new Editor(page, errors, release);
      const { readonly, readonlyReason } = options;
      await editor.setText(text, {
        ...(readonly === undefined ? {} : { readonly }),
        ...(readonlyReason === undefined ? {} : { readonlyReason }),
      });
      return editor;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

async function newWindow(browser: Browser, zoom: number, motion: boolean): Promise<Page> {
  const context = await browser.newContext({ deviceScaleFactor: zoom, reducedMotion: motion ? 'no-preference' : 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return page;
}

/** One open editor, by what a person sees and does. */
export class Editor {
  readonly page: Page;
  readonly errors: string[];
  readonly #release: () => Promise<void>;

  constructor(page: Page, errors: string[], release: () => Promise<void>) {
    this.page = page;
    this.errors = errors;
    this.#release = release;
  }

  setText(text: string, more: { readonly?: boolean; readonlyReason?: string } = {}): Promise<void> {
    return this.page.evaluate(([next, how]) => window.fakeHost.setText(next, how), [text, more] as const);
  }

  text(): Promise<string> {
    return this.page.evaluate(() => window.fakeHost.text());
  }

  async flow(): Promise<{
    title?: string;
    inputs?: Record<string, unknown>;
    nodes: Record<string, Record<string, unknown>>;
    layout?: Record<string, [number, number]>;
  }> {
    return JSON.parse(await this.text());
  }

  send(message: HostMessage): Promise<void> {
    return this.page.evaluate<void, unknown>((it) => window.fakeHost.send(it as HostMessage), message);
  }

  answer(about: Partial<Answers>): Promise<void> {
    return this.page.evaluate((it) => window.fakeHost.answer(it), about);
  }

  sent(): Promise<WebviewMessage[]> {
    return this.page.evaluate(() => window.fakeHost.sent());
  }

  async edits(): Promise<Extract<WebviewMessage, { type: 'edit' }>[]> {
    return (await this.sent()).filter((message) => message.type === 'edit');
  }

  node(id: string): Locator {
    return this.page.locator(`.react-flow__node[data-id="${id}"]`);
  }

  handle(id: string, outlet: string): Locator {
    return this.node(id).locator(`.outlet[data-outlet="${outlet}"] .react-flow__handle`);
  }

  entry(id: string): Locator {
    return this.node(id).locator('.react-flow__handle.target');
  }

  edge(id: string): Locator {
    return this.page.locator(`.react-flow__edge[data-id="${id}"]`);
  }

  /** Where an edge can be grabbed to lead it elsewhere. */
  endOf(edge: string): Locator {
    return this.edge(edge).locator('.react-flow__edgeupdater-target');
  }

  /** Clicks into the middle of an edge. */
  /** Beside its middle, where the button for inserting comes up. */
  async clickEdge(id: string): Promise<void> {
    const { x, y } = await this.pointOf(id, 0.2);
    await this.page.mouse.click(x, y);
  }

  /** The middle of an edge, on the page. */
  middleOf(id: string): Promise<{ x: number; y: number }> {
    return this.pointOf(id, 0.5);
  }

  /** A point of an edge, on the page; `part`: of its length. */
  pointOf(id: string, part: number): Promise<{ x: number; y: number }> {
    return this.edge(id)
      .locator('path.react-flow__edge-path')
      .evaluate((element, along) => {
        const path = element as SVGPathElement;
        const point = path.getPointAtLength(path.getTotalLength() * along);
        const onScreen = point.matrixTransform(path.getScreenCTM() ?? undefined);
        return { x: onScreen.x, y: onScreen.y };
      }, part);
  }

  /** A text field, an area or a select of the inspector, by its label. */
  field(label: string): Locator {
    return this.page.locator('#inspector').getByLabel(label, { exact: true }).locator('visible=true').last();
  }

  action(name: string): Locator {
    return this.page.locator(`[data-action="${name}"]`);
  }

  async drag(from: Locator, to: Locator | { dx: number; dy: number }, between?: () => Promise<void>): Promise<void> {
    const start = await centre(from);
    const end = 'dx' in to ? { x: start.x + to.dx, y: start.y + to.dy } : await centre(to);
    await this.page.mouse.move(start.x, start.y);
    await this.page.mouse.down();
    await this.page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 });
    await this.page.mouse.move(end.x, end.y, { steps: 4 });
    await between?.();
    await this.page.mouse.up();
  }

  /** Waits until the document says what is expected. */
  async expectFlow(check: (flow: Awaited<ReturnType<Editor['flow']>>) => void): Promise<void> {
    await expect
      .poll(async () => {
        const flow = await this.flow();
        try {
          check(flow);
          return 'ok';
        } catch (error) {
          return String(error);
        }
      })
      .toBe('ok');
  }

  screenshot(name: string): Promise<Buffer> {
    return this.page.screenshot({ path: join(resultsFolder, 'screenshots', `webview-${name}.png`) });
  }

  /** What axe-core finds that keeps people out. */
  async barriers(within?: string): Promise<string[]> {
    // Neither what holds is written out, nor is a second window opened to put the results of frames together: there are none.
    const axe = new AxeBuilder({ page: this.page }).options({ resultTypes: ['violations'] }).setLegacyMode();
    const { violations } = await (within === undefined ? axe : axe.include(within)).analyze();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.any.map((it) => it.message).join('; ')}`));
  }

  /** Ends the window; nothing may have been refused by the policy or failed on the way. */
  async close(): Promise<void> {
    const complaints = await this.page.evaluate(() => window.fakeHost.complaints());
    await this.#release();
    expect([...complaints, ...this.errors]).toEqual([]);
  }
}

async function centre(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not on the page`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
