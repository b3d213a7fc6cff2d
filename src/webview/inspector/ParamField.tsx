/** One parameter of a node, drawn as its manifest says. */
import { Checkbox, Select } from '../ui/elements.tsx';
import { SchemaInput } from '../ui/later.tsx';
import { BodyInput } from './BodyInput.tsx';
import { Field, TextInput } from './Field.tsx';
import { readNumber, readText } from './form-model.ts';
import { JsonInput } from './JsonInput.tsx';
import { KeyValueInput } from './KeyValueInput.tsx';
import { ListInput } from './ListInput.tsx';
import { NameInput } from './NameInput.tsx';
import { OpenText } from './OpenText.tsx';
import { expressionAt, type ParamProps, useParamWriter } from './param.ts';
import { RowsInput } from './RowsInput.tsx';
import { ValueInput } from './ValueInput.tsx';

export function ParamField(props: ParamProps) {
  const { field, problems } = props;
  return (
    <Field
      title={field.title}
      description={field.description}
      kind={field.kind}
      required={field.required}
      problems={problems}
      action={textToOpen(props)}
    >
      <ParamInput {...props} />
    </Field>
  );
}

/** The way to an editor for what is too long for a form. */
function textToOpen({ node, field, value, readonly }: ParamProps) {
  const isText =
    field.control === 'multiline' && field.kind === 'template' && !readonly && (value === undefined || typeof value === 'string');
  const isFile = field.control === 'file' && typeof value === 'string';
  return isText || isFile ? <OpenText title={field.title} node={node} path={['with', field.key]} isFile={isFile} /> : undefined;
}

const NAMES = { model: 'models', agent: 'agents', tool: 'tools' } as const;

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
    case 'flow': {
      if (value !== undefined && typeof value !== 'string') return <JsonInput {...common} value={value} write={write} />;
      const multiline = field.control === 'multiline' || value?.includes('\n') === true;
      return (
        <TextInput
          {...common}
          value={value ?? ''}
          multiline={multiline}
          monospace={field.control === 'code' || field.kind === 'condition'}
          rows={field.required || value !== undefined ? 4 : 2}
          expression={expressionAt(node, field, [])}
          write={(typed) => write(readText(typed, field.required))}
        />
      );
    }
    case 'model':
    case 'agent':
    case 'tool':
      if (value !== undefined && typeof value !== 'string') return <JsonInput {...common} value={value} write={write} />;
      return (
        <NameInput
          {...common}
          of={NAMES[field.control]}
          value={value ?? ''}
          write={(typed) => write(readText(typed.trim(), field.required))}
        />
      );
    case 'number':
      return (
        <TextInput
          {...common}
          value={value === undefined ? '' : String(value)}
          write={(typed) => write(readNumber(typed, field.numeric))}
        />
      );
    case 'boolean':
      return (
        <Checkbox label={label} checked={value === true} disabled={readonly} onChange={(checked) => write({ ok: true, value: checked })} />
      );
    case 'enum': {
      const none = field.required ? [] : [{ value: '', label: 'Default' }];
      const choices = [...none, ...field.choices.map((choice) => ({ value: choice, label: choice }))];
      return (
        <Select
          label={label}
          value={typeof value === 'string' ? value : ''}
          choices={choices}
          disabled={readonly}
          onChange={(chosen) => write(readText(chosen, field.required))}
        />
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
      return <SchemaInput {...common} node={node} at={['with', field.key]} value={value} write={write} />;
    case 'body':
      return <BodyInput node={node} value={value} readonly={readonly} />;
    default:
      return field.control satisfies never;
  }
}
