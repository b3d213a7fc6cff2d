/** A node on the canvas: a compact card that says what the step is, what it does to the world, and how it went. */
import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { CardFact } from '../run/CardFact.tsx';
import { count } from '../state/format.ts';
import type { CanvasNode } from '../state/graph-model.ts';
import { CardHead, CardState, cardClasses, Entry, menuOf, Outlet, sidesOf, summaryText } from './card-parts.tsx';
import { NodeQuestion } from './NodeQuestion.tsx';
import { useNodeRun } from './useNodeRun.ts';

export const StepNode = memo(function StepNode({
  id,
  data: { card },
  selected,
  isConnectable,
  sourcePosition,
  targetPosition,
}: NodeProps<CanvasNode>) {
  const { path, view, state, runId, question } = useNodeRun(id, true);
  return (
    <div data-vscode-context={menuOf(id)} className={cardClasses(card, state, selected, sidesOf(sourcePosition))}>
      <Entry card={card} side={targetPosition} connectable={isConnectable} />
      <div className="card-body">
        <CardHead card={card} fold={card.steps === undefined ? undefined : false} />
        <div className="card-summary" title={card.summary}>
          {card.steps !== undefined && <span className="card-steps">{count(card.steps, 'step', 'steps')}: </span>}
          {summaryText(card)}
        </div>
        <div className="card-foot">
          <div className="card-facts">
            <CardFact card={card} path={path} />
            <CardState card={card} view={view} state={state} />
          </div>
          <div className="card-outlets">
            {card.outlets.map((outlet) => (
              <Outlet
                key={outlet.name}
                outlet={outlet}
                side={sourcePosition}
                taken={view?.outlet === outlet.name}
                connectable={isConnectable}
              />
            ))}
          </div>
        </div>
      </div>
      {question && runId !== undefined && <NodeQuestion runId={runId} signal={question} own={question.node === path} />}
    </div>
  );
});
