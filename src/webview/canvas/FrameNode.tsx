/** A node with a body on the canvas: its head as on a card, and below it the room in which the nodes of the body stand. */
import type { NodeProps } from '@xyflow/react';
import { type CSSProperties, memo } from 'react';
import { CardFact } from '../run/CardFact.tsx';
import type { CanvasNode } from '../state/graph-model.ts';
import { useEditor } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import { PassStepper } from '../ui/later.tsx';
import { CardHead, CardState, cardClasses, Entry, menuOf, Outlet, sidesOf, summaryText } from './card-parts.tsx';
import { NodeQuestion } from './NodeQuestion.tsx';
import { useNodeRun } from './useNodeRun.ts';

export const FrameNode = memo(function FrameNode({
  id,
  data: { card, frame },
  width,
  selected,
  isConnectable,
  ...sides
}: NodeProps<CanvasNode>) {
  const editor = useEditor();
  const { path, view, state, runId, question } = useNodeRun(id, false);
  const sizes = { '--frame-width': `${width ?? 0}px`, '--frame-head': `${frame?.head ?? 0}px` } as CSSProperties;
  return (
    <div
      data-vscode-context={menuOf(id)}
      className={cardClasses(card, state, selected, 'frame', sidesOf(sides.sourcePosition))}
      style={sizes}
    >
      <Entry card={card} side={sides.targetPosition} connectable={isConnectable} />
      <div className="frame-head">
        <div className="frame-facts card-body">
          <CardHead card={card} fold />
          <div className="card-summary" title={card.summary}>
            {summaryText(card)}
          </div>
          <div className="frame-line">
            <CardFact card={card} path={path} />
            <CardState card={card} view={view} state={state} />
          </div>
        </div>
        <div className="card-outlets">
          {card.outlets.map((outlet) => (
            <Outlet
              key={outlet.name}
              outlet={outlet}
              side={sides.sourcePosition}
              taken={view?.outlet === outlet.name}
              connectable={isConnectable}
            />
          ))}
        </div>
      </div>
      <div className="frame-well">
        {path !== undefined && runId !== undefined && <PassStepper path={path} type={card.type} />}
        {question && runId !== undefined && <NodeQuestion runId={runId} signal={question} own />}
        {card.steps === 0 && isConnectable && (
          <button
            type="button"
            className="frame-first nodrag nopan"
            onClick={() => editor.openPalette({ owner: id })}
            data-action="add-inside"
          >
            <Icon name="add" />
            Add the first step
          </button>
        )}
      </div>
    </div>
  );
});
