/** Which pass of a loop (or item of a list) is shown in its frame, and a way to the others. */
import { passCounts, passesOf, shownPass } from '../state/passes.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';

interface PassStepperProps {
  /** Of the loop. */
  path: string;
  /** Its node type. */
  type: string;
}

export function PassStepper({ path, type }: PassStepperProps) {
  const editor = useEditor();
  const passes = useEditorState((state) => passesOf(state, path));
  const shown = useEditorState((state) => shownPass(state, path));
  const items = useEditorState((state) => state.run?.view.nodes[path]?.input);
  if (!shown) return null;
  const at = passes.indexOf(shown);
  const to = (index: number) => {
    const pass = passes[index];
    if (pass) editor.showPass(pass.path);
  };
  const word = type === 'each' ? 'Item' : 'Pass';
  const { total, failed } = passCounts(passes, items);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a frame of its own
    // biome-ignore lint/a11y/useKeyWithClickEvents: the canvas selects by clicks alone
    <div
      className="stepper nodrag nopan"
      role="group"
      aria-label={`${word} that is shown`}
      // What is selected stays so, to be looked at in another pass.
      onClick={(event) => event.stopPropagation()}
    >
      <IconButton icon="chevron-left" label={`${word} before`} disabled={at <= 0} onClick={() => to(at - 1)} name="pass-before" />
      <span className="stepper-words">
        {word} {shown.index + 1} of {total}
      </span>
      <IconButton
        icon="chevron-right"
        label={`Next ${word.toLowerCase()}`}
        disabled={at >= passes.length - 1}
        onClick={() => to(at + 1)}
        name="pass-next"
      />
      {shown.round > 1 && <span className="pill">try {shown.round}</span>}
      {failed > 0 && <span className="pill bad">{failed} failed</span>}
    </div>
  );
}
