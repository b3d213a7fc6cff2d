/** One step in the run: what it got, what it did, what came out, and how often it was tried. */
import type { AttemptView, NodeView } from '../../engine/run/view.ts';
import { Section } from '../inspector/Section.tsx';
import { clockText, runningText, spanText } from '../state/format.ts';
import { stateText } from '../state/labels.ts';
import { isInside, passNumbers, pathOf, stateOf } from '../state/passes.ts';
import { isRecorded, STATE_ICONS } from '../state/run.ts';
import { useEditorState, useNow } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import { ActionList } from './ActionList.tsx';
import { ErrorView } from './ErrorView.tsx';
import { GivenPill } from './GivenPill.tsx';
import { LiveView } from './LiveView.tsx';
import { PassList } from './PassList.tsx';
import { Answered, Question } from './Question.tsx';
import { SubFlow } from './SubFlow.tsx';
import { ValueView } from './ValueView.tsx';

function StateLine({ view }: { view: NodeView }) {
  const told = useEditorState((editor) => stateOf(editor, view.node));
  const state = told === 'none' ? view.state : told;
  const active = state === 'running' || state === 'waiting' || state === 'awaiting';
  const now = useNow(active);
  return (
    <p className={`state-line state-${state}`}>
      <Icon name={STATE_ICONS[state]} className={state === 'running' ? 'spin' : ''} />
      <span>
        {stateText({ ...view, state })}
        {active && view.startedAt !== undefined && ` for ${runningText(now - view.startedAt)}`}
      </span>
      {view.outlet !== undefined && view.outlet !== 'success' && view.state !== 'skipped' && (
        <span className={`pill ${view.state === 'failed' ? 'bad' : ''}`}>left by {view.outlet}</span>
      )}
      {isRecorded(view) && (
        <span className="pill" title="This reply comes from a recording, not from a model.">
          recorded
        </span>
      )}
      <GivenPill view={view} />
    </p>
  );
}

function usageText({ usage }: AttemptView): string {
  if (!usage) return '';
  const tokens = [
    usage.inputTokens === undefined ? '' : `${usage.inputTokens} tokens in`,
    usage.outputTokens === undefined ? '' : `${usage.outputTokens} out`,
  ].filter((part) => part !== '');
  const parts = [
    tokens.length === 0 ? '' : `${tokens.join(', ')} (${usage.source})`,
    usage.cost === undefined ? '' : `$${usage.cost.toFixed(4)} (${usage.costSource ?? 'reported'})`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function Attempt({ attempt }: { attempt: AttemptView }) {
  const { startedAt, finishedAt, error } = attempt;
  const usage = usageText(attempt);
  return (
    <li className="attempt">
      <p className="attempt-head">
        <Icon name={error ? 'error' : finishedAt === undefined ? 'loading' : 'pass'} className={error ? 'bad' : ''} />
        <code>{attempt.step}</code>
        {attempt.attempt > 1 && <span>attempt {attempt.attempt}</span>}
        <span className="toolbar-space" />
        {attempt.recorded === true && <span className="pill">recorded</span>}
        {attempt.dry && (
          <span className="pill" title="Shown and not done: this is a dry run.">
            {attempt.effect}, not done
          </span>
        )}
        <span title={clockText(startedAt)}>{finishedAt === undefined ? 'running' : spanText(finishedAt - startedAt)}</span>
      </p>
      {attempt.model !== undefined && <p className="field-about">{attempt.recorded ? `Recorded from ${attempt.model}` : attempt.model}</p>}
      {usage !== '' && <p className="field-about">{usage}</p>}
      {error && <ErrorView error={error} />}
    </li>
  );
}

export function RunPanel({ id }: { id: string }) {
  const run = useEditorState((state) => state.run);
  const path = useEditorState((state) => pathOf(state, id));
  const live = useEditorState((state) => (path === undefined ? undefined : state.live[path]));
  const card = useEditorState((state) => state.nodes.find((node) => node.id === id)?.data.card);
  if (!run) return null;
  const view = path === undefined ? undefined : run.view.nodes[path];
  // What runs in a sub-flow has no node of its own here.
  const isFlow = card?.type === 'flow';
  const isAgent = card?.type === 'agent';
  const signals = run.view.signals.filter(({ node }) => path !== undefined && (node === path || (isFlow && isInside(node, path))));
  const over = run.view.finishedAt !== undefined || run.past !== undefined;
  // Of an agent each action has its own, told above.
  const args = isAgent && !run.view.dry ? undefined : view?.attempts.findLast((attempt) => attempt.args !== undefined)?.args;
  return (
    <>
      <header className="node-head">
        <Icon name={card?.icon ?? 'question'} className="node-icon" />
        <h2 className="panel-title">{card?.title ?? id}</h2>
        {path !== undefined && passNumbers(path) !== '' && <span className="pill">pass {passNumbers(path)}</span>}
      </header>
      {view && view.state !== 'pending' ? (
        <StateLine view={view} />
      ) : (
        <p className="field-about">{over && !run.past ? 'The run ended before it came here.' : 'The run has not come here yet.'}</p>
      )}
      {signals
        .filter((signal) => signal.reply === undefined && !over)
        .map((signal) => (
          <Question key={signal.key} runId={run.id} signal={signal} />
        ))}
      {view?.error && <ErrorView error={view.error} />}
      {path !== undefined && card?.steps !== undefined && <PassList path={path} type={card.type} />}
      {path !== undefined && isFlow && <SubFlow id={id} path={path} />}
      {view && isAgent && <ActionList view={view} signals={run.view.signals} />}
      {live && (view?.output === undefined || live.output !== '') && <LiveView live={live} busy={view?.state === 'running'} />}
      {run.view.dry && args !== undefined && <ValueView title="Would do" note={view?.attempts.at(-1)?.effect ?? ''} value={args} />}
      {view?.output !== undefined && view.output !== null && (
        <ValueView title="Output" value={view.output} note={view.trust === 'untrusted' ? 'untrusted' : ''} comparable={view.node} />
      )}
      {(args ?? view?.input) !== undefined && !(run.view.dry && args !== undefined) && (
        <ValueView title="Input" value={args ?? view?.input ?? null} />
      )}
      {signals.map((signal) => (
        <Answered key={signal.key} signal={signal} />
      ))}
      {view && view.attempts.length > 0 && (
        <Section
          title="Attempts"
          note={String(view.attempts.length)}
          open={!isAgent && (view.attempts.length > 1 || view.error !== undefined)}
        >
          <ol className="attempts">
            {view.attempts.map((attempt) => (
              <Attempt key={`${attempt.step} ${attempt.attempt} ${attempt.startedAt}`} attempt={attempt} />
            ))}
          </ol>
        </Section>
      )}
    </>
  );
}
