/** Nodes of a large flow that are no elements of the page, as blocks on one canvas below the others. The style sheet has their looks. */
import { useStoreApi } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { sizeOf } from '../state/frames.ts';
import type { CanvasNode } from '../state/graph-model.ts';
import { pathOf, stateOf } from '../state/passes.ts';
import { useEditor } from '../ui/context.tsx';
import { blockClasses } from './BlockNode.tsx';

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

/** @param live nodes that are elements */
export function Painted({ live, nodes }: { live: ReadonlySet<string>; nodes: readonly CanvasNode[] }) {
  const editor = useEditor();
  const store = useStoreApi<CanvasNode>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const probe = useRef<HTMLDivElement>(null);
  const shown = useRef({ live, nodes });
  const repaint = useRef(() => {});
  shown.current = { live, nodes };

  useEffect(() => {
    let request = 0;
    const looks = new Map<string, Look>();
    const paint = () => {
      request = 0;
      const pen = canvas.current?.getContext('2d');
      if (!canvas.current || !pen || !probe.current) return;
      const { width, height, transform, nodeLookup } = store.getState();
      const [left, top, zoom] = transform;
      const density = window.devicePixelRatio;
      canvas.current.width = width * density;
      canvas.current.height = height * density;
      pen.scale(density, density);
      const state = editor.store.getState();
      for (const node of shown.current.nodes) {
        const at = nodeLookup.get(node.id)?.internals.positionAbsolute;
        if (node.hidden || !at || shown.current.live.has(node.id)) continue;
        const size = sizeOf(node);
        const box = [at.x * zoom + left, at.y * zoom + top, size.width * zoom, size.height * zoom] as const;
        if (box[0] > width || box[1] > height || box[0] + box[2] < 0 || box[1] + box[3] < 0) continue;
        const classes = blockClasses(node.data, stateOf(state, pathOf(state, node.id)), node.selected === true);
        const look = looks.get(classes) ?? lookOf(probe.current, classes);
        looks.set(classes, look);
        paintBlock(pen, box, zoom, look);
      }
    };
    const later = () => {
      request ||= window.requestAnimationFrame(paint);
    };
    repaint.current = later;
    later();
    const themes = new MutationObserver(() => {
      looks.clear();
      later();
    });
    themes.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    const stops = [
      store.subscribe((now, before) => {
        if (now.nodes !== before.nodes || now.transform !== before.transform || now.width !== before.width || now.height !== before.height)
          later();
      }),
      editor.store.subscribe((now, before) => {
        if (now.run !== before.run || now.passes !== before.passes) later();
      }),
    ];
    return () => {
      window.cancelAnimationFrame(request);
      themes.disconnect();
      for (const stop of stops) stop();
    };
  }, [editor, store]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with every other set of nodes there is something else to paint
  useEffect(() => repaint.current(), [live, nodes]);

  return (
    <div className="painted" aria-hidden="true">
      <canvas ref={canvas} />
      <div ref={probe} hidden />
    </div>
  );
}
