/**
 * The whole flow, small, and which part of it is seen; to be pulled about. Painted on one canvas: a map of elements would cost as much
 * as the graph itself where there are thousands of nodes.
 */
import { type InternalNode, Panel, type ReactFlowState, useReactFlow, useStoreApi } from '@xyflow/react';
import { type PointerEvent, useEffect, useRef } from 'react';
import { sizeOf } from '../state/frames.ts';
import type { CanvasNode } from '../state/graph-model.ts';
import { type CanvasNote, isNote, NOTE_SIZE } from '../state/notes.ts';
import { useEditor } from '../ui/context.tsx';

/** CSS pixels. */
const SIZE = { width: 160, height: 100 };
const MARGIN = 6;

type Drawn = CanvasNode | CanvasNote;

/** Canvas pixels. */
function extentOf(node: Drawn): { width: number; height: number } {
  return isNote(node) ? { width: node.width ?? NOTE_SIZE.width, height: node.height ?? NOTE_SIZE.height } : sizeOf(node);
}

interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** From canvas pixels to those of the map. */
interface Scale {
  zoom: number;
  x: number;
  y: number;
}

function boundsOf(nodes: Iterable<InternalNode<Drawn>>): Bounds {
  const bounds = {
    left: Number.POSITIVE_INFINITY,
    top: Number.POSITIVE_INFINITY,
    right: Number.NEGATIVE_INFINITY,
    bottom: Number.NEGATIVE_INFINITY,
  };
  for (const node of nodes) {
    const { x, y } = node.internals.positionAbsolute;
    const { width, height } = extentOf(node.internals.userNode);
    bounds.left = Math.min(bounds.left, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.right = Math.max(bounds.right, x + width);
    bounds.bottom = Math.max(bounds.bottom, y + height);
  }
  return bounds;
}

function seen({ transform: [x, y, zoom], width, height }: ReactFlowState<Drawn>): Bounds {
  return { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
}

function scaleFor(a: Bounds, b: Bounds): Scale {
  const [left, top] = [Math.min(a.left, b.left), Math.min(a.top, b.top)];
  const [width, height] = [Math.max(a.right, b.right) - left, Math.max(a.bottom, b.bottom) - top];
  const zoom = Math.min((SIZE.width - 2 * MARGIN) / width, (SIZE.height - 2 * MARGIN) / height);
  return { zoom, x: (SIZE.width - width * zoom) / 2 - left * zoom, y: (SIZE.height - height * zoom) / 2 - top * zoom };
}

/** Theme colours where the map stands: a canvas knows no style sheets. */
function coloursOf(element: HTMLElement) {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return { node: style.color, bad: colour('--bad'), focus: colour('--focus'), ground: colour('--ground') };
}

function paint(
  element: HTMLCanvasElement,
  state: ReactFlowState<Drawn>,
  colours: ReturnType<typeof coloursOf>,
  folded: ReadonlySet<string>,
): Scale | undefined {
  const pen = element.getContext('2d');
  if (!pen || state.nodeLookup.size === 0) return undefined;
  const density = window.devicePixelRatio;
  element.width = SIZE.width * density;
  element.height = SIZE.height * density;
  const view = seen(state);
  const scale = scaleFor(boundsOf(state.nodeLookup.values()), view);
  pen.setTransform(density, 0, 0, density, 0, 0);
  for (const node of state.nodeLookup.values()) {
    const { userNode, positionAbsolute } = node.internals;
    if (folded.has(userNode.id)) continue;
    const { width, height } = extentOf(userNode);
    const box = [
      positionAbsolute.x * scale.zoom + scale.x,
      positionAbsolute.y * scale.zoom + scale.y,
      width * scale.zoom,
      height * scale.zoom,
    ] as const;
    const isBad = !isNote(userNode) && userNode.data.card.errors > 0;
    const colour = userNode.selected ? colours.focus : isBad ? colours.bad : colours.node;
    pen.globalAlpha = userNode.selected || isBad ? 1 : 0.45;
    pen.fillStyle = colour;
    pen.strokeStyle = colour;
    if (isNote(userNode) || userNode.data.frame) pen.strokeRect(...box);
    else pen.fillRect(...box);
  }
  const [left, top] = [view.left * scale.zoom + scale.x, view.top * scale.zoom + scale.y];
  const [width, height] = [(view.right - view.left) * scale.zoom, (view.bottom - view.top) * scale.zoom];
  pen.globalAlpha = 0.6;
  pen.fillStyle = colours.ground;
  pen.beginPath();
  pen.rect(0, 0, SIZE.width, SIZE.height);
  pen.rect(left, top, width, height);
  pen.fill('evenodd');
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.node;
  pen.strokeRect(left, top, width, height);
  return scale;
}

export function OverviewMap() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = useRef<Scale | undefined>(undefined);
  const store = useStoreApi<Drawn>();
  const flow = useReactFlow();
  const editor = useEditor();

  useEffect(() => {
    let request = 0;
    // Asking for styles while the page is being drawn makes it reckon them all at once.
    let colours: ReturnType<typeof coloursOf> | undefined;
    const draw = () => {
      request = 0;
      if (!canvas.current) return;
      colours ??= coloursOf(canvas.current);
      const folded = new Set(editor.store.getState().nodes.flatMap((node) => (node.hidden ? [node.id] : [])));
      scale.current = paint(canvas.current, store.getState(), colours, folded);
    };
    const later = () => {
      request ||= window.requestAnimationFrame(draw);
    };
    later();
    // Another theme is another class of the body.
    const themes = new MutationObserver(() => {
      colours = undefined;
      later();
    });
    themes.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    const stop = store.subscribe((now, before) => {
      if (now.nodes !== before.nodes || now.transform !== before.transform || now.width !== before.width || now.height !== before.height)
        later();
    });
    return () => {
      window.cancelAnimationFrame(request);
      themes.disconnect();
      stop();
    };
  }, [store, editor]);

  /** The part under the pointer comes into the middle. */
  const look = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!scale.current || (event.type === 'pointermove' && event.buttons !== 1)) return;
    const box = event.currentTarget.getBoundingClientRect();
    const { zoom, x, y } = scale.current;
    void flow.setCenter((event.clientX - box.left - x) / zoom, (event.clientY - box.top - y) / zoom, { zoom: flow.getZoom() });
  };

  return (
    <Panel position="bottom-right" className="map">
      <canvas
        ref={canvas}
        style={SIZE}
        role="img"
        aria-label="Map of the flow"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          look(event);
        }}
        onPointerMove={look}
      />
    </Panel>
  );
}
