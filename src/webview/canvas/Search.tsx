/** Looking for nodes, at the place of VS Code's own find widget. With nothing typed it lists all of them: the outline. */
import { type KeyboardEvent, useRef, useState } from 'react';
import { PickField, PickOption, pickList } from '../ui/combobox.tsx';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';
import { focusNode } from './focus.ts';
import { useHits } from './useHits.ts';

/** More are not shown in the list; the keys go on to them. */
const MOST_SHOWN = 200;

export function Search() {
  const editor = useEditor();
  const query = useEditorState((state) => state.search ?? '');
  const selection = useEditorState((state) => state.selection);
  const hits = useHits() ?? [];
  const [at, setAt] = useState(-1);
  const panel = useRef<HTMLElement>(null);
  const current = hits[at]?.id === selection[0] ? hits[at] : undefined;

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
  const onKey = (event: KeyboardEvent): boolean => {
    const isFind = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f';
    if (event.key === 'Enter' || event.key === 'F3') go(event.shiftKey ? -1 : 1);
    else if (event.key === 'ArrowDown') go(1);
    else if (event.key === 'ArrowUp') go(-1);
    else if (event.key === 'Escape') close();
    else return isFind;
    return true;
  };
  const place = current ? `${at + 1} of ${hits.length}` : hits.length === 0 ? 'No results' : `${hits.length} found`;
  return (
    <search className="search" ref={panel}>
      <div className="search-bar">
        <PickField
          list="hit"
          label="Find nodes"
          placeholder="Find: title, id, type, text"
          value={query}
          current={current?.id}
          onType={(text) => {
            setAt(-1);
            editor.search(text);
          }}
          onKey={onKey}
        />
        <span className="search-place" role="status">
          {place}
        </span>
        <IconButton icon="arrow-up" label="Hit before (Shift+Enter)" onClick={() => go(-1)} disabled={hits.length === 0} />
        <IconButton icon="arrow-down" label="Next hit (Enter)" onClick={() => go(1)} disabled={hits.length === 0} />
        <IconButton icon="close" label="Close (Escape)" onClick={close} />
      </div>
      <div className="search-hits" {...pickList('hit', 'Nodes')}>
        {hits.slice(0, MOST_SHOWN).map((hit, index) => (
          <PickOption
            key={hit.id}
            list="hit"
            item={{ id: hit.id, icon: hit.icon, title: hit.title, about: hit.found || hit.id }}
            current={hit === current}
            style={{ paddingLeft: 8 + hit.depth * 16 }}
            onClick={() => show(index)}
          />
        ))}
      </div>
    </search>
  );
}
