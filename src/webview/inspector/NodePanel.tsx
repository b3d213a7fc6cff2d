/** One node: its name, the parameters of its type, its edges, and what the engine does around it. */
import { useMemo } from 'react';
import { locateNode } from '../../engine/format/graph.ts';
import type { Json, JsonPath } from '../../engine/format/json.ts';
import { NODE_ID } from '../../engine/format/model.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { reservedReason } from '../../engine/format/reserved.ts';
import { setParam } from '../state/gestures.ts';
import { paramsOf } from '../state/graph-model.ts';
import { idsOf } from '../state/naming.ts';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';
import { Connections, FlowControl, OutputSchema } from '../ui/later.tsx';
import { Field, TextInput } from './Field.tsx';
import { type FormField, formOf } from './form-model.ts';
import { ParamField } from './ParamField.tsx';
import { ProblemList } from './ProblemList.tsx';
import { Section } from './Section.tsx';

/** The problems at a place in the node that stands at `at`, e.g. `['with', 'prompt']`. */
function problemsAt(problems: readonly Problem[], at: JsonPath, path: JsonPath): Problem[] {
  const wanted: JsonPath = [...at, ...path];
  return problems.filter(({ path, missing }) => {
    const at = missing === undefined ? path : [...path, missing];
    return wanted.every((part, index) => at[index] === part);
  });
}

export function NodePanel({ id }: { id: string }) {
  const editor = useEditor();
  const flow = useEditorState((state) => state.flow);
  const all = useEditorState((state) => state.problems);
  const readonly = !useEditorState(isEditable);
  const located = useMemo(() => (flow ? locateNode(flow, id) : undefined), [flow, id]);
  if (!located) return null;
  const { node, path: at } = located;
  const manifest = editor.catalog.get(node.type);
  const problems = all.filter((problem) => problem.node === id);
  const params = paramsOf(node);
  const form = manifest ? formOf(manifest) : [];
  const shownAtField = new Set(form.flatMap((field) => problemsAt(problems, at, ['with', field.key])));
  const others = problems.filter((problem) => !shownAtField.has(problem));

  const renameTo = (typed: string): string | undefined => {
    const to = typed.trim();
    if (!NODE_ID.test(to)) return 'An id begins with a small letter and goes on with letters, digits and “_”.';
    const reserved = reservedReason(to);
    if (reserved !== undefined) return `“${to}” is ${reserved}.`;
    const { flow } = editor.store.getState();
    if (flow && idsOf(flow).has(to)) return `“${to}” is another node's id.`;
    editor.rename(id, to);
    return undefined;
  };
  const param = (field: FormField) => (
    <ParamField
      key={field.key}
      node={id}
      field={field}
      value={params[field.key]}
      readonly={readonly}
      problems={problemsAt(problems, at, ['with', field.key])}
    />
  );
  const advanced = form.filter((field) => field.advanced);

  return (
    <>
      <header className="node-head">
        <Icon name={manifest?.icon ?? 'question'} className="node-icon" />
        <div>
          <h2 className="panel-title">{manifest?.title ?? node.type}</h2>
          <p className="field-about">{manifest?.description ?? 'This version of Belay does not know this type of node.'}</p>
        </div>
      </header>
      <ProblemList problems={others} />
      <Field title="Title">
        <TextInput
          label="Title"
          value={node.title ?? ''}
          placeholder={manifest?.title ?? node.type}
          readonly={readonly}
          write={(typed) => {
            editor.perform(setParam(id, ['title'], typed.trim() === '' ? undefined : typed.trim(), 'title'));
            return undefined;
          }}
        />
      </Field>
      <Field title="Id" description="By this name other steps refer to its result. References follow when it is changed.">
        <TextInput label="Id" value={id} readonly={readonly} write={renameTo} />
      </Field>
      <hr />
      {form.filter((field) => !field.advanced).map(param)}
      {advanced.length > 0 && (
        <Section title="Advanced" note={advanced.some((field) => params[field.key] !== undefined) ? 'set' : ''}>
          {advanced.map(param)}
        </Section>
      )}
      <OutputSchema
        node={id}
        schema={node.output as Json | undefined}
        readonly={readonly}
        problems={problemsAt(problems, at, ['output'])}
      />
      <Connections id={id} readonly={readonly} />
      <FlowControl id={id} node={node} manifest={manifest} readonly={readonly} problemsAt={(path) => problemsAt(problems, at, path)} />
    </>
  );
}
