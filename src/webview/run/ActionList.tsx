/** What an agent did and does: its turns, the actions of each with their arguments and results. */
import { useMemo } from 'react';
import type { Json } from '../../engine/format/json.ts';
import type { NodeView, SignalView } from '../../engine/run/view.ts';
import { type AgentAction, type AgentTurn, agentTurns } from '../state/agent-actions.ts';
import { spanText } from '../state/format.ts';
import { Icon } from '../ui/elements.tsx';
import { ErrorView } from './ErrorView.tsx';
import { ValueView } from './ValueView.tsx';

/** More turns than this are of no use to a reader; the attempts below have them all. */
const MOST = 100;

/** Arguments in a line: their values, as a reader would say them. */
function inShort(args: Json): string {
  const values = typeof args === 'object' && args !== null ? Object.values(args) : [args];
  const text = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function timeText({ gate }: AgentAction, took: number | undefined): string {
  if (gate === 'open') return 'needs you';
  if (gate === 'refused') return 'not allowed';
  return took === undefined ? 'running' : spanText(took);
}

function ActionLine({ action }: { action: AgentAction }) {
  const { tool, args, failed, gate, result, attempt } = action;
  const running = action.running && gate === undefined;
  const icon = gate === 'open' ? 'question' : running ? 'loading' : failed ? 'error' : 'pass';
  const { startedAt, finishedAt, error, effect } = attempt;
  return (
    <li className="agent-action">
      <details>
        <summary>
          <Icon name={icon} className={running ? 'spin' : failed ? 'bad' : ''} />
          <code>{tool}</code>
          <span className="agent-action-args">{inShort(args)}</span>
          {effect === 'irreversible' && gate === undefined && (
            <span className="pill" title="It cannot be taken back: a person said yes.">
              allowed
            </span>
          )}
          <span className="agent-action-time">{timeText(action, finishedAt === undefined ? undefined : finishedAt - startedAt)}</span>
        </summary>
        <ValueView title="Arguments" value={args} />
        {result !== undefined && <ValueView title="Result" value={result} note="untrusted" />}
        {error && <ErrorView error={error} />}
      </details>
    </li>
  );
}

function TurnItem({ turn, named }: { turn: AgentTurn; named: boolean }) {
  return (
    <li className="agent-turn" style={{ marginInlineStart: turn.depth * 12 }}>
      <p className="agent-turn-head">
        <Icon name={turn.running ? 'loading' : 'robot'} className={turn.running ? 'spin' : ''} />
        <span>Turn {turn.number}</span>
        {named && <span className="pill">{turn.agent}</span>}
        {turn.summarized && (
          <span className="pill" title="What came before was too long for the model, and was summarized.">
            summarized
          </span>
        )}
      </p>
      {turn.said !== '' && turn.actions.length > 0 && <p className="agent-said">{turn.said}</p>}
      {turn.actions.length > 0 && (
        <ol className="agent-actions">
          {turn.actions.map((action) => (
            <ActionLine key={action.step} action={action} />
          ))}
        </ol>
      )}
    </li>
  );
}

export function ActionList({ view, signals }: { view: NodeView; signals: readonly SignalView[] }) {
  // Both are new whenever something happened in the run.
  const turns = useMemo(() => agentTurns(view, signals), [view, signals]);
  if (turns.length === 0) return null;
  const actions = turns.reduce((sum, turn) => sum + turn.actions.length, 0);
  const named = new Set(turns.map(({ agent }) => agent)).size > 1;
  const shown = turns.slice(-MOST);
  return (
    <section className="value" aria-label="Actions">
      <div className="value-head">
        <h3>Actions</h3>
        <span className="pill">
          {actions} in {turns.length} {turns.length === 1 ? 'turn' : 'turns'}
        </span>
      </div>
      {shown.length < turns.length && <p className="field-about">The newest {MOST} turns; the attempts below have them all.</p>}
      <ol className="agent-turns">
        {shown.map((turn) => (
          <TurnItem key={turn.key} turn={turn} named={named} />
        ))}
      </ol>
    </section>
  );
}
