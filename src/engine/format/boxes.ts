/** Sizes of what stands on the canvas, as far as the document decides them. In pixels; imported by the layout's worker: keep it small. */

export interface Position {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Position, Size {}

/** What the layout takes a node on the canvas to be, in pixels. */
export const NODE_WIDTH = 240;
export const NODE_HEIGHT = 112;
export const HEADER_HEIGHT = 64;
export const OUTLET_HEIGHT = 24;
/** From one column to the next, and from one row to the next. */
export const STEP_X = 300;
export const STEP_Y = 160;
export const GAP_Y = STEP_Y - NODE_HEIGHT;
export const GAP_X = STEP_X - NODE_WIDTH;
/** A frame: its head, the row above the inner area (which pass is shown), and the room around what stands inside. */
const FRAME_HEAD = 76;
const FRAME_HEAD_PAD = 8;
const FRAME_OUTLET = 20;
const FRAME_TOP = 40;
const FRAME_PAD = 24;

/** What a frame needs around these boxes, which count from its inner area. */
export function frameSize(origin: Position, inner: readonly Box[]): Size {
  const right = Math.max(NODE_WIDTH, ...inner.map((box) => box.x + box.width));
  const bottom = Math.max(NODE_HEIGHT, ...inner.map((box) => box.y + box.height));
  return { width: Math.round(origin.x + right + FRAME_PAD), height: Math.round(origin.y + bottom + FRAME_PAD) };
}

/** Where the inner area of a frame begins, from the frame's own corner. What was placed above or left of it moves it on. */
export function innerOrigin(outlets: number, inner: readonly Position[]): Position {
  return {
    x: FRAME_PAD - Math.min(0, ...inner.map(({ x }) => x)),
    y: frameHead(outlets) + FRAME_TOP - Math.min(0, ...inner.map(({ y }) => y)),
  };
}

/** The height of a frame's head, which has the outlets at its side. */
export function frameHead(outlets: number): number {
  return Math.max(FRAME_HEAD, 2 * FRAME_HEAD_PAD + outlets * FRAME_OUTLET);
}
