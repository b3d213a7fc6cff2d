/** An ordered list of texts or numbers: one field for each entry, and an empty one to add. */
import type { Json } from '../../engine/format/json.ts';
import { IconButton } from '../ui/elements.tsx';
import { TextInput } from './Field.tsx';
import { readNumber, readText, type Written } from './form-model.ts';
import { NameInput } from './NameInput.tsx';
import { expressionAt, type ParamProps, useParamWriter } from './param.ts';

export function ListInput({ node, field, value, readonly }: ParamProps) {
  const write = useParamWriter(node, field);
  const entries: Json[] = Array.isArray(value) ? value : [];
  const read = (typed: string): Written => (field.numeric === 'no' ? readText(typed, true) : readNumber(typed, field.numeric));
  const remove = (index: number) => {
    const rest = entries.filter((_, at) => at !== index);
    write({ ok: true, value: rest.length === 0 && !field.required ? undefined : rest });
  };
  const add = (typed: string): string | undefined => {
    const written = read(typed);
    return written.ok && written.value !== undefined ? write({ ok: true, value: [...entries, written.value] }) : write(written);
  };
  const named = field.names === 'none' ? undefined : field.names;
  /** A name that is emptied is taken out. */
  const rename = (typed: string, index: number): string | undefined => {
    if (typed.trim() !== '') return write(read(typed.trim()), [index]);
    remove(index);
    return undefined;
  };
  const adding = {
    label: `Add to ${field.title}`,
    value: '',
    adds: true,
    readonly: false,
    placeholder: entries.length === 0 ? field.placeholder : 'Add another',
    write: add,
  } as const;
  return (
    <ol className="entries">
      {entries.map((entry, index) => {
        const shown = typeof entry === 'string' ? entry : JSON.stringify(entry);
        const label = `${field.title} ${index + 1}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no identity but their place
          <li key={index} className="entry">
            {named ? (
              <NameInput
                of={named}
                label={label}
                value={shown}
                placeholder=""
                readonly={readonly}
                write={(typed) => rename(typed, index)}
              />
            ) : (
              <TextInput
                label={label}
                value={shown}
                readonly={readonly}
                multiline={shown.includes('\n')}
                expression={expressionAt(node, field, [index])}
                write={(typed) => write(read(typed), [index])}
              />
            )}
            {!readonly && <IconButton icon="close" label={`Remove ${label}`} onClick={() => remove(index)} />}
          </li>
        );
      })}
      {!readonly && (
        <li key="new" className="entry">
          {named ? <NameInput of={named} lists {...adding} /> : <TextInput {...adding} />}
          <span className="entry-gap" />
        </li>
      )}
    </ol>
  );
}
