import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Host, HostOptions, Workspace } from '../host/index.ts';
import { launchBrowser, openFile, openWorkbench, runCommand, screenshot, startHost, temporaryWorkspace } from '../host/index.ts';
import { Graph } from './graph.ts';

export interface OneWindow {
  readonly workspace: Workspace;
  readonly host: Host;
  readonly browser: Browser;
  /** The window; opened when first asked for, and again after it was closed. */
  page(): Promise<Page>;
  /** Opens a file of the workspace as a graph, which has a node of this id. */
  open(file: string, node: string): Promise<Graph>;
}

type Options = Omit<HostOptions, 'folder'> & { files?: Record<string, string | object>; prepare?(workspace: Workspace): void };

/** The window of this test file, and what all that share it bring. */
let shared: { readonly window: OneWindow; readonly brought: Options[] } | undefined;

/**
 * One VS Code window for all tests of a file, because opening one takes longer than most tests. Each test works on a file of its
 * own; a window in which a test failed is not used again. Files are written only when they are saved (no auto save).
 *
 * Modules that a test file imports share one window, with what each of them brings: their files have different names.
 * @param options.files What is there before VS Code starts (it finds a file sooner than one that comes later): texts, and flows as objects.
 */
export function oneWindow(options: Options = {}): OneWindow {
  if (shared) {
    shared.brought.push(options);
    return shared.window;
  }
  const brought = [options];
  let workspace: Workspace;
  let host: Host;
  let browser: Browser;
  let page: Page | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
    const files = new Map<string, string>();
    for (const [name, content] of brought.flatMap(({ files = {} }) => Object.entries(files))) {
      if (files.has(name)) throw new Error(`Two that share a window bring ${name}`);
      files.set(name, typeof content === 'string' ? content : pretty(content));
    }
    workspace = temporaryWorkspace({ files: Object.fromEntries(files) });
    for (const { prepare } of brought) prepare?.(workspace);
    const { files: _, prepare: __, ...more } = Object.assign({}, ...brought) as Options;
    const settings = Object.assign({ 'files.autoSave': 'off' }, ...brought.map((one) => one.settings));
    host = await startHost({ ...more, folder: workspace.folder, settings });
  });

  afterEach(async ({ task }) => {
    if (!page || page.isClosed()) return;
    const failed = task.result?.state === 'fail';
    if (failed) await screenshot(page, `failed-${task.name.replace(/\W+/g, '-').slice(0, 60)}`);
    // Of a window that is not used again, too: what is left unsaved would come back in the next one.
    const stayed = await closeEditors(page).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (!failed && !stayed) return;
    await page.context().close();
    if (stayed && !failed) throw stayed.error;
  });

  afterAll(async () => {
    await browser?.close();
    await host?.stop();
    workspace?.remove();
  });

  const current = async (): Promise<Page> => {
    if (!page || page.isClosed()) page = await openWorkbench(browser, host);
    return page;
  };
  const window: OneWindow = {
    get workspace() {
      return workspace;
    },
    get host() {
      return host;
    },
    get browser() {
      return browser;
    },
    page: current,
    async open(file, node) {
      const shown = await current();
      await openFile(shown, file);
      const graph = new Graph(shown);
      await graph.ready(node);
      return graph;
    },
  };
  shared = { window, brought };
  return window;
}

/** A flow as people write it. */
export function pretty(flow: object): string {
  return `${JSON.stringify(flow, null, 2)}\n`;
}

/**
 * Closes all editors; what a test left unsaved is of no more use, nor what it was told. VS Code asks for each kind of editor by itself,
 * and opens an unsaved file that has no tab about a second after its change: perhaps while the others are being closed.
 */
async function closeEditors(page: Page): Promise<void> {
  if (await page.locator('.notifications-center.visible').isVisible()) await runCommand(page, 'Notifications: Clear All Notifications');
  const leave = page.locator('.monaco-dialog-box .monaco-button', { hasText: "Don't Save" });
  const closed = page.locator('.editor-group-container.empty');
  const shown = leave.or(closed).first();
  for (let times = 0; times < 5; times++) {
    await runCommand(page, 'View: Close All Editors');
    do {
      if (await leave.isVisible()) await leave.click();
      await shown.waitFor({ timeout: 5000 }).catch(() => undefined);
    } while (await leave.isVisible());
    if (await closed.first().isVisible()) return;
  }
  throw new Error('The editors do not close');
}
