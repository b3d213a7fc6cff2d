/** A JSON Schema of an object, built field by field; as JSON where rows cannot show it, or where somebody wants that. */
import { type ReactNode, useState } from 'react';
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import { locateNode } from '../../engine/format/graph.ts';
import type { Json, JsonPath } from '../../engine/format/json.ts';
import { useEditor } from '../ui/context.tsx';
import { Checkbox, IconButton, Select } from '../ui/elements.tsx';
import { TextInput } from './Field.tsx';
import { readJson, type Written } from './form-model.ts';
import { JsonInput } from './JsonInput.tsx';
import { Segments } from './Segments.tsx';
import {
  addRow,
  nameProblem,
  ROW_TYPES,
  type RowType,
  readChoices,
  removeRow,
  renameRow,
  requireRow,
  retype,
  retypeItems,
  rowsOf,
  type SchemaChange,
  type SchemaRow,
  writeChoices,
} from './schema-model.ts';

interface SchemaInputProps {
  label: string;
  node: string;
  /** Where the schema stands in the node. */
  at: readonly (string | number)[];
  value: Json | undefined;
  readonly: boolean;
  invalid?: boolean;
  write(written: Written): string | undefined;
}

interface Builder {
  readonly: boolean;
  schema: Json | undefined;
  change(changes: SchemaChange[], what: string): undefined;
}

const TYPE_WORDS: { readonly [T in RowType]: string } = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'yes or no',
  array: 'list',
  object: 'object',
  any: 'anything',
  other: 'JSON Schema',
};

function typeChoices(...more: RowType[]): { value: string; label: string }[] {
  return [...new Set([...ROW_TYPES, 'any' as const, ...more])].map((type) => ({ value: type, label: TYPE_WORDS[type] }));
}

export function SchemaInput({ label, node, at, value, readonly, invalid = false, write }: SchemaInputProps) {
  const editor = useEditor();
  const [wishesJson, setWishesJson] = useState(false);
  const rows = rowsOf(value);
  const asJson = wishesJson || rows === undefined;
  const change = (changes: SchemaChange[], what: string): undefined => {
    const { flow } = editor.store.getState();
    const place = flow && locateNode(flow, node)?.path;
    if (!place) return;
    const edits = changes.map((it): FlowEdit => {
      if ('rename' in it) return { kind: 'renameKey', path: [...place, ...at, ...it.path], to: it.rename };
      return { kind: 'setParam', node, path: [...at, ...it.path], ...(it.value === undefined ? {} : { value: it.value }) };
    });
    editor.perform({ label: what, edits });
  };
  return (
    <>
      <Segments
        label={`${label}: how it is written`}
        current={asJson ? 'json' : 'fields'}
        choices={[
          { value: 'fields', label: 'Fields', disabled: rows === undefined },
          { value: 'json', label: 'JSON' },
        ]}
        choose={(chosen) => setWishesJson(chosen === 'json')}
      />
      {asJson ? (
        <JsonInput label={label} value={value} readonly={readonly} invalid={invalid} placeholder='{ "type": "object" }' write={write} />
      ) : (
        <Rows label={label} rows={rows} inner={[]} builder={{ readonly, schema: value, change }} />
      )}
      {rows === undefined && <p className="field-about">This schema says more than fields can show.</p>}
    </>
  );
}

function Rows({ label, rows, inner, builder }: { label: string; rows: readonly SchemaRow[]; inner: JsonPath; builder: Builder }) {
  const { schema, readonly, change } = builder;
  const add = (typed: string): string | undefined => {
    const name = typed.trim();
    return nameProblem(schema, inner, name) || change(addRow(schema, inner, name), `Add field ${name}`);
  };
  return (
    <>
      {rows.length > 0 && (
        <ul className="rows">
          {rows.map((row) => (
            <Row key={row.name} label={label} row={row} builder={builder} />
          ))}
        </ul>
      )}
      {!readonly && (
        <TextInput adds label={`Add a field to ${label}`} placeholder="Add a field: its name" value="" readonly={false} write={add} />
      )}
    </>
  );
}

function Row({ label, row, builder }: { label: string; row: SchemaRow; builder: Builder }) {
  const { schema, readonly, change } = builder;
  const inner = row.path.slice(0, -2);
  const set = (key: string, value: Json | undefined) => change([{ path: [...row.path, key], value }], `Change ${row.name}`);
  const rename = (typed: string): string | undefined => {
    const to = typed.trim();
    return nameProblem(schema, inner, to) || change(renameRow(schema, row, to), `Rename ${row.name}`);
  };
  const isOther = row.type === 'other';
  const hasChoices = row.type === 'string' || row.type === 'number' || row.type === 'integer' || row.choices !== undefined;
  return (
    <li className="row-card schema-row">
      <div className="schema-head">
        <TextInput label={`Name of ${row.name}`} value={row.name} readonly={readonly} write={rename} />
        <Select
          label={`Type of ${row.name}`}
          value={row.type}
          disabled={readonly}
          choices={typeChoices(row.type)}
          onChange={(type) => change(retype(row, type as RowType), `Change type of ${row.name}`)}
        />
        {!readonly && (
          <IconButton
            icon="close"
            label={`Remove ${row.name}`}
            onClick={() => change(removeRow(schema, row), `Remove field ${row.name}`)}
          />
        )}
      </div>
      <Checkbox
        label="Required"
        checked={row.required}
        disabled={readonly}
        onChange={(checked) => change(requireRow(schema, row, checked), `Change ${row.name}`)}
      />
      {isOther ? (
        <TextInput
          label={`Schema of ${row.name}`}
          value={JSON.stringify(row.schema, null, 2)}
          readonly={readonly}
          multiline
          monospace
          write={(typed) => {
            const read = readJson(typed);
            if (!read.ok) return read.problem;
            return change([{ path: row.path, value: read.value ?? {} }], `Change ${row.name}`);
          }}
        />
      ) : (
        <>
          <Line name="About">
            <TextInput
              label={`Description of ${row.name}`}
              placeholder="What it is"
              value={row.description}
              readonly={readonly}
              write={(typed) => set('description', typed === '' ? undefined : typed)}
            />
          </Line>
          {hasChoices && (
            <Line name="One of">
              <TextInput
                label={`Choices of ${row.name}`}
                placeholder="any; or a, b, c"
                value={writeChoices(row.choices)}
                readonly={readonly}
                write={(typed) => {
                  const read = readChoices(typed, row.type);
                  return read.ok ? set('enum', read.choices) : read.problem;
                }}
              />
            </Line>
          )}
          {row.items !== undefined && (
            <Line name="List of">
              <Select
                label={`Items of ${row.name}`}
                value={row.items}
                disabled={readonly}
                choices={typeChoices(row.items)}
                onChange={(type) => change(retypeItems(row, type as RowType), `Change items of ${row.name}`)}
              />
            </Line>
          )}
          {row.inner !== undefined && (
            <div className="schema-inner">
              <Rows label={`${label}, ${row.name}`} rows={row.rows} inner={row.inner} builder={builder} />
            </div>
          )}
        </>
      )}
    </li>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="row-line">
      <span className="row-name" aria-hidden="true">
        {name}
      </span>
      {children}
    </div>
  );
}
