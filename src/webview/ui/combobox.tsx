/** A field above a list, as VS Code's quick pick and find widget have it: the field keeps the focus, and names the active option. */
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useEffect } from 'react';
import { Icon } from './elements.tsx';
import { keepTextKeysHere } from './keys.ts';

export interface PickItem {
  id: string;
  /** Name of a codicon. */
  icon: string;
  title: string;
  about: string;
}

const optionId = (list: string, id: string) => `${list}-${id}`;
const listId = (list: string) => `${list}-list`;

interface FieldProps {
  /** Names the list: its options and its element are called after it. */
  list: string;
  label: string;
  placeholder: string;
  value: string;
  /** The active option. */
  current: string | undefined;
  onType(text: string): void;
  /** True: the key is used up. */
  onKey(event: KeyboardEvent): boolean;
}

export function PickField({ list, label, placeholder, value, current, onType, onKey }: FieldProps) {
  useEffect(() => {
    if (current !== undefined) document.getElementById(optionId(list, current))?.scrollIntoView({ block: 'nearest' });
  }, [list, current]);
  return (
    <input
      // Opened to be typed into.
      // biome-ignore lint/a11y/noAutofocus: as in every quick pick of VS Code
      autoFocus
      className="pick-field"
      role="combobox"
      aria-label={label}
      aria-expanded="true"
      aria-controls={listId(list)}
      aria-activedescendant={current === undefined ? undefined : optionId(list, current)}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onType(event.target.value)}
      onKeyDown={(event) => {
        keepTextKeysHere(event);
        if (!onKey(event)) return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}

/** What the list itself needs. */
export function pickList(list: string, label: string) {
  return { id: listId(list), role: 'listbox', 'aria-label': label } as const;
}

interface OptionProps {
  list: string;
  item: PickItem;
  current: boolean;
  onClick(): void;
  onPointerDown?(event: PointerEvent): void;
  onPointerMove?(): void;
  style?: CSSProperties;
}

export function PickOption({ list, item, current, ...events }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the active option
    <div
      id={optionId(list, item.id)}
      role="option"
      aria-selected={current}
      className={`pick-option${current ? ' current' : ''}`}
      {...events}
    >
      <Icon name={item.icon} />
      <span className="pick-title">{item.title}</span>
      <span className="pick-about">{item.about}</span>
    </div>
  );
}
