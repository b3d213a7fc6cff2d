/** The line while a connection is dragged, with the reason where it may not end. */
import { type ConnectionLineComponentProps, getBezierPath } from '@xyflow/react';
import type { Edge } from '../../engine/format/model.ts';
import type { CanvasNode } from '../state/graph-model.ts';
import type { CanvasNote } from '../state/notes.ts';
import { useEditor } from '../ui/context.tsx';

const NOTE = { width: 240, height: 72 };

export function ConnectionLine(props: ConnectionLineComponentProps<CanvasNode | CanvasNote>) {
  const { fromX, fromY, toX, toY, fromPosition, toPosition, fromNode, fromHandle, toNode, toHandle, connectionStatus } = props;
  const editor = useEditor();
  const [path] = getBezierPath({
    sourceX: fromX,
    sourceY: fromY,
    sourcePosition: fromPosition,
    targetX: toX,
    targetY: toY,
    targetPosition: toPosition,
    curvature: 0.3,
  });
  const refused = connectionStatus === 'invalid';
  const reason = refused && toNode && toHandle ? editor.refusalOf(dragged(fromNode, fromHandle, toNode, toHandle)) : undefined;
  return (
    <g className={`connection ${refused ? 'refused' : ''}`}>
      <path d={path} fill="none" />
      {reason !== undefined && (
        <foreignObject x={toX + 10} y={toY + 14} width={NOTE.width} height={NOTE.height}>
          <div className="connection-reason" role="status">
            {reason}
          </div>
        </foreignObject>
      )}
    </g>
  );
}

type Props = ConnectionLineComponentProps<CanvasNode | CanvasNote>;
type EndOf<N, H> = { node: NonNullable<N>; handle: NonNullable<H> };

/** A connection can be dragged from either end. */
function dragged(
  fromNode: Props['fromNode'],
  fromHandle: Props['fromHandle'],
  toNode: NonNullable<Props['toNode']>,
  toHandle: NonNullable<Props['toHandle']>,
): Edge {
  const from: EndOf<Props['fromNode'], Props['fromHandle']> = { node: fromNode, handle: fromHandle };
  const to: EndOf<Props['toNode'], Props['toHandle']> = { node: toNode, handle: toHandle };
  const [source, target] = fromHandle.type === 'source' ? [from, to] : [to, from];
  return { source: source.node.id, outlet: source.handle.id ?? '', target: target.node.id };
}
