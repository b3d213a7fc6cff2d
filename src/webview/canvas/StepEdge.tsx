/** An edge: quiet for the way things should go, dashed and in the colour of errors for the way they should not. */
import { BaseEdge, type EdgeProps, getBezierPath } from '@xyflow/react';
import { memo } from 'react';
import type { CanvasEdge } from '../state/graph-model.ts';
import { viewOf } from '../state/passes.ts';
import { edgeFate } from '../state/run.ts';
import { useEditorState } from '../ui/context.tsx';

export const StepEdge = memo(function StepEdge(props: EdgeProps<CanvasEdge>) {
  const { id, source, target, data, selected, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = props;
  const fate = useEditorState((state) => edgeFate(viewOf(state, source), data?.outlet ?? '', data?.passes));
  const running = useEditorState((state) => fate === 'taken' && viewOf(state, target)?.state === 'running');
  const [path] = getBezierPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition, curvature: 0.3 });
  const classes = [
    'line',
    `tone-${data?.tone ?? 'normal'}`,
    data?.failure ? 'failure' : '',
    data?.untrusted ? 'untrusted' : '',
    `fate-${fate}`,
    running ? 'running' : '',
    selected ? 'selected' : '',
  ];
  return <BaseEdge id={id} path={path} interactionWidth={18} className={classes.join(' ')} />;
});
