/** The whole run, when no node is selected: what it was given, what it asks, how each step went. */
import { useMemo } from 'react';
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import { openSignals } from '../../engine/run/view.ts';
import { clockText, spanText } from '../state/format.ts';
import { inRunOrder, nameOf } from '../state/names.ts';
import { viewOf } from '../state/passes.ts';
import { STATE_ICONS, STATE_WORDS } from '../state/run.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import { ErrorView } from './ErrorView.tsx';
import { Question } from './Question.tsx';
import { ValueView } from './ValueView.tsx';

function StepLine({ id, depth }: { id: string; depth: number }) {
  const editor = useEditor();
  const title = useEditorState((state) => nameOf(state, id));
  const view = useEditorState((it) => viewOf(it, id));
  const state = view?.state ?? 'pending';
  const took = view?.startedAt !== undefined && view.finishedAt !== undefined ? spanText(view.finishedAt - view.startedAt) : '';
  return (
    <li className={`step-line state-${state}`} style={{ paddingInlineStart: depth * 16 }}>
      <Icon name={STATE_ICONS[state]} className={state === 'running' ? 'spin' : ''} />
      <button type="button" className="link" onClick={() => editor.reveal(id, 'canvas')}>
        {title}
      </button>
      <span className="toolbar-space" />
      <span>{took || STATE_WORDS[state]}</span>
    </li>
  );
}

/** A flow that declares no outputs has none to show. */
function hasOutputs(outputs: Json | undefined): outputs is Json {
  return outputs !== undefined && outputs !== null && !(isJsonObject(outputs) && Object.keys(outputs).length === 0);
}

export function RunOverview() {
  const run = useEditorState((state) => state.run);
  const nodes = useEditorState((state) => state.nodes);
  const flow = useEditorState((state) => state.flow);
  const steps = useMemo(() => inRunOrder(nodes, flow), [nodes, flow]);
  if (!run) return null;
  const { view } = run;
  const depths = new Map<string, number>();
  for (const { id, parentId } of steps) depths.set(id, parentId === undefined ? 0 : (depths.get(parentId) ?? 0) + 1);
  return (
    <>
      <h2 className="panel-title">Run</h2>
      <p className="field-about">
        Started {clockText(view.createdAt)}, <code>{run.id}</code>
      </p>
      {view.finishedAt === undefined &&
        !run.past &&
        openSignals(view).map((signal) => <Question key={signal.key} runId={run.id} signal={signal} />)}
      {view.error && <ErrorView error={view.error} />}
      <ul className="step-lines">
        {steps.map((node) => (
          <StepLine key={node.id} id={node.id} depth={depths.get(node.id) ?? 0} />
        ))}
      </ul>
      {Object.keys(view.inputs).length > 0 && <ValueView title="Inputs" value={view.inputs} />}
      {hasOutputs(view.outputs) && <ValueView title="Outputs" value={view.outputs} />}
    </>
  );
}
