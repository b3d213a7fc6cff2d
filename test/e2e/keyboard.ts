import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { pressUntilShown } from '../host/index.ts';
import type { Graph } from './graph.ts';

/** Runs a command by its title, without a mouse. */
export async function commandByKeys(page: Page, title: string): Promise<void> {
  await pressUntilShown(page, 'F1', page.locator('.quick-input-widget input.input'));
  await page.keyboard.type(title);
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).waitFor();
  await page.keyboard.press('Enter');
}

/** What has the focus in the graph editor, by all the names a person could know it by. Looks into shadow roots. */
async function focused(graph: Graph): Promise<string> {
  return graph.frame.locator('body').evaluate(() => {
    const chain: Element[] = [];
    for (let at = document.activeElement; at; at = at.shadowRoot?.activeElement ?? null) chain.push(at);
    return chain
      .map((element) => {
        const named = element.getAttribute('aria-label') ?? element.getAttribute('label') ?? element.textContent?.trim() ?? '';
        return element === document.body ? '' : `${named} #${element.getAttribute('data-id') ?? ''}`;
      })
      .join(' | ');
  });
}

/** Presses a key until what has the focus is named so. */
export async function pressUntil(graph: Graph, key: string, name: string, most = 60): Promise<void> {
  const seen: string[] = [];
  for (let pressed = 0; pressed <= most; pressed += 1) {
    const now = await focused(graph);
    if (now.includes(name)) return;
    seen.push(now);
    await graph.page.keyboard.press(key);
  }
  expect.fail(`"${name}" cannot be reached by ${key}; the focus went by ${[...new Set(seen)].join(' → ')}`);
}

/** Replaces the text of the field that has the focus. */
export async function retype(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}
