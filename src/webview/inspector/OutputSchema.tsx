/** What the result of a step has to look like. */
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { count } from '../state/format.ts';
import { setParam } from '../state/gestures.ts';
import { useEditor } from '../ui/context.tsx';
import { Field } from './Field.tsx';
import { SchemaInput } from './SchemaInput.tsx';
import { Section } from './Section.tsx';
import { rowsOf } from './schema-model.ts';

interface OutputSchemaProps {
  node: string;
  schema: Json | undefined;
  readonly: boolean;
  problems: readonly Problem[];
}

export function OutputSchema({ node, schema, readonly, problems }: OutputSchemaProps) {
  const editor = useEditor();
  const fields = isJsonObject(schema) ? rowsOf(schema)?.length : undefined;
  const note = schema === undefined ? '' : fields === undefined ? 'set' : count(fields, 'field', 'fields');
  return (
    <Section title="Output schema" note={note}>
      <Field
        title="Fields of the result"
        description="The result has to match them. A model is told them, and its reply is checked and repaired; nothing invalid reaches the next step."
        problems={problems}
      >
        <SchemaInput
          label="Output schema"
          node={node}
          at={['output']}
          value={schema}
          readonly={readonly}
          write={(written) => {
            if (!written.ok) return written.problem;
            editor.perform(setParam(node, ['output'], written.value, 'output schema'));
            return undefined;
          }}
        />
      </Field>
    </Section>
  );
}
