/** The line above the graph: what it is, how it runs, and what can be done with it. */
import type { Problem } from '../../engine/format/problem.ts';
import type { ModeChoice } from '../protocol/messages.ts';
import { count } from '../state/format.ts';
import { isActive } from '../state/run.ts';
import { type EditorState, isEditable, selectedNode } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, IconButton } from '../ui/elements.tsx';
import { openPaletteFor } from './actions.ts';
import { MODES } from './modes.ts';

function ModeChip({ choice }: { choice: ModeChoice }) {
  const editor = useEditor();
  const mode = MODES[choice.mode];
  const model = choice.mode === 'live' || choice.mode === 'record' || choice.mode === 'recordMissing' ? choice.model : undefined;
  return (
    <IconButton
      icon={mode.icon}
      label={`Replies of this flow's prompts: ${mode.label}${model ? ` (${model})` : ''}. Choose…`}
      onClick={() => editor.post({ type: 'mode.pick' })}
      className={`chip mode-${choice.mode}`}
      name="mode"
    >
      <span className="chip-text">{model ?? mode.label}</span>
    </IconButton>
  );
}

function severest(problems: readonly Problem[]): Problem['severity'] | undefined {
  return (['error', 'warning', 'info'] as const).find((severity) => problems.some((problem) => problem.severity === severity));
}

function ProblemCount() {
  const editor = useEditor();
  const problems = useEditorState((state) => state.problems);
  const worst = severest(problems);
  if (!worst) return null;
  const words = count(problems.length, 'problem', 'problems');
  return (
    <IconButton
      icon={worst}
      label={`${words}: show them`}
      onClick={() => editor.post({ type: 'openProblems' })}
      className={`problem-count ${worst}`}
      name="problems"
    >
      {problems.length}
    </IconButton>
  );
}

function RunButton() {
  const editor = useEditor();
  const run = useEditorState((state) => state.run);
  const blocked = useEditorState(cannotRun);
  if (run && isActive(run)) {
    return (
      <Button
        icon="debug-stop"
        secondary
        onClick={() => editor.post({ type: 'run.cancel', runId: run.id })}
        title="Cancel the run"
        name="stop"
      >
        Stop
      </Button>
    );
  }
  const start = () => {
    editor.drafts.flush();
    editor.post({ type: 'run.start' });
  };
  const more = () => {
    editor.drafts.flush();
    const node = selectedNode(editor.store.getState());
    editor.post({ type: 'run.more', ...(node === undefined ? {} : { node }) });
  };
  return (
    <>
      <Button icon="play" onClick={start} disabled={blocked !== ''} title={blocked || 'Run this flow'} name="run">
        Run
      </Button>
      <IconButton icon="chevron-down" label="Dry run, run again, run a part…" onClick={more} disabled={blocked !== ''} name="run-more" />
    </>
  );
}

/** Why the flow cannot be run as it stands; empty where it can. */
function cannotRun(state: EditorState): string {
  if (!state.drawable) return 'The file has to be valid before it can run.';
  if (state.nodes.length === 0) return 'There is nothing to run yet: add a node.';
  return '';
}

export function Toolbar() {
  const editor = useEditor();
  const title = useEditorState((state) => state.flow?.title || state.document?.fileName || 'Flow');
  const readonly = useEditorState((state) => state.document?.readonly ?? false);
  const editable = useEditorState(isEditable);
  const mode = useEditorState((state) => state.mode);
  const open = useEditorState((state) => state.inspector.open);
  const node = useEditorState(selectedNode);
  return (
    <header className="toolbar" role="toolbar" aria-label="Flow">
      <h1 className="toolbar-title" title={title}>
        {title}
      </h1>
      {readonly && <span className="pill">read-only</span>}
      <span className="toolbar-space" />
      <ProblemCount />
      {mode && <ModeChip choice={mode} />}
      <RunButton />
      <span className="toolbar-line" />
      <IconButton
        icon="add"
        label="Add a node (N)"
        onClick={() => openPaletteFor(editor, editor.store.getState())}
        disabled={!editable}
        name="add"
      />
      <IconButton
        icon="wand"
        label="Arrange the flow, or what is selected (L)"
        onClick={() => editor.arrange()}
        disabled={!editable}
        name="arrange"
      />
      <IconButton
        icon="screen-full"
        label="Show the whole flow (F)"
        onClick={() => editor.receive({ type: 'command', command: 'fit' })}
        name="fit"
      />
      <IconButton icon="keyboard" label="Keys of the graph (?)" onClick={() => editor.showSheet(true)} name="shortcuts" />
      <IconButton
        icon="go-to-file"
        label="Open as text"
        onClick={() => editor.post({ type: 'openAsText', ...(node === undefined ? {} : { node }) })}
        name="text"
      />
      <IconButton
        icon="layout-sidebar-right"
        label={open ? 'Hide the inspector' : 'Show the inspector'}
        pressed={open}
        onClick={() => editor.setInspector({ open: !open })}
        name="inspector"
      />
    </header>
  );
}
