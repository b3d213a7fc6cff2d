import type { Json } from '../../engine/format/json.ts';
import type { Problem } from '../../engine/format/problem.ts';
import { setParam } from '../state/gestures.ts';
import { useEditor } from '../ui/context.tsx';
import type { Expression } from './Assist.tsx';
import type { FormField, Written } from './form-model.ts';

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

/** The text at `path` of a field as an expression; undefined where it is none. `kind`: where it is not that of the field. */
export function expressionAt(
  node: string,
  field: FormField,
  path: (string | number)[],
  kind: FormField['kind'] = field.kind,
): Expression | undefined {
  return kind === 'template' || kind === 'condition' ? { node, path: ['with', field.key, ...path], kind } : undefined;
}
