/** The quiet line of a card: the node's id; in a run what the node has used up so far, and how far its passes are. */
import { useMemo } from 'react';
import { currentAction } from '../state/agent-actions.ts';
import type { NodeCard } from '../state/graph-model.ts';
import { passCounts, passesOf } from '../state/passes.ts';
import { spentIn, spentShort, spentText } from '../state/usage.ts';
import { useEditorState } from '../ui/context.tsx';

export function CardFact({ card, path }: { card: NodeCard; path: string | undefined }) {
  const holds = card.steps !== undefined || card.type === 'flow';
  const view = useEditorState((state) => (path === undefined ? undefined : state.run?.view.nodes[path]));
  // What runs inside is of interest only where something can.
  const all = useEditorState((state) => (holds && path !== undefined ? state.run?.view : undefined));
  const passes = useEditorState((state) => passesOf(state, card.steps === undefined ? undefined : path));
  const spent = useMemo(() => {
    if (all && path !== undefined) return spentIn(all, path);
    return view && spentIn({ nodes: { [view.node]: view } }, '');
  }, [all, view, path]);
  // While an agent works, what it does is of more interest than what it costs.
  const doing = card.type === 'agent' && view && view.finishedAt === undefined ? currentAction(view) : undefined;
  if (doing !== undefined) {
    return (
      <span className="card-id card-spent" title={`${card.id}: ${doing}`}>
        {doing}
      </span>
    );
  }
  const { ended, total } = passCounts(passes, view?.input);
  if (!spent && total === 0) return <span className="card-id">{card.id}</span>;
  const parts = [
    total === 0
      ? undefined
      : { short: `${ended}/${total}`, long: `${ended} of ${total} ${card.type === 'each' ? 'items' : 'passes'} ended` },
    spent && { short: spentShort(spent), long: spentText(spent) },
  ].filter((part) => part !== undefined);
  return (
    <span className="card-id card-spent" title={`${card.id}: ${parts.map(({ long }) => long).join('; ')}`}>
      {parts.map(({ short }) => short).join(' · ')}
    </span>
  );
}
