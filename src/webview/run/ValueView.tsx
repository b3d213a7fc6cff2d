/** A value of a run, to be read: texts as they are, everything else as JSON; long ones open in an editor. */
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import { useEditor } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';

/** More characters than this are shown only in an editor. */
const MOST = 20_000;

function Text({ text }: { text: string }) {
  const cut = text.length > MOST;
  return (
    <pre className="value-text">
      {cut ? text.slice(0, MOST) : text}
      {cut && <em>{`\n… ${text.length - MOST} more characters: open it in an editor.`}</em>}
    </pre>
  );
}

/** One level of an object is laid open, because results of steps are small objects around a text. */
function Body({ value }: { value: Json }) {
  if (typeof value === 'string') return <Text text={value} />;
  if (!isJsonObject(value) || Object.keys(value).length === 0) return <Text text={JSON.stringify(value, null, 2)} />;
  return (
    <dl className="value-object">
      {Object.entries(value).map(([key, part]) => (
        <div key={key} className={typeof part === 'string' && part.length > 40 ? 'tall' : 'short'}>
          <dt>{key}</dt>
          <dd>
            <Text text={typeof part === 'string' ? part : JSON.stringify(part, null, 2)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface ValueViewProps {
  title: string;
  value: Json;
  /** Beside the title. */
  note?: string | undefined;
}

export function ValueView({ title, value, note }: ValueViewProps) {
  const editor = useEditor();
  return (
    <section className="value" aria-label={title}>
      <div className="value-head">
        <h3>{title}</h3>
        {note !== undefined && note !== '' && <span className="pill">{note}</span>}
        <span className="toolbar-space" />
        <IconButton
          icon="go-to-file"
          label={`Open “${title}” in an editor`}
          onClick={() => editor.post({ type: 'openValue', title: title.slice(0, 200), value })}
        />
      </div>
      <Body value={value} />
    </section>
  );
}
