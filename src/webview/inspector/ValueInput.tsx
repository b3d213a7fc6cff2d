/** A value that is computed: an expression as one line of CEL, or any JSON with expressions in it. */
import { useState } from 'react';
import { TextInput } from './Field.tsx';
import { expressionOf } from './form-model.ts';
import { JsonInput } from './JsonInput.tsx';
import { type ParamProps, useParamWriter } from './param.ts';

export function ValueInput({ node, field, value, readonly, problems }: ParamProps) {
  const write = useParamWriter(node, field);
  const expression = expressionOf(value);
  const [wished, setWished] = useState<'expression' | 'json' | null>(null);
  const isJson = field.kind !== 'value' || (wished ?? (value === undefined || expression !== undefined ? 'expression' : 'json')) === 'json';
  const invalid = problems.some((problem) => problem.severity === 'error');
  const common = { label: field.title, readonly, invalid };
  return (
    <>
      {field.kind === 'value' && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a frame of its own
        <div className="segments" role="group" aria-label={`${field.title}: how it is given`}>
          <button type="button" className="segment" aria-pressed={!isJson} onClick={() => setWished('expression')}>
            Expression
          </button>
          <button type="button" className="segment" aria-pressed={isJson} onClick={() => setWished('json')}>
            JSON
          </button>
        </div>
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
          write={(typed) => write({ ok: true, value: typed === '' && !field.required ? undefined : { $expr: typed } })}
        />
      )}
    </>
  );
}
