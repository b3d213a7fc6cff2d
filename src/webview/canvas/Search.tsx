/** Looking for nodes, at the place of VS Code's own find widget. With nothing typed it lists all of them: the outline. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { findIn, type Hit } from '../state/search.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon, IconButton } from '../ui/elements.tsx';
import { keepTextKeysHere } from '../ui/keys.ts';
import { focusNode } from './focus.ts';

const optionId = (id: string) => `hit-${id}`;
/** More are not shown in the list; the keys go on to them. */
const MOST_SHOWN = 200;

/** The nodes that are found; undefined while nothing is looked for. */
export function useHits(): readonly Hit[] | undefined {
  const editor = useEditor();
  const flow = useEditorState((state) => state.flow);
  const query = useEditorState((state) => state.search);
  return useMemo(() => (flow && query !== null ? findIn(flow, editor.catalog, query) : undefined), [flow, query, editor]);
}

export function Search() {
  return useEditorState((state) => state.search !== null) && <OpenSearch />;
}

function OpenSearch() {
  const editor = useEditor();
  const query = useEditorState((state) => state.search ?? '');
  const selection = useEditorState((state) => state.selection);
  const hits = useHits() ?? [];
  const [at, setAt] = useState(-1);
  const panel = useRef<HTMLElement>(null);
  const current = hits[at]?.id === selection[0] ? hits[at] : undefined;
  useEffect(() => {
    if (current) document.getElementById(optionId(current.id))?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const close = () => {
    const id = editor.store.getState().selection[0];
    const frame = panel.current?.closest('.stage')?.querySelector<HTMLElement>('.canvas') ?? null;
    editor.search(null);
    if (id !== undefined) focusNode(frame, id);
    else frame?.focus();
  };
  const go = (step: 1 | -1) => {
    if (hits.length === 0) return;
    // From where the person is: a node chosen on the canvas in between counts.
    const here = hits.findIndex(({ id }) => id === selection[0]);
    const from = here >= 0 && at >= 0 ? here : step === 1 ? -1 : 0;
    show((from + step + hits.length) % hits.length);
  };
  const show = (index: number) => {
    setAt(index);
    const hit = hits[index];
    if (hit) editor.reveal(hit.id, 'nowhere');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    keepTextKeysHere(event);
    const isFind = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f';
    if (event.key === 'Enter' || event.key === 'F3') go(event.shiftKey ? -1 : 1);
    else if (event.key === 'ArrowDown') go(1);
    else if (event.key === 'ArrowUp') go(-1);
    else if (event.key === 'Escape') close();
    else if (!isFind) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const place = current ? `${at + 1} of ${hits.length}` : hits.length === 0 ? 'No results' : `${hits.length} found`;
  return (
    <search className="search" ref={panel}>
      <div className="search-bar">
        <input
          // Opened to be typed into, as the find widget.
          // biome-ignore lint/a11y/noAutofocus: as VS Code's own find widget
          autoFocus
          className="search-field"
          role="combobox"
          aria-label="Find nodes"
          aria-expanded="true"
          aria-controls="search-hits"
          aria-activedescendant={current && optionId(current.id)}
          placeholder="Find: title, id, type, text"
          value={query}
          onChange={(event) => {
            setAt(-1);
            editor.search(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
        <span className="search-place" role="status">
          {place}
        </span>
        <IconButton icon="arrow-up" label="Hit before (Shift+Enter)" onClick={() => go(-1)} disabled={hits.length === 0} />
        <IconButton icon="arrow-down" label="Next hit (Enter)" onClick={() => go(1)} disabled={hits.length === 0} />
        <IconButton icon="close" label="Close (Escape)" onClick={close} />
      </div>
      <div className="search-hits" id="search-hits" role="listbox" aria-label="Nodes">
        {hits.slice(0, MOST_SHOWN).map((hit, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the search field keeps the focus and names the active option
          // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the search field does the same
          <div
            key={hit.id}
            id={optionId(hit.id)}
            role="option"
            aria-selected={hit === current}
            className={`search-hit${hit === current ? ' current' : ''}`}
            style={{ paddingLeft: 8 + hit.depth * 16 }}
            onClick={() => show(index)}
          >
            <Icon name={hit.icon} />
            <span className="search-title">{hit.title}</span>
            <span className="search-found">{hit.found || hit.id}</span>
          </div>
        ))}
      </div>
    </search>
  );
}
