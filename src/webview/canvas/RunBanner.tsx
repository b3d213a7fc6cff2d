/** The line that says how the run is going, and where its replies come from: visible as long as a run is shown. */
import type { RunView } from '../../engine/run/view.ts';
import { openSignals } from '../../engine/run/view.ts';
import { count, runningText, spanText } from '../state/format.ts';
import { isActive, phaseOf, type RunPhase, type ShownRun } from '../state/run.ts';
import { spentIn, spentShort, spentText } from '../state/usage.ts';
import { useEditor, useEditorState, useNow } from '../ui/context.tsx';
import { Button, Icon, IconButton } from '../ui/elements.tsx';
import { MODES } from './modes.ts';

const PHASES: { readonly [P in RunPhase]: { words: string; icon: string } } = {
  queued: { words: 'Waiting for its turn', icon: 'watch' },
  running: { words: 'Running', icon: 'loading' },
  waiting: { words: 'Waiting', icon: 'watch' },
  past: { words: 'Looking back', icon: 'history' },
  interrupted: { words: 'Interrupted', icon: 'debug-pause' },
  succeeded: { words: 'Succeeded', icon: 'pass-filled' },
  failed: { words: 'Failed', icon: 'error' },
  rejected: { words: 'Rejected', icon: 'circle-slash' },
  cancelled: { words: 'Cancelled', icon: 'circle-slash' },
};

/** Which part of the flow it is, and what was not made in this run. */
function MadeFrom({ view: { rerunOf, rerunFrom, only, to, pinned, dry } }: { view: RunView }) {
  const of = rerunOf === undefined ? '' : ` of run ${rerunOf}`;
  return (
    <>
      {rerunFrom !== undefined && (
        <span className="pill" title={`The other nodes kept their results${of}.`}>
          from {rerunFrom}
        </span>
      )}
      {only !== undefined && (
        <span className="pill" title={`Nothing else was run. What it reads comes from results${of}.`}>
          only {only}
        </span>
      )}
      {to !== undefined && (
        <span className="pill" title="The run ended with this node. What it does not need was not run.">
          up to {to}
        </span>
      )}
      {rerunOf !== undefined && rerunFrom === undefined && only === undefined && !dry && (
        <span className="pill" title={`Started with the inputs${of}.`}>
          again
        </span>
      )}
      {pinned !== undefined && (
        <span className="pill" title={`Pinned, so not run and without effect: ${pinned.join(', ')}`}>
          <Icon name="pinned" />
          {pinned.length} pinned
        </span>
      )}
    </>
  );
}

export function RunBanner() {
  const run = useEditorState((state) => state.run);
  return run && <Banner run={run} />;
}

function Banner({ run }: { run: ShownRun }) {
  const editor = useEditor();
  const phase = phaseOf(run);
  const active = isActive(run);
  const now = useNow(active);
  const { view } = run;
  const questions = openSignals(view);
  const spent = spentIn(view, '');
  const [question] = questions;
  const mode = MODES[view.mode];
  const hasTimeline = useEditorState((state) => state.timeline);
  const asks = active && question !== undefined;
  return (
    <section className={`run-banner phase-${asks ? 'asks' : phase}`} aria-label="Run">
      <Icon name={asks ? 'bell-dot' : PHASES[phase].icon} className={active && !asks && phase === 'running' ? 'spin' : ''} />
      <strong>
        {asks
          ? `Waiting for you${questions.length > 1 ? ` (${count(questions.length, 'question', 'questions')})` : ''}`
          : PHASES[phase].words}
      </strong>
      <span className="run-time">
        {active || run.past
          ? runningText(now - view.createdAt)
          : view.finishedAt !== undefined && spanText(view.finishedAt - view.createdAt)}
      </span>
      {view.dry ? (
        <span className="pill" title="Nothing was asked, started, written or sent. Each node shows what it would do.">
          <Icon name="eye" />
          Dry run: nothing was done
        </span>
      ) : (
        <span className={`pill mode-badge mode-${view.mode}`} title={mode.tip}>
          <Icon name={mode.icon} />
          {mode.label}
          {view.model !== undefined && view.mode !== 'recorded' && view.mode !== 'byHand' ? `: ${view.model}` : ''}
        </span>
      )}
      {spent && (
        <span className="run-time" title={spentText(spent)}>
          {spentShort(spent)}
        </span>
      )}
      <MadeFrom view={view} />
      {phase === 'queued' && <span className="run-note">The flow allows no more runs at the same time.</span>}
      {!run.sameFlow && (
        <span className="run-note" title="The run goes on with the flow as it was when the run started.">
          <Icon name="info" />
          The flow was edited since this run started.
        </span>
      )}
      {!run.sameFlow && view.finishedAt === undefined && !run.past && (
        <button
          type="button"
          className="link"
          title="From here on the run goes on with the flow as it now is. What it has done stays done."
          onClick={() => editor.post({ type: 'run.move', runId: run.id })}
          data-action="move-run"
        >
          Continue with the changed flow
        </button>
      )}
      {phase === 'failed' && view.error && (
        <span className="run-note" title={`${view.error.message} ${view.error.hint}`}>
          {view.error.message}
        </span>
      )}
      {phase === 'rejected' && view.reason !== undefined && view.reason !== '' && <span className="run-note">{view.reason}</span>}
      <span className="toolbar-space" />
      {asks && (
        <button type="button" className="link" onClick={() => editor.reveal(question.node, 'canvas')}>
          Show
        </button>
      )}
      {active && (
        <IconButton
          icon="debug-stop"
          label="Cancel the run"
          onClick={() => editor.post({ type: 'run.cancel', runId: run.id })}
          name="cancel-run"
        >
          Cancel
        </IconButton>
      )}
      {phase === 'interrupted' && (
        <Button icon="debug-continue" onClick={() => editor.post({ type: 'run.resume', runId: run.id })} name="resume-run">
          Resume
        </Button>
      )}
      {run.past && (
        <button type="button" className="link" onClick={() => editor.time.lookAt(undefined)} data-action="present">
          Show the end
        </button>
      )}
      {!active && phase !== 'interrupted' && (
        <IconButton
          icon="graph-left"
          label={hasTimeline ? 'Hide the timeline' : 'Show the timeline of the run'}
          pressed={hasTimeline}
          onClick={() => editor.time.setOpen(!hasTimeline)}
          name="timeline"
        />
      )}
      {!active && (
        <IconButton icon="close" label="Close: stop showing this run" onClick={() => editor.post({ type: 'run.close' })} name="close-run" />
      )}
    </section>
  );
}
