/** Adds a node: a list to search, as VS Code's own quick pick. */
import { useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { type EditorState, type PaletteRequest, titleOf } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import { keepTextKeysHere } from '../ui/keys.ts';
import { offer } from './palette-model.ts';
import { DraggedItem, useItemDrag } from './useItemDrag.tsx';

const optionId = (type: string) => `palette-${type}`;

function wordsFor(state: EditorState, { source, owner, edge, replace }: PaletteRequest, inside: boolean): string {
  if (replace !== undefined) return `Replace “${titleOf(state, replace)}” by`;
  if (edge) return `Insert a node between “${titleOf(state, edge.source)}” and “${titleOf(state, edge.target)}”`;
  const near = owner ?? source?.id;
  return near === undefined ? 'Add a node' : `Add a node ${inside ? 'inside' : 'after'} “${titleOf(state, near)}”`;
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
  const placeholder = useEditorState((state) => wordsFor(state, request, inside));
  const leads = request.edge !== undefined;
  const groups = useMemo(() => offer(editor.catalog, query, { leads }), [editor, query, leads]);
  const drag = useItemDrag(request.replace === undefined);
  const all = groups.flatMap((group) => group.manifests);
  const current = all[Math.min(chosen, all.length - 1)];
  const list = useRef<HTMLDivElement>(null);
  const came = useRef<Element | null>(null);

  useEffect(() => {
    came.current = document.activeElement;
  }, []);
  useEffect(() => {
    if (current) document.getElementById(optionId(current.type))?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const close = () => {
    editor.closePalette();
    if (came.current instanceof HTMLElement) came.current.focus();
  };
  const add = (type: string) => {
    const stage = list.current?.closest('.stage')?.getBoundingClientRect();
    const centre = stage ? flow.screenToFlowPosition({ x: stage.left + stage.width / 2, y: stage.top + stage.height / 2 }) : { x: 0, y: 0 };
    const { source, owner, ...rest } = request;
    const target = inside && owner !== undefined ? { owner } : source ? { source } : {};
    editor.add(type, { ...rest, ...target }, centre);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    keepTextKeysHere(event);
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && all.length > 0) setChosen((Math.min(chosen, all.length - 1) + step + all.length) % all.length);
    else if (event.key === 'Enter' && current) add(current.type);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <div className="palette-back" onPointerDown={close} />
      {drag.dragged && <DraggedItem {...drag.dragged} />}
      <div
        className={`palette${drag.dragged ? ' dragged' : ''}`}
        role="dialog"
        aria-label={request.replace === undefined ? 'Add a node' : 'Replace the node'}
      >
        <input
          // The palette is opened to type into it.
          // biome-ignore lint/a11y/noAutofocus: as in every quick pick of VS Code
          autoFocus
          className="palette-search"
          role="combobox"
          aria-label="Search node types"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={current && optionId(current.type)}
          placeholder={placeholder}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
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
        <div className="palette-list" id="palette-list" role="listbox" aria-label="Node types" ref={list}>
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: options of a listbox are grouped by this role, not by a fieldset
            <div key={group.category} role="group" aria-label={group.category}>
              <div className="palette-category" aria-hidden="true">
                {group.category}
              </div>
              {group.manifests.map((manifest) => (
                // biome-ignore lint/a11y/useFocusableInteractive: the search field keeps the focus and names the active option
                // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the search field does the same
                <div
                  key={manifest.type}
                  id={optionId(manifest.type)}
                  role="option"
                  aria-selected={manifest === current}
                  className={`palette-item${manifest === current ? ' current' : ''}`}
                  onClick={() => add(manifest.type)}
                  onPointerDown={(event) => drag.start(event, manifest)}
                  onPointerMove={() => setChosen(all.indexOf(manifest))}
                >
                  <Icon name={manifest.icon} />
                  <span className="palette-name">{manifest.title}</span>
                  <span className="palette-about">{manifest.description}</span>
                </div>
              ))}
            </div>
          ))}
          {all.length === 0 && <p className="palette-none">No node type matches “{query}”.</p>}
        </div>
      </div>
    </>
  );
}
