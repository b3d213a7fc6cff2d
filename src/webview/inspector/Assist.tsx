/** Under an expression: what is wrong with it as it is typed, and what it came out as in the run before. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Json } from '../../engine/format/json.ts';
import type { Answers } from '../protocol/ask.ts';
import { MOST_ASKED } from '../protocol/limits.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import type { Suggester } from './suggestions.ts';

/** Pause in typing after which the host is asked (ms). */
const PAUSE = 250;

export interface Expression {
  node: string;
  /** Where the value stands in the node. */
  path: (string | number)[];
  kind: 'template' | 'condition';
  /** The value that the text is written as. Default: the text itself. */
  toValue?: (text: string) => Json;
}

/** Asks again when the text, the document or the run is another one. */
function useChecked({ node, path, kind, toValue }: Expression, text: string): Answers['draft'] | undefined {
  const editor = useEditor();
  const version = useEditorState((state) => state.document?.version);
  const run = useEditorState((state) => (state.run ? `${state.run.id} ${state.run.view.finishedAt ?? ''}` : ''));
  const [answer, setAnswer] = useState<Answers['draft']>();
  const place = JSON.stringify(path);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version or run is what makes the answer another one; `place` is the path
  useEffect(() => {
    if (text === '' || text.length > MOST_ASKED) {
      setAnswer(undefined);
      return;
    }
    let current = true;
    const timer = window.setTimeout(async () => {
      const value = toValue ? toValue(text) : text;
      const found = await editor.ask({ about: 'draft', node, path, value, expression: { kind, text } });
      if (current) setAnswer(found);
    }, PAUSE);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [editor, node, place, kind, text, version, run]);
  return answer;
}

/** Completes an expression: steps, their fields, inputs, filters, functions. Undefined for a text that is none. */
export function useExpressionSuggester(expression: Expression | undefined): Suggester | undefined {
  const editor = useEditor();
  const newest = useRef(expression);
  newest.current = expression;
  const isExpression = expression !== undefined;
  return useMemo(
    () =>
      isExpression
        ? {
            async suggest(text, offset) {
              if (!newest.current || text.length > MOST_ASKED) return [];
              const { node, path, kind, toValue } = newest.current;
              const value = toValue ? toValue(text) : text;
              return (await editor.ask({ about: 'completion', node, path, value, expression: { kind, text }, offset })) ?? [];
            },
          }
        : undefined,
    [editor, isExpression],
  );
}

/** `isDraft`: the text is not in the document yet, whose own problems are told by the field. */
export function Assist({ expression, text, isDraft }: { expression: Expression; text: string; isDraft: boolean }) {
  const answer = useChecked(expression, text);
  if (!answer) return null;
  const { problems, preview } = answer;
  return (
    <div className={`assist${isDraft ? ' is-draft' : ''}`} role="status">
      {'value' in preview ? (
        <div className="preview">
          <span className="preview-head">In the last run</span>
          {/* What scrolls has to be reachable by keyboard. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
          <pre className="preview-value" tabIndex={0}>
            {preview.value === '' ? <em>empty</em> : preview.value}
            {preview.isCut && <em> …</em>}
          </pre>
        </div>
      ) : (
        <p className="preview-none">{preview.none}</p>
      )}
      {isDraft &&
        problems.map((problem) => (
          <p key={problem.text} className={`field-problem ${problem.severity}`}>
            <Icon name={problem.severity} />
            <span>{problem.text}</span>
          </p>
        ))}
    </div>
  );
}
