/** A node from so far away that no word of it can be read: a block in the colour of its state. The third level of detail. */
import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import type { CanvasNode } from '../state/graph-model.ts';
import { pathOf, stateOf } from '../state/passes.ts';
import { useEditorState } from '../ui/context.tsx';
import { cardClasses, menuOf } from './card-parts.tsx';

export const BlockNode = memo(function BlockNode({ id, data: { card, frame, size }, height, selected }: NodeProps<CanvasNode>) {
  const state = useEditorState((editor) => stateOf(editor, pathOf(editor, id)));
  const marks = [card.errors > 0 ? 'has-errors' : '', card.effect === 'irreversible' || card.gated ? 'asks' : '', frame ? 'room' : ''];
  return (
    <div
      data-vscode-context={menuOf(id)}
      className={cardClasses(card, state, selected, 'block', ...marks).replace(/^card /, '')}
      title={card.title}
      style={frame ? undefined : { height: height ?? size.height }}
    />
  );
});
