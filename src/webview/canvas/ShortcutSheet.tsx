/** Every key of the canvas, from the table that the canvas itself uses. */
import { Fragment, type KeyboardEvent, useEffect, useRef } from 'react';
import { useEditor } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';
import { ACTIONS, type Action, GROUPS } from './actions.ts';

const IS_MAC = navigator.userAgent.includes('Mac');
const NAMES: Readonly<Record<string, string>> = {
  mod: IS_MAC ? '⌘' : 'Ctrl',
  alt: IS_MAC ? '⌥' : 'Alt',
  shift: IS_MAC ? '⇧' : 'Shift',
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  ' ': 'Space',
  enter: 'Enter',
  escape: 'Esc',
  delete: 'Delete',
  backspace: 'Backspace',
};

/** `mod+shift+d` → `Ctrl`, `Shift`, `D`. The key itself may be a plus. */
function capsOf(chord: string): string[] {
  const parts = chord.endsWith('+') ? [...chord.slice(0, -1).split('+'), '+'] : chord.split('+');
  return parts.filter((part) => part !== '').map((part) => NAMES[part] ?? part.toUpperCase());
}

function Chord({ chord }: { chord: string }) {
  return (
    <span className="chord">
      {capsOf(chord).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}

/** The four arrows are one entry. */
function Keys({ action }: { action: Action }) {
  const arrows = action.keys.length === 4 && action.keys.every((key) => key.includes('arrow'));
  const [first] = action.keys;
  if (arrows && first !== undefined) {
    return (
      <span className="chord">
        {capsOf(first)
          .slice(0, -1)
          .map((cap) => (
            <kbd key={cap}>{cap}</kbd>
          ))}
        <kbd>← → ↑ ↓</kbd>
      </span>
    );
  }
  return action.keys.map((key, index) => (
    <Fragment key={key}>
      {index > 0 && <span className="or">or</span>}
      <Chord chord={key} />
    </Fragment>
  ));
}

export function ShortcutSheet() {
  const editor = useEditor();
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const came = document.activeElement;
    sheet.current?.focus();
    return () => {
      if (came instanceof HTMLElement) came.focus();
    };
  }, []);
  const close = () => editor.showSheet(false);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' && event.key !== '?') return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  return (
    <>
      <div className="palette-back" onPointerDown={close} />
      <div className="sheet" role="dialog" aria-label="Keys of the graph" onKeyDown={onKeyDown}>
        <header className="sheet-head">
          <h2>Keys of the graph</h2>
          <IconButton icon="close" label="Close" onClick={close} />
        </header>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be scrolled by keys too */}
        <div className="sheet-groups" tabIndex={0} ref={sheet}>
          {GROUPS.map((group) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {ACTIONS.filter((action) => action.group === group && action.keys.length > 0).map((action) => (
                  <div key={action.id} className="sheet-row">
                    <dt>{action.title}</dt>
                    <dd>
                      <Keys action={action} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </>
  );
}
