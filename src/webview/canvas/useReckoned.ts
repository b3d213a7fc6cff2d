import { type InternalNode, type ReactFlowState, useStoreApi } from '@xyflow/react';
import { useEffect, useState } from 'react';

/** The card has turned out as it was reckoned (`reckoned.ts`): where its handles are is known. */
function isAsReckoned(node: InternalNode | undefined, { offsetWidth, offsetHeight }: HTMLElement): boolean {
  if (!node || node.hidden || !node.internals.userNode.handles) return false;
  return node.measured.width === offsetWidth && node.measured.height === offsetHeight;
}

/**
 * React Flow measures each handle of a card that is new, and draws the card and its edges again, whatever comes of it. It has no setting
 * for that; its store takes another way of measuring, which has to be there before its first card is drawn.
 */
export function useReckoned(): void {
  const store = useStoreApi();
  const [itsOwn] = useState(() => {
    const { updateNodeInternals } = store.getState();
    const updateOthers: ReactFlowState['updateNodeInternals'] = (updates) => {
      const { nodeLookup } = store.getState();
      updateNodeInternals(new Map([...updates].filter(([id, { nodeElement }]) => !isAsReckoned(nodeLookup.get(id), nodeElement))));
    };
    store.setState({ updateNodeInternals: updateOthers });
    return updateNodeInternals;
  });
  useEffect(() => () => store.setState({ updateNodeInternals: itsOwn }), [store, itsOwn]);
}
