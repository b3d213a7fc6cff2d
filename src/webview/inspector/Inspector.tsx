/** The panel beside the graph: what is selected, to be configured, and how it went in the run. */
import { type KeyboardEvent, useId } from 'react';
import { locateNode } from '../../engine/format/graph.ts';
import type { InspectorTab } from '../state/state.ts';
import { selectedNode } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { RunOverview, RunPanel, SelectionPanel } from '../ui/later.tsx';
import { FlowPanel } from './FlowPanel.tsx';
import { INSPECTOR_ID } from './focus.ts';
import { NodePanel } from './NodePanel.tsx';

const TABS: readonly { tab: InspectorTab; label: string }[] = [
  { tab: 'configure', label: 'Configure' },
  { tab: 'run', label: 'Run' },
];

function Tabs({ current, panel }: { current: InspectorTab; panel: string }) {
  const editor = useEditor();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    const tab = current === 'run' ? 'configure' : 'run';
    editor.setInspector({ tab });
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${tab}"]`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Inspector" onKeyDown={onKeyDown}>
      {TABS.map(({ tab, label }) => (
        <button
          key={tab}
          type="button"
          role="tab"
          className="tab"
          data-tab={tab}
          aria-selected={tab === current}
          aria-controls={panel}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => editor.setInspector({ tab })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Content({ tab }: { tab: InspectorTab }) {
  const several = useEditorState((state) => state.selection.length > 1);
  const id = useEditorState(selectedNode);
  const exists = useEditorState((state) => id !== undefined && state.flow !== null && locateNode(state.flow, id) !== undefined);
  if (several) return <SelectionPanel />;
  if (id !== undefined && exists) return tab === 'run' ? <RunPanel key={id} id={id} /> : <NodePanel key={id} id={id} />;
  return tab === 'run' ? <RunOverview /> : <FlowPanel />;
}

export function Inspector() {
  const inRun = useEditorState((state) => state.run !== null);
  const wished = useEditorState((state) => state.inspector.tab);
  const panel = useId();
  const tab = inRun ? wished : 'configure';
  return (
    <aside className="inspector" id={INSPECTOR_ID} aria-label="Inspector">
      {inRun && <Tabs current={tab} panel={panel} />}
      {inRun ? (
        <div className="inspector-content" id={panel} role="tabpanel" aria-label={tab === 'run' ? 'Run' : 'Configure'}>
          <Content tab={tab} />
        </div>
      ) : (
        <div className="inspector-content" id={panel}>
          <Content tab={tab} />
        </div>
      )}
    </aside>
  );
}
