/** Names with a text each, such as the environment of a command. */
import { isJsonObject, type JsonObject } from '../../engine/format/json.ts';
import { IconButton } from '../ui/elements.tsx';
import { TextInput } from './Field.tsx';
import { expressionAt, type ParamProps, useParamWriter } from './param.ts';

export function KeyValueInput({ node, field, value, readonly }: ParamProps) {
  const write = useParamWriter(node, field);
  const pairs: JsonObject = value !== undefined && isJsonObject(value) ? value : {};
  const names = Object.keys(pairs);

  const rename = (from: string, typed: string): string | undefined => {
    const to = typed.trim();
    if (to === '') return 'A name is needed. Remove the line instead.';
    if (to in pairs) return `“${to}” is there already.`;
    return write({ ok: true, value: Object.fromEntries(Object.entries(pairs).map(([name, text]) => [name === from ? to : name, text])) });
  };
  const add = (typed: string): string | undefined => {
    const name = typed.trim();
    if (name in pairs) return `“${name}” is there already.`;
    return write({ ok: true, value: '' }, [name]);
  };
  const remove = (name: string) => {
    if (names.length === 1 && !field.required) write({ ok: true, value: undefined });
    else write({ ok: true, value: undefined }, [name]);
  };
  return (
    <ul className="entries">
      {names.map((name) => (
        <li key={name} className="entry pair">
          <TextInput label={`${field.title}: name`} value={name} readonly={readonly} write={(typed) => rename(name, typed)} />
          <TextInput
            label={`${field.title}: value of ${name}`}
            value={String(pairs[name] ?? '')}
            readonly={readonly}
            expression={expressionAt(node, field, [name])}
            write={(typed) => write({ ok: true, value: typed }, [name])}
          />
          {!readonly && <IconButton icon="close" label={`Remove ${name}`} onClick={() => remove(name)} />}
        </li>
      ))}
      {!readonly && (
        <li key="new" className="entry pair">
          <TextInput label={`Add to ${field.title}`} value="" adds readonly={false} placeholder="NAME" write={add} />
          <span className="entry-gap" />
        </li>
      )}
    </ul>
  );
}
