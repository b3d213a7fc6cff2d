/** The flow itself, when no node is selected. */
import type { Json } from '../../engine/format/json.ts';
import { isJsonObject } from '../../engine/format/json.ts';
import { type Flow, INPUT } from '../../engine/format/model.ts';
import { count } from '../state/format.ts';
import { renameInput, setFlow } from '../state/gestures.ts';
import { allNodes, edgesOf } from '../state/graph-model.ts';
import { isEditable } from '../state/state.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { Button, IconButton, Select } from '../ui/elements.tsx';
import { TriggersSection } from '../ui/later.tsx';
import { Field, TextInput } from './Field.tsx';
import { readJson } from './form-model.ts';
import { NameInput } from './NameInput.tsx';
import { ProblemList } from './ProblemList.tsx';
import { Section } from './Section.tsx';

const INPUT_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'];

type Inputs = NonNullable<Flow['inputs']>;

function nameProblem(name: string, inputs: Inputs): string | undefined {
  if (!INPUT.test(name)) return 'A name has letters, digits and “_”, and does not begin with a digit.';
  return Object.hasOwn(inputs, name) ? `“${name}” is there already.` : undefined;
}

function InputCard({ name, inputs, readonly }: { name: string; inputs: Inputs; readonly: boolean }) {
  const editor = useEditor();
  const schema = inputs[name];
  const known = schema !== undefined && isJsonObject(schema) ? schema : {};
  const type = typeof known.type === 'string' ? known.type : '';
  const isText = type === 'string';
  const renameTo = (typed: string): string | undefined => {
    const to = typed.trim();
    const refused = nameProblem(to, inputs);
    if (refused === undefined) editor.perform(renameInput(name, to));
    return refused;
  };
  const set = (path: string[], value: Json | undefined) => {
    editor.perform(setFlow(['inputs', name, ...path], value, `input ${name}`));
    return undefined;
  };
  const remove = () => {
    const last = Object.keys(inputs).length === 1;
    editor.perform(setFlow(last ? ['inputs'] : ['inputs', name], undefined, `input ${name}`));
  };
  const shown =
    known.default === undefined ? '' : isText && typeof known.default === 'string' ? known.default : JSON.stringify(known.default);
  return (
    <li className="row-card">
      <div className="row-head">
        <TextInput label={`Name of ${name}`} value={name} readonly={readonly} monospace write={renameTo} />
        {!readonly && <IconButton icon="close" label={`Remove input ${name}`} onClick={remove} />}
      </div>
      <div className="row-line">
        <span className="row-name" aria-hidden="true">
          Type
        </span>
        <Select
          label={`Type of ${name}`}
          value={type}
          disabled={readonly || !isJsonObject(schema)}
          choices={[
            ...(INPUT_TYPES.includes(type) ? [] : [{ value: type, label: type || 'any' }]),
            ...INPUT_TYPES.map((it) => ({ value: it, label: it })),
          ]}
          onChange={(chosen) => set(['type'], chosen)}
        />
      </div>
      <div className="row-line">
        <span className="row-name" aria-hidden="true">
          Default
        </span>
        <TextInput
          label={`Default of ${name}`}
          value={shown}
          placeholder="asked for when run"
          readonly={readonly || !isJsonObject(schema)}
          write={(typed) => {
            if (typed === '') return set(['default'], undefined);
            if (isText) return set(['default'], typed);
            const read = readJson(typed);
            return read.ok ? set(['default'], read.value) : read.problem;
          }}
        />
      </div>
      <div className="row-line">
        <span className="row-name" aria-hidden="true">
          About
        </span>
        <TextInput
          label={`Description of ${name}`}
          value={typeof known.description === 'string' ? known.description : ''}
          readonly={readonly || !isJsonObject(schema)}
          write={(typed) => set(['description'], typed === '' ? undefined : typed)}
        />
      </div>
    </li>
  );
}

function InputsSection({ flow, readonly }: { flow: Flow; readonly: boolean }) {
  const editor = useEditor();
  const inputs = flow.inputs ?? {};
  const names = Object.keys(inputs);
  const add = (typed: string): string | undefined => {
    const name = typed.trim();
    const refused = nameProblem(name, inputs);
    if (refused === undefined) editor.perform(setFlow(['inputs', name], { type: 'string' }, `input ${name}`));
    return refused;
  };
  return (
    <Section title="Inputs" note={names.length === 0 ? '' : String(names.length)} open>
      <p className="field-about">
        What the flow is told when it is run; steps use it as inputs.name. References follow when it is renamed.
      </p>
      {names.length > 0 && (
        <ul className="rows">
          {names.map((name, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an input that is renamed is the same one, and keeps the focus
            <InputCard key={index} name={name} inputs={inputs} readonly={readonly} />
          ))}
        </ul>
      )}
      {!readonly && <TextInput adds label="Add an input" placeholder="Add an input: its name" value="" readonly={false} write={add} />}
    </Section>
  );
}

export function FlowPanel() {
  const editor = useEditor();
  const flow = useEditorState((state) => state.flow);
  const problems = useEditorState((state) => state.problems);
  const readonly = !useEditorState(isEditable);
  if (!flow) return null;
  const nodes = allNodes(flow.nodes).length;
  const set = (path: string[], what: string) => (typed: string) => {
    editor.perform(setFlow(path, typed.trim() === '' ? undefined : typed, what));
    return undefined;
  };
  return (
    <>
      <h2 className="panel-title">Flow</h2>
      <p className="field-about">
        {nodes === 0
          ? 'It has no nodes yet.'
          : `${count(nodes, 'node', 'nodes')}, ${count(edgesOf(flow).length, 'edge', 'edges')}. Select a node to configure it.`}
      </p>
      <Field title="Title">
        <TextInput label="Title" value={flow.title ?? ''} readonly={readonly} write={set(['title'], 'title')} />
      </Field>
      <Field title="Description">
        <TextInput
          label="Description"
          value={flow.description ?? ''}
          readonly={readonly}
          multiline
          rows={3}
          write={set(['description'], 'description')}
        />
      </Field>
      <Field title="Model" description="For prompts that name none: an alias such as “fast”, or connection/model.">
        <NameInput
          of="models"
          label="Model"
          value={flow.model ?? ''}
          placeholder="that of the run"
          readonly={readonly}
          write={(typed) => set(['model'], 'model')(typed.trim())}
        />
      </Field>
      <InputsSection flow={flow} readonly={readonly} />
      <TriggersSection triggers={flow.triggers ?? {}} readonly={readonly} />
      <Section title="Problems" note={problems.length === 0 ? 'none' : String(problems.length)} open={problems.length > 0}>
        <ProblemList problems={problems} linked />
        {problems.length > 0 && (
          <Button secondary onClick={() => editor.post({ type: 'openProblems' })}>
            Open the Problems panel
          </Button>
        )}
      </Section>
    </>
  );
}
