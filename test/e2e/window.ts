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

/**
 * One VS Code window for all tests of a file, because opening one takes longer than most tests. Each test works on a file of its
 * own; a window in which a test failed is not used again. Files are written only when they are saved (no auto save).
 * @param options.files What is there before VS Code starts (it finds a file sooner than one that comes later): texts, and flows as objects.
 */
export function oneWindow({ files = {}, prepare, ...options }: Options = {}): OneWindow {
  let workspace: Workspace;
  let host: Host;
  let browser: Browser;
  let page: Page | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
    const texts = Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? content : pretty(content)]);
    workspace = temporaryWorkspace({ files: Object.fromEntries(texts) });
    prepare?.(workspace);
    host = await startHost({ ...options, folder: workspace.folder, settings: { 'files.autoSave': 'off', ...options.settings } });
  });

  afterEach(async ({ task }) => {
    if (!page || page.isClosed()) return;
    if (task.result?.state !== 'fail') return closeEditors(page);
    await screenshot(page, `failed-${task.name.replace(/\W+/g, '-').slice(0, 60)}`);
    // What is left unsaved would come back in the next window.
    await closeEditors(page).catch(() => undefined);
    await page.context().close();
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
  return {
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
}

/** A flow as people write it. */
export function pretty(flow: object): string {
  return `${JSON.stringify(flow, null, 2)}\n`;
}

/** Closes all editors; what a test left unsaved is of no more use, nor what it was told. */
async function closeEditors(page: Page): Promise<void> {
  if (await page.locator('.notifications-center.visible').isVisible()) await runCommand(page, 'Notifications: Clear All Notifications');
  await runCommand(page, 'View: Close All Editors');
  const leave = page.locator('.monaco-dialog-box .monaco-button', { hasText: "Don't Save" });
  const closed = page.locator('.editor-group-container.empty');
  await leave.or(closed).first().waitFor();
  if (await leave.isVisible()) await leave.click();
  await closed.first().waitFor();
}
