/** One parameter of a node, drawn as its manifest says. */
import type { Json } from '../../engine/format/json.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { setParam } from '../state/gestures.ts';
import { Checkbox, Select } from '../ui/elements.tsx';
import { useEditor } from '../ui/context.tsx';
import { Field, TextInput } from './Field.tsx';
import type { FormField } from './form-model.ts';
import { readJson, readNumber, readText, type Written, writeJson } from './form-model.ts';
import { KeyValueInput } from './KeyValueInput.tsx';
import { ListInput } from './ListInput.tsx';
import { RowsInput } from './RowsInput.tsx';
import { ValueInput } from './ValueInput.tsx';

export interface ParamProps {
  node: string;
  field: FormField;
  value: Json | undefined;
  readonly: boolean;
  problems: readonly Problem[];
}

/** Writes a value of a node's `with`. `path` goes on from the field. */
export function useParamWriter(node: string, field: FormField): (written: Written, path?: (string | number)[]) => string | undefined {
  const editor = useEditor();
  return (written, path = []) => {
    if (!written.ok) return written.problem;
    editor.perform(setParam(node, ['with', field.key, ...path], written.value, field.title));
    return undefined;
  };
}

export function ParamField(props: ParamProps) {
  const { field, problems } = props;
  return (
    <Field title={field.title} description={field.description} kind={field.kind} required={field.required} problems={problems}>
      <ParamInput {...props} />
    </Field>
  );
}

function ParamInput(props: ParamProps) {
  const { node, field, value, readonly, problems } = props;
  const write = useParamWriter(node, field);
  const label = field.title;
  const invalid = problems.some((problem) => problem.severity === 'error');
  const common = { label, readonly, invalid, placeholder: field.placeholder };

  switch (field.control) {
    case 'multiline':
    case 'code':
    case 'text':
    case 'file':
    case 'model': {
      if (value !== undefined && typeof value !== 'string') return <JsonInput {...common} value={value} write={write} />;
      const multiline = field.control === 'multiline' || value?.includes('\n') === true;
      return (
        <TextInput
          {...common}
          value={value ?? ''}
          multiline={multiline}
          monospace={field.control === 'code' || field.kind === 'condition'}
          rows={field.required || value !== undefined ? 4 : 2}
          write={(typed) => write(readText(typed, field.required))}
        />
      );
    }
    case 'number':
      return <TextInput {...common} value={value === undefined ? '' : String(value)} write={(typed) => write(readNumber(typed, field.numeric))} />;
    case 'boolean':
      return <Checkbox label={label} checked={value === true} disabled={readonly} onChange={(checked) => write({ ok: true, value: checked })} />;
    case 'enum': {
      const none = field.required ? [] : [{ value: '', label: 'Default' }];
      const choices = [...none, ...field.choices.map((choice) => ({ value: choice, label: choice }))];
      return (
        <Select label={label} value={typeof value === 'string' ? value : ''} choices={choices} disabled={readonly} onChange={(chosen) => write(readText(chosen, field.required))} />
      );
    }
    case 'list':
      return <ListInput {...props} />;
    case 'keyValue':
      return <KeyValueInput {...props} />;
    case 'rows':
      return <RowsInput {...props} />;
    case 'json':
      return <ValueInput {...props} />;
    case 'schema':
      return <JsonInput {...common} value={value} write={write} />;
    case 'body':
      return <p className="field-about">The body of this step is edited as text for now.</p>;
    default:
      return field.control satisfies never;
  }
}

interface JsonInputProps {
  label: string;
  value: Json | undefined;
  readonly: boolean;
  invalid: boolean;
  placeholder: string;
  write(written: Written): string | undefined;
}

export function JsonInput({ value, write, ...common }: JsonInputProps) {
  return <TextInput {...common} value={writeJson(value)} multiline monospace rows={3} write={(typed) => write(readJson(typed))} />;
}
