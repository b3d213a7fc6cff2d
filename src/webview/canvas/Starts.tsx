/** What an empty flow can begin with: patterns that teach how flows are built, and examples that run. */
import { useEffect, useState } from 'react';
import type { Start } from '../protocol/ask.ts';
import { useEditor } from '../ui/context.tsx';
import { Icon } from '../ui/elements.tsx';

const GROUPS: readonly { kind: Start['kind']; title: string }[] = [
  { kind: 'chat', title: 'Or let a model draft it' },
  { kind: 'pattern', title: 'Or start from a pattern' },
  { kind: 'example', title: 'Or from an example that runs' },
];

export function Starts() {
  const editor = useEditor();
  const [starts, setStarts] = useState<readonly Start[]>([]);
  useEffect(() => {
    let current = true;
    void editor.ask({ about: 'starts' }).then((found) => current && setStarts(found ?? []));
    return () => {
      current = false;
    };
  }, [editor]);
  return GROUPS.map(({ kind, title }) => {
    const group = starts.filter((start) => start.kind === kind);
    if (group.length === 0) return null;
    return (
      <section key={kind} className="starts" aria-label={title}>
        <h3>{title}</h3>
        <ul>
          {group.map(({ id, icon, title: name, about }) => (
            <li key={id}>
              <button type="button" className="start" onClick={() => editor.post({ type: 'startFrom', id })} data-action={`start-${id}`}>
                <Icon name={icon} />
                <span>
                  <strong>{name}</strong>
                  <span className="start-about">{about}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
    );
  });
}
