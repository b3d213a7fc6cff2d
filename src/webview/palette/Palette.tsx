/** Adds a node, or moves some: a list to search, as VS Code's own quick pick. */
import { useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Editor } from '../state/editor-api.ts';
import { count } from '../state/format.ts';
import { type EditorState, type PaletteRequest, titleOf } from '../state/state.ts';
import { PickField, PickOption, pickList } from '../ui/combobox.tsx';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { offer, type PaletteGroup, ranked } from './palette-model.ts';
import { DraggedItem, useItemDrag } from './useItemDrag.tsx';

/** What is asked for: what the field says, and what screen readers call the dialog. */
function wordsFor(state: EditorState, request: PaletteRequest, inside: boolean): { prompt: string; label: string; search: string } {
  const { source, owner, edge, replace, body } = request;
  const nodes = count(state.selection.length, 'node', 'nodes');
  const types = 'Search node types';
  if (body === 'new') return { prompt: `Wrap ${nodes} in`, label: 'Wrap in a body', search: types };
  if (body === 'other') return { prompt: `Move ${nodes} into the body of`, label: 'Move into a body', search: 'Search bodies' };
  if (replace !== undefined) return { prompt: `Replace “${titleOf(state, replace)}” by`, label: 'Replace the node', search: types };
  const near = owner ?? source?.id;
  const where = edge
    ? `Insert a node between “${titleOf(state, edge.source)}” and “${titleOf(state, edge.target)}”`
    : near === undefined
      ? 'Add a node'
      : `Add a node ${inside ? 'inside' : 'after'} “${titleOf(state, near)}”`;
  return { prompt: where, label: 'Add a node', search: types };
}

function groupsFor(editor: Editor, { body, edge }: PaletteRequest, query: string): PaletteGroup[] {
  if (body !== 'other') return offer(editor.catalog, query, { leads: edge !== undefined, bodies: body === 'new' });
  const rows = editor.bodies().map(({ within, ...item }) => ({
    group: 'Bodies',
    name: `${item.title} ${item.id}`,
    item: { ...item, about: within === '' ? item.id : `${item.id}, in “${within}”` },
  }));
  return ranked(rows, query);
}

export function Palette() {
  const request = useEditorState((state) => state.palette);
  return request && <OpenPalette request={request} />;
}

function OpenPalette({ request }: { request: PaletteRequest }) {
  const editor = useEditor();
  const flow = useReactFlow();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  /** Behind a frame or into its body: the person chooses where both are meant. */
  const [inside, setInside] = useState(request.owner !== undefined);
  const state = editor.store.getState();
  const { prompt, label, search } = wordsFor(state, request, inside);
  const groups = useMemo(() => groupsFor(editor, request, query), [editor, request, query]);
  const drag = useItemDrag(request.replace === undefined && request.body === undefined);
  const all = groups.flatMap((group) => group.items);
  const current = all[Math.min(chosen, all.length - 1)];
  const list = useRef<HTMLDivElement>(null);
  const came = useRef<Element | null>(null);

  useEffect(() => {
    came.current = document.activeElement;
  }, []);

  const close = () => {
    editor.closePalette();
    if (came.current instanceof HTMLElement) came.current.focus();
  };
  const take = (id: string) => {
    if (request.body === 'other') {
      editor.moveInto(id);
      return;
    }
    const stage = list.current?.closest('.stage')?.getBoundingClientRect();
    const centre = stage ? flow.screenToFlowPosition({ x: stage.left + stage.width / 2, y: stage.top + stage.height / 2 }) : { x: 0, y: 0 };
    const { source, owner, ...rest } = request;
    const target = inside && owner !== undefined ? { owner } : source ? { source } : {};
    editor.add(id, { ...rest, ...target }, centre);
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && all.length > 0) setChosen((Math.min(chosen, all.length - 1) + step + all.length) % all.length);
    else if (event.key === 'Enter' && current) take(current.id);
    else if (event.key === 'Escape') close();
    else return false;
    return true;
  };

  return (
    <>
      <div className="palette-back" onPointerDown={close} />
      {drag.dragged && <DraggedItem {...drag.dragged} />}
      <div className={`palette${drag.dragged ? ' dragged' : ''}`} role="dialog" aria-label={label}>
        <PickField
          list="palette"
          label={search}
          placeholder={prompt}
          value={query}
          current={current?.id}
          onType={(text) => {
            setQuery(text);
            setChosen(0);
          }}
          onKey={onKey}
        />
        {request.owner !== undefined && request.source && (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a frame of its own
          <div className="segments" role="group" aria-label="Where">
            <button type="button" className="segment" aria-pressed={inside} onClick={() => setInside(true)}>
              Inside
            </button>
            <button type="button" className="segment" aria-pressed={!inside} onClick={() => setInside(false)}>
              After it
            </button>
          </div>
        )}
        <div className="palette-list" ref={list} {...pickList('palette', request.body === 'other' ? 'Bodies' : 'Node types')}>
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: options of a listbox are grouped by this role, not by a fieldset
            <div key={group.title} role="group" aria-label={group.title}>
              <div className="palette-category" aria-hidden="true">
                {group.title}
              </div>
              {group.items.map((item) => (
                <PickOption
                  key={item.id}
                  list="palette"
                  item={item}
                  current={item === current}
                  onClick={() => take(item.id)}
                  onPointerDown={(event) => drag.start(event, item)}
                  onPointerMove={() => setChosen(all.indexOf(item))}
                />
              ))}
            </div>
          ))}
          {all.length === 0 && <p className="palette-none">Nothing here matches “{query}”.</p>}
        </div>
      </div>
    </>
  );
}
