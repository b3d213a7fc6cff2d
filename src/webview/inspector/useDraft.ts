import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { keepTextKeysHere } from '../ui/keys.ts';

export interface Draft {
  text: string;
  onInput(text: string): void;
  /** Counts what the person has typed: what was put in for them is not counted. */
  typed: number;
  /** For the field itself. */
  onType(text: string): void;
  /** What is shown is not in the document yet. */
  isPending: boolean;
  /** Writes what was typed into the document, if it is another text and can be understood. */
  commit(): void;
  /** Why the text cannot be written; empty where it can. */
  problem: string;
  /** For the element around the field: leaving it, and Enter (with Ctrl or Cmd where Enter makes a line), write it out. */
  handlers: { onBlur(): void; onKeyDown(event: KeyboardEvent): void };
}

interface Options {
  /** The text of the document. */
  value: string;
  /** Sends the text as one edit, or says why it cannot. */
  write(text: string): string | undefined;
  /** The field is empty again when its text has been written: it is there to add something. */
  adds?: boolean | undefined;
  /** Enter makes a new line. */
  multiline?: boolean | undefined;
}

/**
 * Text between the first key and the edit. The document's text is shown until something is typed; what is typed stays until the
 * document has it (or the host refuses it), so that nothing flickers back.
 */
export function useDraft({ value, write, adds, multiline }: Options): Draft {
  const editor = useEditor();
  const refusals = useEditorState((state) => state.refusals);
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState('');
  const sent = useRef(false);
  const latest = useRef({ draft, value, write, adds });
  latest.current = { draft, value, write, adds };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new value or a refusal is what ends a draft that was sent
  useEffect(() => {
    if (!sent.current) return;
    sent.current = false;
    setDraft(null);
  }, [value, refusals]);

  const commit = useCallback(() => {
    const now = latest.current;
    if (now.draft === null || sent.current) return;
    if (now.draft === now.value) {
      setDraft(null);
      setProblem('');
      return;
    }
    const refused = now.write(now.draft);
    setProblem(refused ?? '');
    if (refused === undefined && now.adds) setDraft(null);
    else sent.current = refused === undefined;
  }, []);

  const pending = draft !== null;
  useEffect(() => (pending ? editor.drafts.add(commit) : undefined), [pending, editor, commit]);
  useEffect(() => commit, [commit]);

  const onInput = useCallback((text: string) => {
    sent.current = false;
    latest.current = { ...latest.current, draft: text };
    setDraft(text);
  }, []);

  const [typed, setTyped] = useState(0);
  const onType = useCallback(
    (text: string) => {
      onInput(text);
      setTyped((count) => count + 1);
    },
    [onInput],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    keepTextKeysHere(event);
    if (event.key === 'Enter' && (!multiline || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      commit();
    }
    if (event.key === 'Escape' && draft !== null) {
      event.stopPropagation();
      sent.current = false;
      setDraft(null);
      setProblem('');
    }
  };

  return { text: draft ?? value, onInput, onType, typed, isPending: pending, commit, problem, handlers: { onBlur: commit, onKeyDown } };
}
