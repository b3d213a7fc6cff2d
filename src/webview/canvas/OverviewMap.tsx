/**
 * The whole flow, small, and which part of it is seen; to be pulled about. Painted: a map of elements would cost as much as the graph
 * itself where there are thousands of nodes. They are painted once; for each picture only what is seen is another part.
 */
import { Panel, useReactFlow, useStoreApi } from '@xyflow/react';
import { type PointerEvent, useEffect, useRef } from 'react';
import type { Box } from '../../engine/format/layout.ts';
import { boundsOf, boxesOf, noteBox } from '../state/boxes.ts';
import type { EditorState } from '../state/state.ts';
import { useEditor } from '../ui/context.tsx';
import { painting, penOf } from './painting.ts';
import { pictured, seenIn } from './seen.ts';

/** CSS pixels. */
const SIZE = { width: 160, height: 100 };
const MARGIN = 6;
/** Milliseconds between two pictures of all nodes while they are moved. */
const PAUSE = 200;

/** From canvas pixels to those of the map. */
interface Scale {
  zoom: number;
  x: number;
  y: number;
}

function scaleFor(box: Box): Scale {
  const zoom = Math.min((SIZE.width - 2 * MARGIN) / box.width, (SIZE.height - 2 * MARGIN) / box.height);
  return { zoom, x: (SIZE.width - box.width * zoom) / 2 - box.x * zoom, y: (SIZE.height - box.height * zoom) / 2 - box.y * zoom };
}

function around(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

const scaled = (box: Box, { x, y, zoom }: Scale) => pictured(box, [x, y, zoom]);

/** Theme colours where the map stands: a canvas knows no style sheets. */
function coloursOf(element: HTMLElement) {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return { node: style.color, bad: colour('--bad'), focus: colour('--focus'), ground: colour('--ground') };
}

type Colours = ReturnType<typeof coloursOf>;

function paintNodes(pen: CanvasRenderingContext2D, { nodes, notes }: EditorState, scale: Scale, colours: Colours): void {
  const paint = (box: Box, { isSelected = false, isBad = false, isRoom = false }) => {
    const colour = isSelected ? colours.focus : isBad ? colours.bad : colours.node;
    pen.globalAlpha = isSelected || isBad ? 1 : 0.45;
    pen.fillStyle = colour;
    pen.strokeStyle = colour;
    if (isRoom) pen.strokeRect(...scaled(box, scale));
    else pen.fillRect(...scaled(box, scale));
  };
  for (const note of notes) paint(noteBox(note), { isSelected: note.selected === true, isRoom: true });
  const boxes = boxesOf(nodes);
  for (const [index, { hidden, selected, data }] of nodes.entries()) {
    const box = boxes[index];
    if (box && !hidden) paint(box, { isSelected: selected === true, isBad: data.card.errors > 0, isRoom: data.frame !== undefined });
  }
}

function paintView(pen: CanvasRenderingContext2D, view: Box, scale: Scale, colours: Colours): void {
  const box = scaled(view, scale);
  pen.globalAlpha = 0.6;
  pen.fillStyle = colours.ground;
  pen.beginPath();
  pen.rect(0, 0, SIZE.width, SIZE.height);
  pen.rect(...box);
  pen.fill('evenodd');
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.node;
  pen.strokeRect(...box);
}

export function OverviewMap() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = useRef<Scale | undefined>(undefined);
  const store = useStoreApi();
  const flow = useReactFlow();
  const editor = useEditor();

  useEffect(() => {
    // Asking for styles while the page is being drawn makes it reckon them all at once.
    let colours: Colours | undefined;
    /** All nodes, as large as the map has room for. */
    const layer = document.createElement('canvas');
    let painted: (Pick<EditorState, 'nodes' | 'notes'> & { bounds: Box; scale: Scale; at: number }) | undefined;
    let timer = 0;

    const layered = (state: EditorState, known: Colours) => {
      const { nodes, notes } = state;
      if (painted?.nodes === nodes && painted.notes === notes) return painted;
      const now = performance.now();
      if (painted && now - painted.at < PAUSE) {
        window.clearTimeout(timer);
        timer = window.setTimeout(() => map.later(), PAUSE);
        return painted;
      }
      const bounds = boundsOf(nodes, notes);
      const pen = bounds && penOf(layer, SIZE.width, SIZE.height);
      if (!bounds || !pen) return undefined;
      painted = { nodes, notes, bounds, scale: scaleFor(bounds), at: now };
      paintNodes(pen, state, painted.scale, known);
      return painted;
    };

    const paint = () => {
      if (!canvas.current) return;
      colours ??= coloursOf(canvas.current);
      const all = layered(editor.store.getState(), colours);
      const pen = penOf(canvas.current, SIZE.width, SIZE.height);
      if (!all || !pen) return;
      const view = seenIn(store.getState());
      const shown = scaleFor(around(all.bounds, view));
      const part = shown.zoom / all.scale.zoom;
      pen.drawImage(layer, shown.x - all.scale.x * part, shown.y - all.scale.y * part, SIZE.width * part, SIZE.height * part);
      paintView(pen, view, shown, colours);
      scale.current = shown;
    };

    const map = painting(store, editor, paint, () => {
      colours = undefined;
      painted = undefined;
    });
    return () => {
      window.clearTimeout(timer);
      map.stop();
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
