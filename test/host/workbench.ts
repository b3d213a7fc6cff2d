import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { resultsFolder } from '../../scripts/lib/paths.mjs';
import type { Host } from './host.ts';

/** VS Code's own colour themes in the version that runs here: what the settings call them, the list of themes, and the workbench itself. */
const themes = {
  light: { setting: 'Light 2026', name: 'Light 2026', shown: 'vs' },
  dark: { setting: 'Dark 2026', name: 'Dark 2026', shown: 'vs-dark' },
  highContrast: { setting: 'Default High Contrast', name: 'Dark High Contrast', shown: 'hc-black' },
  highContrastLight: { setting: 'Default High Contrast Light', name: 'Light High Contrast', shown: 'hc-light' },
} as const;

export interface WorkbenchOptions {
  readonly viewport?: { width: number; height: number };
  readonly theme?: keyof typeof themes;
  /** Opened once the extension's contributions are known, as a person would open it; relative to the workspace. */
  readonly file?: string;
  /** The workspace folder, if not the host's own: tests that share a server have one each. */
  readonly folder?: string;
  readonly reducedMotion?: 'reduce' | 'no-preference';
}

const patience = 60_000;

/** A new window on the host: a browser context of its own, so that nothing of an earlier window shows. */
export async function openWorkbench(browser: Browser, host: Host, options: WorkbenchOptions = {}): Promise<Page> {
  host.configure({ 'workbench.colorTheme': themes[options.theme ?? 'dark'].setting });
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1440, height: 900 },
    reducedMotion: options.reducedMotion ?? 'reduce',
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  await page.goto(host.url(options.folder === undefined ? {} : { folder: options.folder }));
  await workbenchReady(page);
  if (options.file !== undefined) await openFile(page, options.file);
  return page;
}

/** Changes the colours of an open window, as a person would. */
export async function showTheme(page: Page, theme: keyof typeof themes): Promise<void> {
  const { name, shown } = themes[theme];
  await runCommand(page, 'Preferences: Color Theme');
  const input = page.locator('.quick-input-widget input.input[placeholder*="heme"]');
  await input.waitFor({ timeout: patience });
  await input.fill(name);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click({ timeout: patience });
  await page.locator(`.monaco-workbench.${shown}`).waitFor({ timeout: patience });
}

/** Waits until the workbench stands and the extension's contributions are in it; also after `page.reload()`. */
export async function workbenchReady(page: Page): Promise<void> {
  await page.locator('.monaco-workbench').waitFor({ timeout: patience });
  await page.locator('.activitybar a.action-label[aria-label^="Belay"]').waitFor({ timeout: patience });
  await page.locator('.statusbar-item', { hasText: 'Activating Extensions' }).waitFor({ state: 'hidden', timeout: patience });
}

/** Opens a file by name through Quick Open. */
export async function openFile(page: Page, name: string): Promise<void> {
  await pick(page, 'Control+P', name);
  // A click is lost while the list is made anew.
  const list = page.locator('.quick-input-widget');
  await list.waitFor({ state: 'hidden', timeout: 5000 }).catch(() => page.keyboard.press('Enter'));
  // It may have had a tab already, behind another.
  await page
    .locator('.tab[aria-selected="true"]', { hasText: name.slice(name.lastIndexOf('/') + 1) })
    .first()
    .waitFor({ timeout: patience });
}

/** Runs a command by the title that the command palette shows. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await pick(page, 'F1', title, `>${title}`);
}

/**
 * Presses a key until something is there: VS Code loses a key that comes while it moves the focus or makes a list anew.
 * Only for keys that do no harm when they are pressed twice. `every` and `within` in ms.
 */
export async function pressUntilShown(page: Page, key: string, shown: Locator, every = 1000, within = 30_000): Promise<void> {
  for (let waited = 0; !(await shown.first().isVisible()); waited += every) {
    if (waited >= within) throw new Error(`Nothing comes on ${key}: ${shown}`);
    await page.keyboard.press(key);
    await shown
      .first()
      .waitFor({ timeout: every })
      .catch(() => undefined);
  }
}

/** Opens the quick input, types into it and takes the row that says `label`. */
async function pick(page: Page, key: string, label: string, typed: string = label): Promise<void> {
  const input = page.locator('.quick-input-widget input.input');
  await pressUntilShown(page, key, input, 5000, patience);
  await input.fill(typed);
  const name = label.slice(label.lastIndexOf('/') + 1);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click({ timeout: patience });
}

/** The content of the graph editor that is open: a web view is two frames deep. Of several, the one opened at this place in turn. */
export function flowFrame(page: Page, turn?: number): FrameLocator {
  const webviews = page.locator('iframe.webview.ready');
  return (turn === undefined ? webviews : webviews.nth(turn)).contentFrame().frameLocator('iframe#active-frame');
}

/** A picture for people to look at: `test-results/screenshots/NAME.png`. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const folder = join(resultsFolder, 'screenshots');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  return path;
}
