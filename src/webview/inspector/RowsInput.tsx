/** An ordered list of small objects: the cases of a branch, the rules of a check. */
import type { FlowEdit } from '../../engine/format/flow-edit.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/format/json.ts';
import { edgesOf } from '../state/graph-model.ts';
import { useEditor } from '../ui/context.tsx';
import { Button, IconButton } from '../ui/elements.tsx';
import { TextInput } from './Field.tsx';
import { newRow } from './form-model.ts';
import { expressionAt, type ParamProps, useParamWriter } from './param.ts';

/** The outlet a row of `cases` stands for. */
const outletOf = (row: JsonObject | undefined): string => `case:${String(row?.name ?? '')}`;

export function RowsInput({ node, field, value, readonly }: ParamProps) {
  const editor = useEditor();
  const write = useParamWriter(node, field);
  const rows: JsonObject[] = (Array.isArray(value) ? value : []).filter((row: Json) => isJsonObject(row));
  const one = field.title.endsWith('s') ? field.title.slice(0, -1) : field.title;

  /** The edges that leave by a row's outlet. */
  const edgesBy = (row: JsonObject | undefined) => {
    const { flow } = editor.store.getState();
    return field.outlets && flow ? edgesOf(flow).filter((edge) => edge.source === node && edge.outlet === outletOf(row)) : [];
  };
  const set = (path: (string | number)[], next: Json | undefined): FlowEdit => ({
    kind: 'setParam',
    node,
    path: ['with', field.key, ...path],
    ...(next === undefined ? {} : { value: next }),
  });
  const change = (index: number, key: string, typed: string): string | undefined => {
    if (typed === '') return 'This must not be empty.';
    const edges = key === 'name' ? edgesBy(rows[index]) : [];
    if (edges.length > 0 && rows.some((row, at) => at !== index && row.name === typed)) return `“${typed}” is there already.`;
    editor.perform({
      label: `Change ${one}`,
      edits: [
        ...edges.map((edge): FlowEdit => ({ kind: 'disconnect', ...edge })),
        set([index, key], typed),
        ...edges.map((edge): FlowEdit => ({ kind: 'connect', ...edge, outlet: `case:${typed}` })),
      ],
    });
    return undefined;
  };
  const remove = (index: number) => {
    const rest = rows.filter((_, at) => at !== index);
    editor.perform({
      label: `Remove ${one}`,
      edits: [
        ...edgesBy(rows[index]).map((edge): FlowEdit => ({ kind: 'disconnect', ...edge })),
        set([], rest.length === 0 && !field.required ? undefined : rest),
      ],
    });
  };
  const swap = (index: number, other: number) => {
    const next = [...rows];
    const [a, b] = [rows[index], rows[other]];
    if (!a || !b) return;
    next[index] = b;
    next[other] = a;
    write({ ok: true, value: next });
  };

  return (
    <>
      <ol className="rows">
        {rows.map((row, index) => {
          const name = `${one} ${index + 1}`;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
            <li key={index} className="row-card">
              <div className="row-head">
                <span>{name}</span>
                {!readonly && (
                  <>
                    <IconButton icon="arrow-up" label={`Move ${name} up`} disabled={index === 0} onClick={() => swap(index, index - 1)} />
                    <IconButton
                      icon="arrow-down"
                      label={`Move ${name} down`}
                      disabled={index === rows.length - 1}
                      onClick={() => swap(index, index + 1)}
                    />
                    <IconButton icon="close" label={`Remove ${name}`} onClick={() => remove(index)} />
                  </>
                )}
              </div>
              {field.columns.map((column) => (
                <div key={column.key} className="row-line">
                  <span className="row-name" aria-hidden="true">
                    {column.title}
                  </span>
                  <TextInput
                    label={`${name}: ${column.title}`}
                    value={String(row[column.key] ?? '')}
                    readonly={readonly}
                    placeholder={column.placeholder}
                    multiline={String(row[column.key] ?? '').includes('\n')}
                    expression={expressionAt(node, field, [index, column.key], column.kind)}
                    write={(typed) => change(index, column.key, typed)}
                  />
                </div>
              ))}
            </li>
          );
        })}
      </ol>
      {!readonly && (
        <Button secondary icon="add" onClick={() => write({ ok: true, value: [...rows, newRow(field.columns, rows)] })}>
          Add {one.toLowerCase()}
        </Button>
      )}
    </>
  );
}
