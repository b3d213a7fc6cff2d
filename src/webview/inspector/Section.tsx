/** A part of the inspector that can be folded away. */
import { type ReactNode, useState } from 'react';
import { Icon } from '../ui/elements.tsx';

interface SectionProps {
  title: string;
  /** Beside the title: a count, a hint of what is set inside. */
  note?: string | undefined;
  open?: boolean;
  children: ReactNode;
}

/** What is folded away is not drawn: selects cannot measure their options there. */
export function Section({ title, note, open = false, children }: SectionProps) {
  const [shown, setShown] = useState(open);
  return (
    <details className="section" open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron-right" className="section-arrow" />
        <span className="section-title">{title}</span>
        {note !== undefined && note !== '' && <span className="section-note">{note}</span>}
      </summary>
      {shown && <div className="section-body">{children}</div>}
    </details>
  );
}
