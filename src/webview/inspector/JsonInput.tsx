/** A value as JSON text. */
import type { Json } from '../../engine/format/json.ts';
import { TextInput } from './Field.tsx';
import { readJson, type Written, writeJson } from './form-model.ts';

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
