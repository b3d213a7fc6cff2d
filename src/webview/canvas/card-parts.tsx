/** What cards and frames have in common: badges, the state in the run, outlets, the entry. */
import { Handle, Position } from '@xyflow/react';
import type { OutletSpec } from '../../engine/format/manifest.ts';
import type { NodeState, NodeView } from '../../engine/run/view.ts';
import { GivenPill } from '../run/GivenPill.tsx';
import { runningText, spanText } from '../state/format.ts';
import type { NodeCard } from '../state/graph-model.ts';
import { isRecorded, STATE_ICONS, STATE_WORDS } from '../state/run.ts';
import { useEditor, useNow } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';

/** What VS Code's menu of the node is given: its commands get the id. */
export function menuOf(node: string): string {
  return JSON.stringify({ webviewSection: 'node', node, preventDefaultContextMenuItems: true });
}

/** What a card or a frame looks like in its state. */
export function cardClasses(card: NodeCard, state: string, selected: boolean, ...more: string[]): string {
  return [
    'card',
    ...more,
    `is-${state}`,
    selected ? 'selected' : '',
    card.disabled ? 'disabled' : '',
    card.runnable ? '' : 'not-built',
  ].join(' ');
}

/** The class of cards whose edges lead down. */
export function sidesOf(source: Position | undefined): string {
  return source === Position.Bottom ? 'down' : '';
}

/** The first line of a card or a frame. `fold`: whether its body is open; undefined: there is none to fold. */
export function CardHead({ card, fold }: { card: NodeCard; fold: boolean | undefined }) {
  return (
    <div className="card-head">
      {fold !== undefined && <Fold card={card} open={fold} />}
      <Icon name={card.icon} className="card-icon" />
      <span className="card-title" title={card.title}>
        {card.title}
      </span>
      <Badges card={card} />
    </div>
  );
}

function Badges({ card }: { card: NodeCard }) {
  const problems = card.errors + card.warnings;
  return (
    <span className="card-badges">
      {card.effect === 'irreversible' && (
        <Badge icon="warning" tone="hazard" title="Irreversible: what this step does cannot be taken back." />
      )}
      {card.effect === 'write' && <Badge icon="edit" title="Writes: this step changes files or state." />}
      {card.gated && <Badge icon="lock" title="Gate: a person is asked before this step runs." />}
      {problems > 0 && (
        <span className={`badge problem ${card.errors > 0 ? 'error' : 'warning'}`} title={card.problems}>
          <Icon name={card.errors > 0 ? 'error' : 'warning'} />
          {problems}
        </span>
      )}
    </span>
  );
}

function Badge({ icon, title, tone }: { icon: string; title: string; tone?: string }) {
  return (
    <span className={`badge ${tone ?? ''}`} title={title}>
      <Icon name={icon} />
    </span>
  );
}

/** How long the step has been at it, or how long it took. */
function Elapsed({ view }: { view: NodeView }) {
  const active = view.state === 'running' || view.state === 'waiting' || view.state === 'awaiting';
  const now = useNow(active);
  if (view.startedAt === undefined) return null;
  if (active) return runningText(now - view.startedAt);
  return view.finishedAt === undefined ? null : spanText(view.finishedAt - view.startedAt);
}

/** The lower left corner of a card: the state in the run; where there is none, whoever is asked. */
export function CardState({ card, view, state }: { card: NodeCard; view: NodeView | undefined; state: NodeState | 'none' }) {
  if (view && state !== 'pending' && state !== 'none') return <RunState view={view} state={state} />;
  if (card.asks === '') return null;
  return (
    <span className="card-asks" title={`Asks ${card.asks}`}>
      {card.asks}
    </span>
  );
}

/** The state in the run. */
function RunState({ view, state }: { view: NodeView; state: NodeState }) {
  const attempts = view.attempts.reduce((most, attempt) => Math.max(most, attempt.attempt), 0);
  const words = state === 'awaiting' ? 'needs you' : STATE_WORDS[state];
  return (
    <span className={`card-state state-${state}`}>
      <Icon name={STATE_ICONS[state]} className={state === 'running' ? 'spin' : ''} />
      <span className="card-state-words">
        {state === 'succeeded' ? '' : `${words} `}
        {state !== 'skipped' && <Elapsed view={view} />}
      </span>
      {attempts > 1 && <span title={`${attempts} attempts`}>×{attempts}</span>}
      {isRecorded(view) && (
        <span className="pill" title="This reply comes from a recording, not from a model.">
          recorded
        </span>
      )}
      <GivenPill view={view} />
    </span>
  );
}

interface OutletProps {
  outlet: OutletSpec;
  /** Where its edges leave the card. */
  side: Position | undefined;
  taken: boolean;
  connectable: boolean;
}

export function Outlet({ outlet, side, taken, connectable }: OutletProps) {
  const failure = outlet.name === 'failure';
  return (
    <div className={`outlet tone-${outlet.tone}${failure ? ' failure' : ''}${taken ? ' taken' : ''}`} data-outlet={outlet.name}>
      <span className="outlet-label">{outlet.label}</span>
      <Handle
        type="source"
        position={side ?? Position.Right}
        id={outlet.name}
        isConnectable={connectable}
        title={`Drag to connect “${outlet.label}”`}
      />
    </div>
  );
}

const JOINS: Readonly<Record<string, string>> = {
  all: 'Starts when every edge that is taken has arrived.',
  any: 'Starts with the first edge that arrives.',
};

/** Where edges arrive, with the rule for several of them. */
export function Entry({ card, side, connectable }: { card: NodeCard; side: Position | undefined; connectable: boolean }) {
  return (
    <>
      <Handle
        type="target"
        position={side ?? Position.Left}
        isConnectable={connectable}
        className={card.entered ? 'entered' : ''}
        title="Entry: drop a connection here"
      />
      {card.join !== '' && (
        <span
          className={`join${card.join === 'all' ? ' quiet' : ''}`}
          title={JOINS[card.join] ?? `Starts with a quorum of edges: ${card.join}.`}
        >
          {card.join}
        </span>
      )}
    </>
  );
}

/** Folds the body of a node away, or out again. */
function Fold({ card, open }: { card: NodeCard; open: boolean }) {
  const editor = useEditor();
  const words = open ? `Fold the body of “${card.title}” away` : `Unfold the body of “${card.title}”`;
  return (
    <button
      type="button"
      className="fold nodrag nopan"
      aria-expanded={open}
      aria-label={words}
      title={`${words} (C)`}
      onClick={(event) => {
        event.stopPropagation();
        editor.toggleBody(card.id);
      }}
      data-action="fold"
    >
      <Icon name={open ? 'chevron-down' : 'chevron-right'} />
    </button>
  );
}

/** One line on what the step does, or why it does nothing. */
export function summaryText(card: NodeCard): string {
  if (card.disabled) return 'Disabled: passes through';
  if (card.runnable) return card.summary || card.typeTitle;
  return `${card.typeTitle}: ${card.icon === 'question' ? 'no known type' : 'cannot be run yet'}`;
}
