/** What of a flow is no element of the page, on one canvas below the others: nodes as blocks, edges as lines. The style sheet has their looks. */
import { useStoreApi } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { boxesOf } from '../state/boxes.ts';
import type { CanvasNode } from '../state/graph-model.ts';
import { pathOf, stateOf } from '../state/passes.ts';
import { useEditor } from '../ui/context.tsx';
import { blockClasses } from './BlockNode.tsx';
import { lineLook, lineStyles, paintLines } from './painted-lines.ts';
import { type Painting, painting, penOf } from './painting.ts';
import { pictured } from './seen.ts';

interface Look {
  ground: string;
  /** Empty: none. */
  border: string;
  dashed: boolean;
  outline: string;
}

/** As the style sheet has them, in canvas pixels. */
const BORDER = 6;
const OUTLINE = 8;
const RADIUS = 14;
const CLEAR = 'rgba(0, 0, 0, 0)';

function lookOf(probe: HTMLElement, classes: string): Look {
  probe.className = classes;
  const style = getComputedStyle(probe);
  return {
    ground: style.backgroundColor,
    border: style.borderTopColor === CLEAR ? '' : style.borderTopColor,
    dashed: style.borderTopStyle === 'dashed',
    outline: style.outlineStyle === 'none' ? '' : style.outlineColor,
  };
}

type Box = readonly [x: number, y: number, width: number, height: number];

const grown = ([x, y, width, height]: Box, by: number): Box => [x - by, y - by, width + 2 * by, height + 2 * by];

function fill(pen: CanvasRenderingContext2D, box: Box, radius: number, colour: string): void {
  pen.fillStyle = colour;
  // So small a corner cannot be seen, and costs much.
  if (radius < 2) pen.fillRect(...box);
  else {
    pen.beginPath();
    pen.roundRect(...box, radius);
    pen.fill();
  }
}

function paintBlock(pen: CanvasRenderingContext2D, box: Box, zoom: number, look: Look): void {
  const border = BORDER * zoom;
  const radius = RADIUS * zoom;
  if (look.outline !== '') fill(pen, grown(box, OUTLINE * zoom), radius, look.outline);
  if (look.border !== '' && !look.dashed) {
    fill(pen, box, radius, look.border);
    fill(pen, grown(box, -border), radius - border, look.ground);
    return;
  }
  fill(pen, box, radius, look.ground);
  if (look.border === '') return;
  pen.strokeStyle = look.border;
  pen.lineWidth = border;
  pen.setLineDash([2 * border, border]);
  pen.strokeRect(...grown(box, -border / 2));
}

/**
 * @param live nodes that are elements; undefined: all of them
 * @param idle nothing is to be painted. It stays all the same: a canvas that is made takes as long as the whole flow takes to paint.
 */
export function Painted({ live, idle }: { live: ReadonlySet<string> | undefined; idle: boolean }) {
  const editor = useEditor();
  const store = useStoreApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const probe = useRef<HTMLDivElement>(null);
  const line = useRef<SVGPathElement>(null);
  const shown = useRef({ live, idle });
  const painter = useRef<Painting>(undefined);
  shown.current = { live, idle };

  useEffect(() => {
    const looks = new Map<string, Look>();
    /** Asking for the look of each node for each picture would take longer than painting it. */
    let ofNodes = new WeakMap<CanvasNode, { state: string; look: Look }>();
    let lines: ReturnType<typeof lineStyles> | undefined;
    let isEmpty = false;
    const paint = () => {
      const { live: current, idle: nothing } = shown.current;
      if (nothing && isEmpty) return;
      const { width, height, transform } = store.getState();
      if (!canvas.current || !probe.current || !line.current) return;
      const pen = penOf(canvas.current, width, height);
      if (!pen) return;
      isEmpty = nothing;
      if (nothing) return;
      const [left, top, zoom] = transform;
      const state = editor.store.getState();
      const boxes = boxesOf(state.nodes);
      for (const [index, node] of (current ? state.nodes : []).entries()) {
        const at = boxes[index];
        if (!at || node.hidden || current?.has(node.id)) continue;
        const box = pictured(at, transform);
        if (box[0] > width || box[1] > height || box[0] + box[2] < 0 || box[1] + box[3] < 0) continue;
        const inRun = stateOf(state, pathOf(state, node.id));
        let known = ofNodes.get(node);
        if (known?.state !== inRun) {
          const classes = blockClasses(node.data, inRun, node.selected === true);
          const look = looks.get(classes) ?? lookOf(probe.current, classes);
          looks.set(classes, look);
          known = { state: inRun, look };
          ofNodes.set(node, known);
        }
        paintBlock(pen, box, zoom, known.look);
      }
      lines ??= lineStyles(line.current);
      const isPainted = (source: string, target: string) => !current || (!current.has(source) && !current.has(target));
      paintLines(pen, state, { left, top, zoom, width, height }, lines, (edge) =>
        isPainted(edge.source, edge.target) ? lineLook(state, edge) : undefined,
      );
    };
    const rethemed = () => {
      looks.clear();
      ofNodes = new WeakMap();
      lines = undefined;
    };
    painter.current = painting(store, editor, paint, rethemed);
    return () => painter.current?.stop();
  }, [editor, store]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with every other set of nodes there is something else to paint
  useEffect(() => painter.current?.later(), [live, idle]);

  return (
    <div className={`painted${idle ? ' idle' : ''}`} aria-hidden="true">
      <canvas ref={canvas} />
      <div hidden>
        <div ref={probe} />
        <svg aria-hidden="true">
          <path ref={line} />
        </svg>
      </div>
    </div>
  );
}
