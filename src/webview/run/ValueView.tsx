/** A value of a run, to be read: texts as they are, everything else as JSON; long ones open in an editor. */
import { isJsonObject, type Json } from '../../engine/format/json.ts';
import { type ObjectRef, objectRefIn } from '../../engine/run/object-ref.ts';
import { bytesText } from '../state/format.ts';
import { useEditor, useEditorState } from '../ui/context.tsx';
import { IconButton } from '../ui/elements.tsx';

/** More characters than this are shown only in an editor. */
const MOST = 20_000;

/** As JSON for people; large parts that stand beside the journal are named by their size. */
function written(value: Json): string {
  const large = (_key: string, part: Json) => {
    const ref = objectRefIn(part);
    return ref ? `(${bytesText(ref.bytes)}: open it in an editor)` : part;
  };
  return JSON.stringify(value, large, 2);
}

function Text({ text }: { text: string }) {
  const cut = text.length > MOST;
  return (
    <pre className="value-text">
      {cut ? text.slice(0, MOST) : text}
      {cut && <em>{`\n… ${text.length - MOST} more characters: open it in an editor.`}</em>}
    </pre>
  );
}

/** A value that stands beside the journal: how it begins, and the way to the whole of it. */
function Large({ about, open }: { about: ObjectRef; open(): void }) {
  return (
    <div className="value-large">
      <pre className="value-text">
        {about.start}
        <em>{' …'}</em>
      </pre>
      <button type="button" className="link" onClick={open}>
        {bytesText(about.bytes)} – open
      </button>
    </div>
  );
}

function Part({ value, open }: { value: Json; open(): void }) {
  const ref = objectRefIn(value);
  if (ref) return <Large about={ref} open={open} />;
  return <Text text={typeof value === 'string' ? value : written(value)} />;
}

interface BodyProps {
  value: Json;
  open(value: Json): void;
}

/** One level of an object is laid open, because results of steps are small objects around a text. */
function Body({ value, open }: BodyProps) {
  if (!isJsonObject(value) || Object.keys(value).length === 0 || objectRefIn(value)) return <Part value={value} open={() => open(value)} />;
  return (
    <dl className="value-object">
      {Object.entries(value).map(([key, part]) => (
        <div key={key} className={(typeof part === 'string' && part.length > 40) || objectRefIn(part) ? 'tall' : 'short'}>
          <dt>{key}</dt>
          <dd>
            <Part value={part} open={() => open(part)} />
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
  /** The result of the node of this path, which can be compared with that of an earlier run. */
  comparable?: string | undefined;
}

export function ValueView({ title, value, note, comparable }: ValueViewProps) {
  const editor = useEditor();
  const runId = useEditorState((state) => state.run?.id);
  const open = (part: Json) =>
    editor.post({ type: 'openValue', title: title.slice(0, 200), value: part, ...(runId === undefined ? {} : { runId }) });
  return (
    <section className="value" aria-label={title}>
      <div className="value-head">
        <h3>{title}</h3>
        {note !== undefined && note !== '' && <span className="pill">{note}</span>}
        <span className="toolbar-space" />
        {comparable !== undefined && runId !== undefined && (
          <IconButton
            icon="diff"
            label={`Compare “${title}” with an earlier run`}
            onClick={() => editor.post({ type: 'compareOutput', runId, node: comparable })}
            name="compare"
          />
        )}
        <IconButton icon="go-to-file" label={`Open “${title}” in an editor`} onClick={() => open(value)} />
      </div>
      <Body value={value} open={open} />
    </section>
  );
}
