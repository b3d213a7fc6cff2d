declare module 'belay:layout-worker' {
  /** The text of the worker's bundle; made by `scripts/webview-bundle.mjs`. */
  const source: string;

  export { source };
}
