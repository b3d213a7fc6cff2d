/** A node on the canvas: a compact card that says what the step is, what it does to the world, and how it went. */
import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { count } from '../state/format.ts';
import type { CanvasNode } from '../state/graph-model.ts';
import { Icon } from '../ui/elements.tsx';
import { Badges, Entry, Fold, menuOf, Outlet, RunState, summaryText } from './card-parts.tsx';
import { NodeQuestion } from './NodeQuestion.tsx';
import { useNodeRun } from './useNodeRun.ts';

export const StepNode = memo(function StepNode({ id, data: { card }, selected, isConnectable }: NodeProps<CanvasNode>) {
  const { path, view, state, runId, question } = useNodeRun(id, true);
  const classes = ['card', `is-${state}`, selected ? 'selected' : '', card.disabled ? 'disabled' : '', card.runnable ? '' : 'not-built'];
  return (
    <div data-vscode-context={menuOf(id)} className={classes.join(' ')}>
      <Entry card={card} connectable={isConnectable} />
      <div className="card-body">
        <div className="card-head">
          {card.steps !== undefined && <Fold card={card} open={false} />}
          <Icon name={card.icon} className="card-icon" />
          <span className="card-title" title={card.title}>
            {card.title}
          </span>
          <Badges card={card} />
        </div>
        <div className="card-summary" title={card.summary}>
          {card.steps !== undefined && <span className="card-steps">{count(card.steps, 'step', 'steps')}: </span>}
          {summaryText(card)}
        </div>
        <div className="card-foot">
          <div className="card-facts">
            <span className="card-id">{card.id}</span>
            {view && <RunState view={view} state={state} />}
          </div>
          <div className="card-outlets">
            {card.outlets.map((outlet) => (
              <Outlet key={outlet.name} outlet={outlet} taken={view?.outlet === outlet.name} connectable={isConnectable} />
            ))}
          </div>
        </div>
      </div>
      {question && runId !== undefined && <NodeQuestion runId={runId} signal={question} own={question.node === path} />}
    </div>
  );
});
