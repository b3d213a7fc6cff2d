/** A value that is computed: an expression as one line of CEL, or any JSON with expressions in it. */
import { useState } from 'react';
import { TextInput } from './Field.tsx';
import { expressionOf } from './form-model.ts';
import { JsonInput } from './JsonInput.tsx';
import { type ParamProps, useParamWriter } from './param.ts';
import { Segments } from './Segments.tsx';

export function ValueInput({ node, field, value, readonly, problems }: ParamProps) {
  const write = useParamWriter(node, field);
  const expression = expressionOf(value);
  const [wished, setWished] = useState<'expression' | 'json' | null>(null);
  // A node that was just added has null where nothing was given yet.
  const asExpression = value === undefined || value === null || expression !== undefined;
  const isJson = field.kind !== 'value' || (wished ?? (asExpression ? 'expression' : 'json')) === 'json';
  const invalid = problems.some((problem) => problem.severity === 'error');
  const common = { label: field.title, readonly, invalid };
  return (
    <>
      {field.kind === 'value' && (
        <Segments<'expression' | 'json'>
          label={`${field.title}: how it is given`}
          current={isJson ? 'json' : 'expression'}
          choices={[
            { value: 'expression', label: 'Expression' },
            { value: 'json', label: 'JSON' },
          ]}
          choose={setWished}
        />
      )}
      {isJson ? (
        <JsonInput {...common} placeholder={field.placeholder} value={value} write={write} />
      ) : (
        <TextInput
          {...common}
          value={expression ?? ''}
          placeholder="steps.draft.output.text"
          monospace
          multiline={expression?.includes('\n') === true}
          expression={{ node, path: ['with', field.key], kind: 'condition', toValue: (text) => ({ $expr: text }) }}
          write={(typed) => write({ ok: true, value: typed === '' && !field.required ? undefined : { $expr: typed } })}
        />
      )}
    </>
  );
}
