/** A run that is over, laid out in time: a bar for each step, and a moment that can be moved, at which the graph shows the run. */
import { type CSSProperties, type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { count, spanText } from '../state/format.ts';
import { nameOf } from '../state/names.ts';
import { spot } from '../state/passes.ts';
import { type ShownRun, STATE_WORDS } from '../state/run.ts';
import { type Bar, barsOf, lengthOf, momentFrom } from '../state/timeline.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';

/** More lines are of no use to a reader. */
const MOST_BARS = 300;
/** Playing takes so long, however long the run took (ms), in so many pictures. */
const PLAYED_IN = 8000;
const PICTURES = 80;

export function Timeline({ run }: { run: ShownRun }) {
  const editor = useEditor();
  const [isPlaying, setPlaying] = useState(false);
  const ended = run.past?.now ?? run.view;
  const length = lengthOf(run.events);
  const bars = useMemo(() => barsOf(ended, length), [ended, length]);
  const moment = run.past?.moment ?? length;
  const go = (to: number) => editor.time.lookAt(to >= length ? undefined : Math.max(0, to));

  useEffect(() => {
    if (!isPlaying) return;
    const timer = window.setInterval(() => {
      const now = editor.store.getState().run;
      const at = now?.past?.moment;
      if (at === undefined) setPlaying(false);
      else editor.time.lookAt(at + length / PICTURES >= length ? undefined : at + length / PICTURES);
    }, PLAYED_IN / PICTURES);
    return () => window.clearInterval(timer);
  }, [editor, isPlaying, length]);

  const play = () => {
    if (!isPlaying && run.past === undefined) editor.time.lookAt(0);
    setPlaying(!isPlaying);
  };
  const step = (direction: 1 | -1) => {
    setPlaying(false);
    go(momentFrom(run.events, moment, direction));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    step(event.key === 'ArrowRight' ? 1 : -1);
  };
  const under = Object.values(run.view.nodes).filter((node) => node.state === 'running' || node.state === 'awaiting').length;
  const words = run.past === undefined ? `The end, after ${spanText(length)}` : `${spanText(moment)} of ${spanText(length)}`;
  return (
    <section className="timeline" aria-label="Timeline of the run">
      <div className="timeline-head">
        <IconButton icon={isPlaying ? 'debug-pause' : 'play'} label={isPlaying ? 'Pause' : 'Play the run'} onClick={play} name="play" />
        <IconButton
          icon="debug-step-back"
          label="Back to what happened before"
          onClick={() => step(-1)}
          disabled={moment <= 0}
          name="step-back"
        />
        <IconButton
          icon="debug-step-over"
          label="On to what happened next"
          onClick={() => step(1)}
          disabled={moment >= length}
          name="step-on"
        />
        <input
          type="range"
          className="timeline-slider"
          aria-label="Moment of the run"
          aria-valuetext={`${words}; ${count(under, 'step', 'steps')} at work`}
          min={0}
          max={Math.max(1, length)}
          step={1}
          value={moment}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setPlaying(false);
            go(Number(event.currentTarget.value));
          }}
        />
        <span className="timeline-moment">{words}</span>
        <IconButton icon="close" label="Close the timeline" onClick={() => editor.time.setOpen(false)} name="close-timeline" />
      </div>
      {/* What scrolls has to be reachable by keyboard: its lines are. */}
      <ol className="bars" style={{ '--moment': `${share(moment, length)}%` } as CSSProperties}>
        {bars.slice(0, MOST_BARS).map((bar) => (
          <Line key={bar.path} bar={bar} length={length} />
        ))}
      </ol>
      {bars.length > MOST_BARS && <p className="field-about">And {count(bars.length - MOST_BARS, 'more step', 'more steps')}.</p>}
    </section>
  );
}

/** In percent of the run. */
function share(moment: number, length: number): number {
  return length <= 0 ? 0 : Math.min(100, (100 * moment) / length);
}

function Line({ bar, length }: { bar: Bar; length: number }) {
  const editor = useEditor();
  const title = useEditorState((state) => {
    const { id } = spot(state, bar.path);
    // What runs in a sub-flow has no node here.
    return id === bar.id ? nameOf(state, id) : bar.id;
  });
  const from = share(bar.from, length);
  const took = spanText(bar.to - bar.from);
  return (
    <li className={`bar-line state-${bar.state}`}>
      <button
        type="button"
        className="link bar-title"
        style={{ paddingInlineStart: bar.depth * 12 }}
        onClick={() => editor.reveal(bar.path, 'canvas')}
        title={`${title}: ${STATE_WORDS[bar.state]}, ${took}`}
      >
        {title}
      </button>
      <span className="bar-track" aria-hidden="true">
        <span className="bar" style={{ insetInlineStart: `${from}%`, width: `${Math.max(0, share(bar.to, length) - from)}%` }} />
      </span>
      <span className="bar-time">{took}</span>
    </li>
  );
}
