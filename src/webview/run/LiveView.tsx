/** What streams in while a step runs: plain text that follows its end, unless the reader has scrolled away. */
import { useEffect, useRef } from 'react';
import type { LiveText } from '../state/run.ts';

/** CSS pixels from the end that still count as being there. */
const NEAR = 24;

function Stream({ title, text }: { title: string; text: string }) {
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more text is what moves the end
  useEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <section className="value" aria-label={title}>
      <div className="value-head">
        <h3>{title}</h3>
      </div>
      <pre
        className="value-text live"
        ref={box}
        // A region that scrolls has to be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          follows.current = scrollHeight - scrollTop - clientHeight < NEAR;
        }}
      >
        {text}
      </pre>
    </section>
  );
}

export function LiveView({ live, busy }: { live: LiveText; busy: boolean }) {
  return (
    <>
      {live.reasoning !== '' && <Stream title="Reasoning" text={live.reasoning} />}
      {live.text !== '' && <Stream title={busy ? 'Reply, as it arrives' : 'Reply'} text={live.text} />}
      {live.output !== '' && <Stream title="Output of the process" text={live.output} />}
    </>
  );
}
