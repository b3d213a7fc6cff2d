/** The inspector's own element, by which focus finds it. */
export const INSPECTOR_ID = 'inspector';

/** Puts the focus into the first field of the inspector, as soon as it is drawn. */
export function focusInspector(): void {
  window.requestAnimationFrame(() => {
    const inspector = document.getElementById(INSPECTOR_ID);
    const first = inspector?.querySelector<HTMLElement>('input, textarea, select, button');
    first?.focus();
  });
}
