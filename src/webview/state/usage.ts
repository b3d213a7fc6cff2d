/** What steps have used up: tokens and money. Pure. */
import { isWithin } from '../../engine/run/paths.ts';
import type { RunView } from '../../engine/run/view.ts';

export interface Spent {
  inputTokens: number;
  outputTokens: number;
  /** US dollars; undefined: of no call it is known what it cost. */
  cost: number | undefined;
  /** Some of it was guessed or worked out, and not told by a service. */
  isEstimated: boolean;
}

/** Of a node with everything that runs in it; of the whole run for an empty path. Undefined: no tokens and no money. */
export function spentIn({ nodes }: Pick<RunView, 'nodes'>, path: string): Spent | undefined {
  const spent: Spent = { inputTokens: 0, outputTokens: 0, cost: undefined, isEstimated: false };
  for (const node of Object.values(nodes)) {
    if (path !== '' && !isWithin(node.node, path)) continue;
    for (const { usage } of node.attempts) {
      if (!usage) continue;
      spent.inputTokens += usage.inputTokens ?? 0;
      spent.outputTokens += usage.outputTokens ?? 0;
      if (usage.cost !== undefined) spent.cost = (spent.cost ?? 0) + usage.cost;
      if (usage.source !== 'reported' || usage.costSource === 'estimated') spent.isEstimated = true;
    }
  }
  return spent.inputTokens + spent.outputTokens > 0 || spent.cost !== undefined ? spent : undefined;
}

/** `852 tok`, `1.2k tok · $0.0021`: short, for a card. */
export function spentShort({ inputTokens, outputTokens, cost, isEstimated }: Spent): string {
  const tokens = inputTokens + outputTokens;
  const number =
    tokens < 1000 ? String(tokens) : tokens < 1_000_000 ? `${(tokens / 1000).toFixed(1)}k` : `${(tokens / 1_000_000).toFixed(1)}M`;
  return `${isEstimated ? '~' : ''}${number} tok${cost === undefined ? '' : ` · ${costText(cost)}`}`;
}

/** In full sentences, for a tip. */
export function spentText({ inputTokens, outputTokens, cost, isEstimated }: Spent): string {
  const money = cost === undefined ? 'what it cost is not known' : `cost ${costText(cost)}`;
  return `${inputTokens} tokens in, ${outputTokens} out; ${money}${isEstimated ? ' (in part estimated)' : ''}`;
}

function costText(cost: number): string {
  return `$${cost < 0.1 ? cost.toFixed(4) : cost.toFixed(2)}`;
}
