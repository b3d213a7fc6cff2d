/** Where the pointer is, for mouse and touch alike. */
export function pointOf(event: Pick<MouseEvent, 'clientX' | 'clientY'> | Pick<TouchEvent, 'changedTouches'>): { x: number; y: number } {
  const point = 'changedTouches' in event ? event.changedTouches[0] : event;
  return { x: point?.clientX ?? 0, y: point?.clientY ?? 0 };
}
