/** What VS Code's menus and its command palette can ask of a graph: `belay.graph.NAME`, each a row of `canvas/actions.ts`. */
export const GRAPH_ACTIONS = [
  'insertOnEdge',
  'replaceType',
  'duplicate',
  'copy',
  'cut',
  'paste',
  'delete',
  'selectAll',
  'toggleDisabled',
  'toggleBody',
  'moveOut',
  'alignLeft',
  'alignCentre',
  'alignRight',
  'alignTop',
  'alignMiddle',
  'alignBottom',
  'distributeAcross',
  'distributeDown',
  'shortcuts',
] as const;
export type GraphAction = (typeof GRAPH_ACTIONS)[number];
