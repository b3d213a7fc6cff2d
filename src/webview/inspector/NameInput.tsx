/** A name out of those the host knows (models, agents, tools); another one may be typed. */
import { useMemo } from 'react';
import type { Named } from '../protocol/ask.ts';
import { useEditor } from '../ui/context.tsx';
import { TextInput } from './Field.tsx';
import { namesFor, type Suggester } from './suggestions.ts';

interface NameInputProps {
  of: 'models' | 'agents' | 'tools';
  /** One of a list of names. */
  lists?: boolean;
  label: string;
  value: string;
  placeholder: string;
  readonly: boolean;
  invalid?: boolean;
  /** As of `TextInput`. */
  adds?: boolean;
  write(typed: string): string | undefined;
}

export function NameInput({ of, lists = false, ...field }: NameInputProps) {
  const editor = useEditor();
  const suggester = useMemo((): Suggester => {
    let names: Promise<Named[] | undefined> | undefined;
    return {
      opensAtOnce: true,
      async suggest(text, caret) {
        // With nothing typed yet the settings may have changed since.
        if (caret === 0 || names === undefined) names = editor.ask(of === 'tools' ? { about: of, lists } : { about: of });
        const known = (await names) ?? [];
        // The field holds one of them already: the others are what is of interest.
        const isOne = known.some(({ name }) => name === text);
        return namesFor(known, isOne ? '' : text, text.length);
      },
    };
  }, [editor, of, lists]);
  return <TextInput {...field} suggester={suggester} />;
}
