declare module 'belay:test-files' {
  /** Loads every test file beside the runner; made by the script that bundles the suite. */
  export function load(): Promise<void>;
}
