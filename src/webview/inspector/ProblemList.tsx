/** Problems with what to do about them; those of a node lead to it. */
import type { Problem } from '../../engine/format/problem.ts';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';

interface ProblemListProps {
  problems: readonly Problem[];
  /** Each leads to its node. */
  linked?: boolean;
  /** Beside the field that they are about. */
  atField?: boolean;
}

export function ProblemList({ problems, linked = false, atField = false }: ProblemListProps) {
  const editor = useEditor();
  const nodes = useEditorState((state) => state.nodes);
  const editable = useEditorState(isEditable);
  if (problems.length === 0) return null;
  return (
    <ul className="problems">
      {problems.map((problem) => {
        const { node } = problem;
        return (
          <li key={`${problem.code} ${problem.place.offset} ${problem.missing}`} className={`field-problem ${problem.severity}`}>
            <Icon name={problem.severity} />
            <span>
              {linked && node !== undefined && (
                <>
                  <button type="button" className="link" onClick={() => editor.reveal(node, 'inspector')}>
                    {nodes.find((it) => it.id === node)?.data.card.title ?? node}
                  </button>
                  {': '}
                </>
              )}
              {atField && problem.missing !== undefined ? 'This has to be filled in.' : `${problem.message} ${problem.hint}`}
              {problem.fix && editable && (
                <button
                  type="button"
                  className="link problem-fix"
                  onClick={() => problem.fix && editor.perform({ label: problem.fix.title.slice(0, 200), edits: [...problem.fix.edits] })}
                >
                  <Icon name="lightbulb-autofix" /> {problem.fix.title}
                </button>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
