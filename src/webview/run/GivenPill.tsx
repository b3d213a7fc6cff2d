/** Says of a result that the node did not make it in this run. */
import type { GivenHow } from '../../engine/run/events.ts';
import type { NodeView } from '../../engine/run/view.ts';

const GIVEN: { readonly [H in GivenHow]: { label: string; tip: string } } = {
  kept: { label: 'kept', tip: 'This result was kept from the earlier run. The node was not run.' },
  pinned: { label: 'pinned', tip: 'This result is pinned. The node was not run, and had no effect.' },
  sample: { label: 'sample', tip: 'A made-up result, from the schema: a dry run does nothing.' },
};

export function GivenPill({ view: { given, unreached } }: { view: NodeView }) {
  return (
    <>
      {given !== undefined && (
        <span className="pill" title={GIVEN[given].tip}>
          {GIVEN[given].label}
        </span>
      )}
      {unreached && (
        <span className="pill" title="With these values the run would not have come here.">
          not reached
        </span>
      )}
    </>
  );
}
