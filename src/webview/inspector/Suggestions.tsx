/** The list under a field from which its text can be completed. */
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Suggester, Suggestion } from './suggestions.ts';
import type { Draft } from './useDraft.ts';

/** No more lines are offered. */
const MOST = 50;

interface Offered {
  items: readonly Suggestion[];
  index: number;
}

export interface Completion {
  offered: Offered | undefined;
  /** True: the key was for the list. */
  onKeyDown(event: KeyboardEvent): boolean;
  onFocus(): void;
  close(): void;
  pick(item: Suggestion): void;
}

/** `box` is around the field. */
export function useCompletion(suggester: Suggester | undefined, draft: Draft, box: RefObject<HTMLElement | null>): Completion {
  const [offered, setOffered] = useState<Offered>();
  const asked = useRef(0);
  const field = () => box.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>('.control');

  const close = () => {
    asked.current += 1;
    setOffered(undefined);
  };
  const offer = () => {
    const input = field();
    if (!suggester || !input) return;
    asked.current += 1;
    const turn = asked.current;
    void suggester.suggest(input.value, input.selectionStart ?? input.value.length).then((items) => {
      if (turn !== asked.current) return;
      setOffered(items.length === 0 ? undefined : { items: items.slice(0, MOST), index: 0 });
    });
  };
  const pick = ({ text, from, to, caret = text.length, goesOn }: Suggestion) => {
    const input = field();
    if (!input) return;
    // At once, so that what is typed next comes behind it.
    flushSync(() => {
      draft.onInput(input.value.slice(0, from) + text + input.value.slice(to));
      close();
    });
    field()?.setSelectionRange(from + caret, from + caret);
    if (goesOn) offer();
  };

  // Typing is what asks; taking a suggestion is none.
  const typed = draft.typed;
  const newest = useRef(offer);
  newest.current = offer;
  useEffect(() => {
    if (typed > 0) newest.current();
  }, [typed]);

  const move = (by: number) => {
    if (offered) setOffered({ ...offered, index: (offered.index + by + offered.items.length) % offered.items.length });
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const wantsList = (event.key === ' ' && event.ctrlKey) || (event.key === 'ArrowDown' && !offered && suggester?.opensAtOnce === true);
    const item = offered?.items[offered.index];
    const acts = new Map<string, () => void>(
      offered && item
        ? [
            ['ArrowDown', () => move(1)],
            ['ArrowUp', () => move(-1)],
            ['Enter', () => pick(item)],
            ['Tab', () => pick(item)],
            ['Escape', close],
          ]
        : [],
    );
    const act = suggester && wantsList ? offer : event.shiftKey || event.ctrlKey || event.metaKey ? undefined : acts.get(event.key);
    if (!act) return false;
    event.preventDefault();
    event.stopPropagation();
    act();
    return true;
  };
  return { offered, onKeyDown, onFocus: () => suggester?.opensAtOnce && offer(), close, pick };
}

export function SuggestionList({ offered, pick, label }: { offered: Offered; pick(item: Suggestion): void; label: string }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  // A field at the lower end of its pane would have its list out of sight.
  useEffect(() => {
    list.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  useEffect(() => {
    list.current?.children[offered.index]?.scrollIntoView({ block: 'nearest' });
  }, [offered.index]);
  const current = offered.items[offered.index];
  return (
    <>
      <div className="suggestions" role="listbox" aria-label={`${label}: suggestions`} ref={list} id={id} tabIndex={-1}>
        {offered.items.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={`${item.label} ${item.text}`}
            role="option"
            aria-selected={index === offered.index}
            className="suggestion"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(item)}
          >
            <span className="suggestion-label">{item.label}</span>
            <span className="suggestion-about">{item.about}</span>
          </div>
        ))}
      </div>
      <p className="visually-hidden" role="status">
        {current && `${current.label} ${current.about}, ${offered.index + 1} of ${offered.items.length}`}
      </p>
    </>
  );
}
