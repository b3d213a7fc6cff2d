import type { useStoreApi } from '@xyflow/react';
import type { Editor } from '../state/editor-api.ts';
import { isViewMoved } from './seen.ts';

type FlowStore = Pick<ReturnType<typeof useStoreApi>, 'subscribe'>;

export interface Painting {
  /** Paints with the next picture. */
  later(): void;
  stop(): void;
}

/**
 * Paints the flow once for each picture in which it, its run, the view of it or the theme is another one.
 * @param rethemed what is known of the style sheet is over
 */
export function painting(store: FlowStore, editor: Editor, paint: () => void, rethemed: () => void): Painting {
  let request = 0;
  const later = () => {
    request ||= window.requestAnimationFrame(() => {
      request = 0;
      paint();
    });
  };
  // Another theme is another class of the body.
  const themes = new MutationObserver(() => {
    rethemed();
    later();
  });
  themes.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  const stops = [
    store.subscribe((now, before) => {
      if (isViewMoved(now, before)) later();
    }),
    editor.store.subscribe((now, before) => {
      const keys = ['nodes', 'notes', 'edges', 'run', 'passes', 'direction'] as const;
      if (keys.some((key) => now[key] !== before[key])) later();
    }),
  ];
  later();
  return {
    later,
    stop() {
      window.cancelAnimationFrame(request);
      themes.disconnect();
      for (const stop of stops) stop();
    },
  };
}

/** The pen of a canvas of this many CSS pixels, empty, at the density of the screen. */
export function penOf(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const density = window.devicePixelRatio;
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const pen = canvas.getContext('2d');
  pen?.setTransform(density, 0, 0, density, 0, 0);
  pen?.clearRect(0, 0, width, height);
  return pen;
}
