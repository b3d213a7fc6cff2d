import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildSuite } from '../../scripts/build-tests.mjs';
import { resultsFolder, root } from '../../scripts/lib/paths.mjs';
import { endAll, endWithUs } from '../../scripts/lib/process.mjs';
import { launchBrowser, screenshot, startHost, temporaryWorkspace } from '../host/index.ts';

/** More interleavings than by default take their time. */
const patience = 5 * 60_000 + Number(process.env.BELAY_INTERLEAVINGS ?? 0) * 8000;

interface Report {
  readonly tests: readonly { fullTitle: string; duration?: number; err: { message?: string; stack?: string } }[];
}

/** Runs the suite in the extension host of a real VS Code and prints what its report says. Gives the exit code. */
async function main(): Promise<number> {
  const report = join(resultsFolder, 'suite.json');
  mkdirSync(resultsFolder, { recursive: true });
  rmSync(report, { force: true });
  const tests = await buildSuite();
  const examples = join(root, 'examples');
  const workspace = temporaryWorkspace(existsSync(examples) ? { source: examples } : {});
  const extension = process.env.BELAY_EXTENSION ?? root;
  const host = await startHost({
    folder: workspace.folder,
    extension,
    installed: [join(root, 'test', 'fixtures', 'test-model')],
    env: { BELAY_TEST_REPORT: report, BELAY_TEST_WORDS: process.argv.slice(2).join(' ') },
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const ended = new Promise<number>((resolve) => {
      // The workbench calls this when the extension host has run the tests; VS Code's own web test driver listens here too.
      void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
    });
    await page.goto(host.url({ tests }), { timeout: patience });
    void agree(page);
    const late = page.waitForTimeout(patience).then(() => undefined);
    const code = await Promise.race([ended, late]);
    if (code === undefined) process.stdout.write(`The suite did not end within ${patience / 1000} s. The server said:\n${host.log()}\n`);
    if (!existsSync(report)) {
      process.stdout.write('The suite wrote no report.\n');
      return 1;
    }
    print(JSON.parse(readFileSync(report, 'utf8')));
    return code ?? 1;
  } finally {
    await browser.close();
    await host.stop();
    workspace.remove();
  }
}

/** Says yes when VS Code asks whether a tool may do what it wants, as long as the page is there; a picture of each question stays. */
async function agree(page: Page): Promise<void> {
  const dialog = page.locator('.monaco-dialog-box');
  for (let asked = 1; !page.isClosed(); asked += 1) {
    try {
      await dialog.waitFor({ timeout: 0 });
      await screenshot(page, `suite-asked-${asked}`);
      await dialog.locator('.dialog-buttons .monaco-button').first().click();
      await dialog.waitFor({ state: 'detached', timeout: patience });
    } catch {
      // The page was closed in the middle of it.
      return;
    }
  }
}

function print({ tests }: Report): void {
  for (const { fullTitle, duration, err } of tests) {
    const failure = err.stack ?? err.message;
    process.stdout.write(
      `${failure === undefined ? '✓' : '✗'} ${fullTitle} (${duration ?? 0} ms)\n${failure === undefined ? '' : `${failure}\n`}`,
    );
  }
}

endWithUs();
try {
  process.exitCode = await main();
} finally {
  await endAll();
}
