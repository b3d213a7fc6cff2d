/** Whether the person asked for as little movement as possible: of VS Code (a class on the body) or of the system. */
export function reducesMotion(): boolean {
  return document.body.classList.contains('vscode-reduce-motion') || window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}
