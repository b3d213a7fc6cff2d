/** The frame of a field: its name, what it is for, the field, and what is wrong with it. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { FieldKind } from '../../engine/format/manifest.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { Icon, TextArea, TextField } from '../ui/elements.tsx';
import { Assist, type Expression, useExpressionSuggester } from './Assist.tsx';
import { ProblemList } from './ProblemList.tsx';
import { SuggestionList, useCompletion } from './Suggestions.tsx';
import type { Suggester } from './suggestions.ts';
import { useDraft } from './useDraft.ts';

const KIND_TAGS: { readonly [K in FieldKind]: { tag: string; tip: string } | undefined } = {
  literal: undefined,
  template: { tag: '{{ }}', tip: 'A Liquid template: {{ inputs.name }}, {{ steps.id.output.text }}' },
  condition: { tag: 'CEL', tip: 'A CEL condition: steps.check.output.valid && inputs.count > 2' },
  value: { tag: '$expr', tip: 'JSON in which {"$expr": "CEL"} is evaluated' },
};

interface FieldProps {
  title: string;
  description?: string | undefined;
  kind?: FieldKind | undefined;
  required?: boolean | undefined;
  /** Beside the name: a button. */
  action?: ReactNode;
  /** Of the document, at this field. */
  problems?: readonly Problem[] | undefined;
  children: ReactNode;
}

export function Field({ title, description, kind, required, action, problems = [], children }: FieldProps) {
  const id = useId();
  const tag = kind && KIND_TAGS[kind];
  const bad = problems.length > 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a frame of its own and cannot be laid out
    <div className="field" role="group" aria-labelledby={`${id}-name`} aria-describedby={bad ? `${id}-bad` : undefined}>
      <div className="field-name" id={`${id}-name`}>
        <span>{title}</span>
        {required && (
          <span className="field-required" title="Required">
            *
          </span>
        )}
        {tag && (
          <span className="field-kind" title={tag.tip}>
            {tag.tag}
          </span>
        )}
        {action}
      </div>
      {description !== undefined && description !== '' && <p className="field-about">{description}</p>}
      {children}
      {bad && (
        <div className="field-problems" id={`${id}-bad`}>
          <ProblemList problems={problems} atField />
        </div>
      )}
    </div>
  );
}

function FieldError({ text }: { text: string }) {
  return (
    <p className="field-problem error">
      <Icon name="error" />
      <span>{text}</span>
    </p>
  );
}

interface TextInputProps {
  label: string;
  value: string;
  write(text: string): string | undefined;
  readonly: boolean;
  placeholder?: string;
  /** The field adds something, and is empty again when that is written. */
  adds?: boolean;
  multiline?: boolean;
  monospace?: boolean;
  invalid?: boolean;
  rows?: number;
  /** The text is an expression: it is checked while it is typed. */
  expression?: Expression | undefined;
  suggester?: Suggester | undefined;
  /** Told what is shown, before it is in the document. */
  watch?(text: string): void;
}

const MOST_ROWS = 16;

/** A text that is written when the field is left. */
export function TextInput({ label, value, write, readonly, placeholder, multiline, monospace, invalid, rows, ...help }: TextInputProps) {
  const { expression, watch, adds } = help;
  const completer = useExpressionSuggester(expression);
  const suggester = help.suggester ?? completer;
  const draft = useDraft({ value, write, adds, multiline });
  useEffect(() => watch?.(draft.text), [watch, draft.text]);
  const box = useRef<HTMLDivElement>(null);
  const completion = useCompletion(readonly ? undefined : suggester, draft, box);
  // What is told of an expression stays once it is there: if it went with the focus, what was clicked on would move away.
  const [wasVisited, setVisited] = useState(false);
  const bad = invalid === true || draft.problem !== '';
  const lines = Math.min(MOST_ROWS, Math.max(rows ?? 3, draft.text.split('\n').length + 1));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only listens to what happens in the field
    <div
      className={`text-input${multiline ? ' multiline' : ''}`}
      ref={box}
      onFocus={() => {
        setVisited(true);
        completion.onFocus();
      }}
      onBlur={() => {
        completion.close();
        draft.handlers.onBlur();
      }}
      onKeyDown={(event) => !completion.onKeyDown(event) && draft.handlers.onKeyDown(event)}
    >
      {multiline || expression?.kind === 'condition' ? (
        <TextArea
          label={label}
          value={draft.text}
          onInput={draft.onType}
          placeholder={placeholder}
          readonly={readonly}
          invalid={bad}
          rows={multiline ? lines : 1}
          monospace={monospace ?? false}
        />
      ) : (
        <TextField label={label} value={draft.text} onInput={draft.onType} placeholder={placeholder} readonly={readonly} invalid={bad} />
      )}
      {completion.offered && <SuggestionList offered={completion.offered} pick={completion.pick} label={label} />}
      {draft.problem !== '' && <FieldError text={draft.problem} />}
      {expression && wasVisited && <Assist expression={expression} text={draft.text} isDraft={draft.isPending} />}
    </div>
  );
}
