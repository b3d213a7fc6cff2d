/** Opens a text in an editor of VS Code, where there is room for it: the text of the flow, or the file it names. */
import { useEditor } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';

interface OpenTextProps {
  title: string;
  node: string;
  path: (string | number)[];
  isFile?: boolean;
}

export function OpenText({ title, node, path, isFile = false }: OpenTextProps) {
  const editor = useEditor();
  return (
    <IconButton
      icon="go-to-file"
      label={`Open ${title} in Editor`}
      onClick={() => {
        editor.drafts.flush();
        editor.post({ type: 'openText', node, path, isFile });
      }}
      className="field-action"
      name="open-text"
    />
  );
}
