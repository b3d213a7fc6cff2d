/** The whole editor: toolbar, banners, canvas, inspector, palette. */
import { ReactFlowProvider } from '@xyflow/react';
import type { CSSProperties } from 'react';
import { Banners } from './canvas/Banners.tsx';
import { Canvas } from './canvas/Canvas.tsx';
import { EmptyFlow } from './canvas/EmptyFlow.tsx';
import { RunBanner } from './canvas/RunBanner.tsx';
import { Toolbar } from './canvas/Toolbar.tsx';
import { Inspector } from './inspector/Inspector.tsx';
import { Resizer } from './inspector/Resizer.tsx';
import { Palette } from './palette/Palette.tsx';
import { isBlank } from './state/state.ts';
import { useEditorState } from './ui/context.tsx';
import { Search, ShortcutSheet, Timeline } from './ui/later.tsx';

export function App() {
  const ready = useEditorState((state) => state.document !== null);
  const hasFlow = useEditorState((state) => state.flow !== null);
  const empty = useEditorState((state) => isBlank(state) || (state.flow !== null && state.nodes.length + state.notes.length === 0));
  const { open, width } = useEditorState((state) => state.inspector);
  const announcement = useEditorState((state) => state.announcement);
  const run = useEditorState((state) => state.run);
  const inTime = useEditorState((state) => state.timeline && (state.run?.past?.now ?? state.run?.view)?.finishedAt !== undefined);
  const looking = useEditorState((state) => state.search !== null);
  const sheet = useEditorState((state) => state.sheet);
  if (!ready) return <p className="loading">Opening the flow…</p>;
  return (
    <ReactFlowProvider>
      <main className={`editor${run?.past ? ' is-past' : ''}`}>
        <Toolbar />
        <RunBanner />
        <Banners />
        <div className={`panes${open ? '' : ' closed'}`} style={{ '--inspector-width': `${width}px` } as CSSProperties}>
          <div className="stage">
            {hasFlow && !empty && <Canvas />}
            {empty && <EmptyFlow />}
            {hasFlow && looking && <Search />}
            <Palette />
            {sheet && <ShortcutSheet />}
          </div>
          {open && hasFlow && (
            <>
              <Resizer />
              <Inspector />
            </>
          )}
        </div>
        {inTime && run && <Timeline key={run.id} run={run} />}
        <p className="visually-hidden" role="status" aria-live="polite">
          {announcement}
        </p>
      </main>
    </ReactFlowProvider>
  );
}
