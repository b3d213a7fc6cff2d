/** The passes of a loop, or the items of a list: how each went, and a way to look into it. */
import type { PassView } from '../../engine/run/nesting.ts';
import { runningText, spanText } from '../state/format.ts';
import { passCounts, passesOf, shownPass } from '../state/passes.ts';
import { STATE_ICONS, STATE_WORDS } from '../state/run.ts';
import { useEditor, useEditorState, useNow } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';

/** More lines than this are of no use to a reader; the stepper on the frame leads to the others. */
const MOST = 200;

function PassLine({ pass, word, shown }: { pass: PassView; word: string; shown: boolean }) {
  const editor = useEditor();
  const active = pass.finishedAt === undefined && pass.state === 'running';
  const now = useNow(active);
  const { startedAt, finishedAt, state } = pass;
  const took =
    startedAt === undefined ? '' : active ? runningText(now - startedAt) : finishedAt === undefined ? '' : spanText(finishedAt - startedAt);
  return (
    <li className={`step-line state-${state}`}>
      <Icon name={STATE_ICONS[state]} className={state === 'running' ? 'spin' : ''} />
      <button type="button" className="link" aria-pressed={shown} onClick={() => editor.showPass(pass.path)}>
        {word} {pass.index + 1}
        {pass.round > 1 && `, try ${pass.round}`}
      </button>
      {shown && <span className="pill">shown</span>}
      <span className="toolbar-space" />
      <span title={pass.error?.message}>{state === 'succeeded' ? took : `${STATE_WORDS[state]} ${took}`}</span>
    </li>
  );
}

export function PassList({ path, type }: { path: string; type: string }) {
  const passes = useEditorState((state) => passesOf(state, path));
  const shown = useEditorState((state) => shownPass(state, path));
  const input = useEditorState((state) => state.run?.view.nodes[path]?.input);
  if (passes.length === 0) return null;
  const word = type === 'each' ? 'Item' : 'Pass';
  const { total, ended, failed } = passCounts(passes, input);
  const newest = passes.slice(-MOST);
  return (
    <section className="value" aria-label={type === 'each' ? 'Items' : 'Passes'}>
      <div className="value-head">
        <h3>{type === 'each' ? 'Items' : 'Passes'}</h3>
        <span className="pill">
          {ended} of {total} ended
        </span>
        {failed > 0 && <span className="pill bad">{failed} failed</span>}
      </div>
      {newest.length < passes.length && <p className="field-about">The newest {MOST}; the arrows on the frame lead to the others.</p>}
      <ul className="step-lines passes">
        {newest.map((pass) => (
          <PassLine key={pass.path} pass={pass} word={word} shown={pass === shown} />
        ))}
      </ul>
    </section>
  );
}
