/** A node on the canvas: a compact card that says what the step is, what it does to the world, and how it went. */
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { memo } from 'react';
import type { OutletSpec } from '../../engine/format/manifest.ts';
import type { NodeView } from '../../engine/run/view.ts';
import { runningText, spanText } from '../state/format.ts';
import type { CanvasNode, NodeCard } from '../state/graph-model.ts';
import { isRecorded, questionOf, STATE_ICONS, STATE_WORDS } from '../state/run.ts';
import { useEditorState, useNow } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import { NodeQuestion } from './NodeQuestion.tsx';

function Badges({ card }: { card: NodeCard }) {
  const problems = card.errors + card.warnings;
  return (
    <span className="card-badges">
      {card.effect === 'irreversible' && (
        <Badge icon="warning" tone="hazard" title="Irreversible: what this step does cannot be taken back." />
      )}
      {card.effect === 'write' && <Badge icon="edit" title="Writes: this step changes files or state." />}
      {card.gated && <Badge icon="lock" title="Gate: a person is asked before this step runs." />}
      {problems > 0 && (
        <span className={`badge problem ${card.errors > 0 ? 'error' : 'warning'}`} title={card.problems}>
          <Icon name={card.errors > 0 ? 'error' : 'warning'} />
          {problems}
        </span>
      )}
    </span>
  );
}

function Badge({ icon, title, tone }: { icon: string; title: string; tone?: string }) {
  return (
    <span className={`badge ${tone ?? ''}`} title={title}>
      <Icon name={icon} />
    </span>
  );
}

/** How long the step has been at it, or how long it took. */
function Elapsed({ view }: { view: NodeView }) {
  const active = view.state === 'running' || view.state === 'waiting' || view.state === 'awaiting';
  const now = useNow(active);
  if (view.startedAt === undefined) return null;
  if (active) return runningText(now - view.startedAt);
  return view.finishedAt === undefined ? null : spanText(view.finishedAt - view.startedAt);
}

/** The state in the run, in the card's lower left corner. */
function RunState({ view }: { view: NodeView }) {
  if (view.state === 'pending') return null;
  const attempts = view.attempts.reduce((most, attempt) => Math.max(most, attempt.attempt), 0);
  const words = view.state === 'awaiting' ? 'needs you' : STATE_WORDS[view.state];
  return (
    <span className={`card-state state-${view.state}`}>
      <Icon name={STATE_ICONS[view.state]} className={view.state === 'running' ? 'spin' : ''} />
      <span className="card-state-words">
        {view.state === 'succeeded' ? '' : `${words} `}
        {view.state !== 'skipped' && <Elapsed view={view} />}
      </span>
      {attempts > 1 && <span title={`${attempts} attempts`}>×{attempts}</span>}
      {isRecorded(view) && (
        <span className="pill" title="This reply comes from a recording, not from a model.">
          recorded
        </span>
      )}
    </span>
  );
}

function Outlet({ outlet, taken, connectable }: { outlet: OutletSpec; taken: boolean; connectable: boolean }) {
  const failure = outlet.name === 'failure';
  return (
    <div className={`outlet tone-${outlet.tone}${failure ? ' failure' : ''}${taken ? ' taken' : ''}`} data-outlet={outlet.name}>
      <span className="outlet-label">{outlet.label}</span>
      <Handle
        type="source"
        position={Position.Right}
        id={outlet.name}
        isConnectable={connectable}
        title={`Drag to connect “${outlet.label}”`}
      />
    </div>
  );
}

export const StepNode = memo(function StepNode({ id, data: { card }, selected, isConnectable }: NodeProps<CanvasNode>) {
  const view = useEditorState((state) => state.run?.view.nodes[id]);
  const runId = useEditorState((state) => state.run?.id);
  const inRun = runId !== undefined;
  const state = view?.state ?? (inRun ? 'pending' : 'none');
  const question = useEditorState((editor) => (editor.run && state === 'awaiting' ? questionOf(editor.run.view, id) : undefined));
  const classes = ['card', `is-${state}`, selected ? 'selected' : '', card.disabled ? 'disabled' : '', card.runnable ? '' : 'not-built'];
  return (
    <div className={classes.join(' ')}>
      <Handle
        type="target"
        position={Position.Left}
        isConnectable={isConnectable}
        className={card.entered ? 'entered' : ''}
        title="Entry: drop a connection here"
      />
      {card.join !== '' && (
        <span
          className="join"
          title={card.join === 'any' ? 'Starts with the first edge that arrives.' : `Starts with a quorum of edges: ${card.join}.`}
        >
          {card.join}
        </span>
      )}
      <div className="card-body">
        <div className="card-head">
          <Icon name={card.icon} className="card-icon" />
          <span className="card-title" title={card.title}>
            {card.title}
          </span>
          <Badges card={card} />
        </div>
        <div className="card-summary" title={card.summary}>
          {card.disabled
            ? 'Disabled: passes through'
            : card.runnable
              ? card.summary || card.typeTitle
              : `${card.typeTitle}: cannot be run yet`}
        </div>
        <div className="card-foot">
          <div className="card-facts">
            <span className="card-id">{card.id}</span>
            {view && <RunState view={view} />}
          </div>
          <div className="card-outlets">
            {card.outlets.map((outlet) => (
              <Outlet key={outlet.name} outlet={outlet} taken={view?.outlet === outlet.name} connectable={isConnectable} />
            ))}
          </div>
        </div>
      </div>
      {question && runId !== undefined && <NodeQuestion runId={runId} signal={question} />}
    </div>
  );
});
