/** Edges from far away: straight lines, in the colours of the style sheet. */
import { boxesOf, orderOf } from '../state/boxes.ts';
import type { CanvasEdge, CanvasNode } from '../state/graph-model.ts';
import { viewOf } from '../state/passes.ts';
import { edgeFate } from '../state/run.ts';
import type { EditorState } from '../state/state.ts';

/** The later ones are drawn over the earlier ones. */
const LOOKS = ['dead', 'normal', 'bad', 'taken', 'taken-bad', 'running'] as const;
type Look = (typeof LOOKS)[number];

interface Style {
  colour: string;
  /** CSS pixels. */
  width: number;
  dashes: number[];
  alpha: number;
}

/** @param probe a line of no other use */
export function lineStyles(probe: SVGElement): Readonly<Record<Look, Style>> {
  const styleOf = (look: Look): Style => {
    probe.setAttribute('class', `far-line ${look}`);
    const style = getComputedStyle(probe);
    const dashes = style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[\s,]+/).map(Number.parseFloat);
    return { colour: style.stroke, width: Number.parseFloat(style.strokeWidth), dashes, alpha: Number(style.opacity) };
  };
  return Object.fromEntries(LOOKS.map((look) => [look, styleOf(look)])) as Record<Look, Style>;
}

export function lineLook(state: EditorState, { source, target, data }: CanvasEdge): Look {
  const isBad = data?.tone === 'bad';
  const fate = state.run ? edgeFate(viewOf(state, source), data?.outlet ?? '', data?.passes) : 'none';
  if (fate === 'dead') return 'dead';
  if (fate === 'none') return isBad ? 'bad' : 'normal';
  if (viewOf(state, target)?.state === 'running') return 'running';
  return isBad ? 'taken-bad' : 'taken';
}

/** Where both ends of each edge stand in the list of nodes; -1: nowhere. */
function endsOf(nodes: readonly CanvasNode[], edges: readonly CanvasEdge[]): Int32Array {
  const order = orderOf(nodes);
  const known = ends.get(edges);
  if (known?.order === order) return known.at;
  const at = new Int32Array(2 * edges.length);
  for (const [index, { source, target }] of edges.entries()) {
    at[2 * index] = order.get(source) ?? -1;
    at[2 * index + 1] = order.get(target) ?? -1;
  }
  ends.set(edges, { order, at });
  return at;
}
const ends = new WeakMap<readonly CanvasEdge[], { order: ReadonlyMap<string, number>; at: Int32Array }>();

/** Lines that are drawn at one stroke: one of thousands takes longer than many of some. */
const STROKE = 64;

/** @param lookOf undefined: the edge is not painted */
export function paintLines(
  pen: CanvasRenderingContext2D,
  { nodes, edges, direction }: EditorState,
  view: { left: number; top: number; zoom: number; width: number; height: number },
  styles: Readonly<Record<Look, Style>>,
  lookOf: (edge: CanvasEdge) => Look | undefined,
): void {
  const boxes = boxesOf(nodes);
  const at = endsOf(nodes, edges);
  const down = direction === 'down';
  const lines: { [L in Look]: number[] } = { dead: [], normal: [], bad: [], taken: [], 'taken-bad': [], running: [] };
  for (const [index, edge] of edges.entries()) {
    const [from, to] = [boxes[at[2 * index] ?? -1], boxes[at[2 * index + 1] ?? -1]];
    if (!from || !to || edge.hidden) continue;
    const x1 = (down ? from.x + from.width / 2 : from.x + from.width) * view.zoom + view.left;
    const y1 = (down ? from.y + from.height : from.y + from.height / 2) * view.zoom + view.top;
    const x2 = (down ? to.x + to.width / 2 : to.x) * view.zoom + view.left;
    const y2 = (down ? to.y : to.y + to.height / 2) * view.zoom + view.top;
    if ((x1 < 0 && x2 < 0) || (y1 < 0 && y2 < 0) || (x1 > view.width && x2 > view.width) || (y1 > view.height && y2 > view.height))
      continue;
    const look = lookOf(edge);
    if (look) lines[look].push(x1, y1, x2, y2);
  }
  for (const look of LOOKS) {
    const { colour, width, dashes, alpha } = styles[look];
    const points = lines[look];
    pen.globalAlpha = alpha;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dashes);
    for (let begin = 0; begin < points.length; begin += 4 * STROKE) {
      pen.beginPath();
      for (let point = begin; point < Math.min(points.length, begin + 4 * STROKE); point += 4) {
        pen.moveTo(points[point] ?? 0, points[point + 1] ?? 0);
        pen.lineTo(points[point + 2] ?? 0, points[point + 3] ?? 0);
      }
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}
