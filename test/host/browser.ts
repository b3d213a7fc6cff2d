import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { ensureBrowser } from '../../scripts/lib/system.mjs';

/** A headless Chromium that talks to nobody but the pages it opens. Whoever launches it closes it. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
