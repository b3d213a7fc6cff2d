/** A node from so far away that no word of it can be read: a block in the colour of its state. The third level of detail. */
import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import type { CanvasNode, CardData } from '../state/graph-model.ts';
import { pathOf, stateOf } from '../state/passes.ts';
import { useEditorState } from '../ui/context.tsx';
import { cardClasses, menuOf } from './card-parts.tsx';

/** What a block looks like: its classes in the style sheet. */
export function blockClasses({ card, frame }: CardData, state: string, selected: boolean): string {
  const marks = [card.errors > 0 ? 'has-errors' : '', card.effect === 'irreversible' || card.gated ? 'asks' : '', frame ? 'room' : ''];
  return cardClasses(card, state, selected, 'block', ...marks).replace(/^card /, '');
}

export const BlockNode = memo(function BlockNode({ id, data, height, selected }: NodeProps<CanvasNode>) {
  const { card, frame, size } = data;
  const state = useEditorState((editor) => stateOf(editor, pathOf(editor, id)));
  return (
    <div
      data-vscode-context={menuOf(id)}
      className={blockClasses(data, state, selected)}
      title={card.title}
      style={frame ? undefined : { height: height ?? size.height }}
    />
  );
});
