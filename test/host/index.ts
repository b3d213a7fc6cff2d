export { launchBrowser } from './browser.ts';
export type { Host, HostOptions } from './host.ts';
export { startHost } from './host.ts';
export {
  flowFrame,
  openFile,
  openWorkbench,
  pressUntilShown,
  runCommand,
  screenshot,
  showTheme,
  workbenchReady,
} from './workbench.ts';
export type { Workspace } from './workspace.ts';
export { temporaryWorkspace } from './workspace.ts';
