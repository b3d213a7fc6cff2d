/** Text with a little markup: headings, lists, strong, code. Elements only, so that no text can be more than text. */
import type { ReactNode } from 'react';

const INLINE = /\*\*([^*]+)\*\*|`([^`]+)`/g;

function inline(line: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    parts.push(line.slice(end, match.index));
    parts.push(match[1] === undefined ? <code key={match.index}>{match[2]}</code> : <strong key={match.index}>{match[1]}</strong>);
    end = match.index + match[0].length;
  }
  return [...parts, line.slice(end)];
}

function Line({ line }: { line: string }) {
  const heading = /^#{1,3} +(.*)$/.exec(line);
  if (heading) return <p className="note-heading">{inline(heading[1] ?? '')}</p>;
  const item = /^[-*] +(.*)$/.exec(line);
  if (item) return <p className="note-item">{inline(item[1] ?? '')}</p>;
  return <p>{line.trim() === '' ? '\u00a0' : inline(line)}</p>;
}

export function NoteText({ text }: { text: string }) {
  if (text.trim() === '') return <p className="note-empty">Empty note: press Enter or click twice to write</p>;
  return (
    <div className="note-text">
      {text.split(/\r\n|\n|\r/).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their order
        <Line key={index} line={line} />
      ))}
    </div>
  );
}
