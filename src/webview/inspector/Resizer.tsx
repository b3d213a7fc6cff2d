/** The border between canvas and inspector, to be dragged or moved by arrow keys. */
import type { KeyboardEvent, PointerEvent } from 'react';
import { useEditor, useEditorState } from '../ui/context.tsx';

/** CSS pixels. */
const LEAST = 260;
const MOST = 720;
const STEP = 20;

const within = (width: number): number => Math.round(Math.min(MOST, Math.max(LEAST, width)));

export function Resizer() {
  const editor = useEditor();
  const width = useEditorState((state) => state.inspector.width);
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const handle = event.currentTarget;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => editor.setInspector({ width: within(width + from - moved.clientX) });
    const done = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('lostpointercapture', done);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', done);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowLeft' ? STEP : event.key === 'ArrowRight' ? -STEP : 0;
    if (step === 0) return;
    event.preventDefault();
    editor.setInspector({ width: within(width + step) });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be focused and moved
    <div
      className="resizer"
      role="separator"
      aria-label="Width of the inspector"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
