/** What ran in a sub-flow: its steps with their states, and a way to its file. */

import { locateNode } from '../../engine/format/graph.ts';
import { idOf, isPass, parentOf } from '../../engine/run/paths.ts';
import type { NodeView } from '../../engine/run/view.ts';
import { spanText } from '../state/format.ts';
import { shownPass } from '../state/passes.ts';
import { STATE_ICONS, STATE_WORDS } from '../state/run.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, Icon } from '../ui/elements.tsx';
import { ErrorView } from './ErrorView.tsx';
import { ValueView } from './ValueView.tsx';

function Step({ view }: { view: NodeView }) {
  const { state, startedAt, finishedAt } = view;
  const took = startedAt !== undefined && finishedAt !== undefined ? spanText(finishedAt - startedAt) : '';
  return (
    <li>
      <details className="sub-step">
        <summary className={`step-line state-${state}`}>
          <Icon name="chevron-right" className="section-arrow" />
          <Icon name={STATE_ICONS[state]} className={state === 'running' ? 'spin' : ''} />
          <code>{idOf(view.node)}</code>
          <span className="toolbar-space" />
          <span>{state === 'succeeded' ? took : `${STATE_WORDS[state]} ${took}`}</span>
        </summary>
        <div className="section-body">
          {view.error && <ErrorView error={view.error} />}
          {view.output !== undefined && view.output !== null && <ValueView title="Output" value={view.output} />}
          {view.input !== undefined && <ValueView title="Input" value={view.input} />}
        </div>
      </details>
    </li>
  );
}

export function SubFlow({ id, path }: { id: string; path: string }) {
  const editor = useEditor();
  const run = useEditorState((state) => state.run);
  const pass = useEditorState((state) => shownPass(state, path));
  const flow = useEditorState((state) => state.flow && locateNode(state.flow, id)?.node.with?.flow);
  if (!run) return null;
  const own = pass && run.view.nodes[pass.path];
  const steps = pass ? Object.values(run.view.nodes).filter(({ node }) => !isPass(node) && parentOf(node) === pass.path) : [];
  return (
    <section className="value" aria-label="Steps of the sub-flow">
      <div className="value-head">
        <h3>{own?.title || 'Sub-flow'}</h3>
        <span className="toolbar-space" />
        {typeof flow === 'string' && (
          <Button
            secondary
            icon="go-to-file"
            onClick={() => editor.post({ type: 'openSubFlow', flow, ...(pass ? { pass: pass.path } : {}) })}
            name="open-sub-flow"
          >
            Open Sub-flow
          </Button>
        )}
      </div>
      {steps.length > 0 && (
        <ul className="step-lines">
          {steps.map((view) => (
            <Step key={view.node} view={view} />
          ))}
        </ul>
      )}
    </section>
  );
}
