/** The body of a node, in the form: its steps as links, and a way to add one. */
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import { useEditor } from '../ui/context.tsx';
import { Button } from '../ui/elements.tsx';
import { NodeLinks } from './NodeLinks.tsx';

export function BodyInput({ node, value, readonly }: { node: string; value: Json | undefined; readonly: boolean }) {
  const editor = useEditor();
  const ids = value !== undefined && isJsonObject(value) ? Object.keys(value) : [];
  return (
    <>
      {ids.length > 0 && <NodeLinks ids={ids} />}
      {!readonly && (
        <Button secondary icon="add" onClick={() => editor.openPalette({ owner: node })} name="add-inside">
          Add a step inside
        </Button>
      )}
    </>
  );
}
